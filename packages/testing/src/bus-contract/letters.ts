import { aDefinition, aNote, type BenchBus, type BusAdapter, busBench } from "../bus-bench.js";
import { recorder, until } from "../recorder.js";
import { type Bus, type ConsumerSpec } from "@greentick/runtime";
import { keeping } from "./tools.js";

/** What becomes of a dead letter. */
export function lettersContract(adapter: BusAdapter): void {
  describe("a dead letter", () => {
    const bench = busBench("letters", adapter);
    const patience = {
      deliveries: 5,
      usual: { attempts: 1, firstDelayMs: 1, maxDelayMs: 1 },
      provider: { attempts: 1, firstDelayMs: 1, maxDelayMs: 1 },
    };
    let one: BenchBus;
    let broken = true;
    const heard = recorder();
    const spec: ConsumerSpec = {
      name: "letters.reader",
      on: [
        {
          event: aDefinition(),
          handle: (given, event) => (broken ? Promise.reject(new Error("broken")) : keeping(heard)(given, event)),
        },
      ],
    };
    /** Buried and passed: from here on only a redelivery hands it in. */
    const buried = (bus: Bus): Promise<void> =>
      until(
        async () =>
          (await bus.deadLetters()).length === 1 &&
          (await bus.lag()).every((lag) => lag.consumer !== spec.name || lag.behind === 0),
      );
    beforeEach(async () => {
      broken = true;
      one = await bench.open({ patience, leaseMs: 400 });
      await one.bus.consume(spec);
      await one.bus.publish([aNote(bench.call(one.calls), { key: "key", n: heard.seen.length })]);
      await buried(one.bus);
    });
    afterEach(() => one.bus.close());
    const theLetter = async (): Promise<string> => (await one.bus.deadLetters())[0]?.id ?? "";

    it("leaves the box when it was handled at last", async () => {
      broken = false;
      expect(await one.bus.redeliver(await theLetter())).toBe(true);
      expect(heard.seen).toHaveLength(1);
      expect(await one.bus.deadLetters()).toEqual([]);
    });

    it("stays in the box when it fails again, and can be handed in once more", async () => {
      expect(await one.bus.redeliver(await theLetter())).toBe(true);
      expect(await one.bus.deadLetters()).toMatchObject([{ error: "Error: broken" }]);
      broken = false;
      await one.bus.redeliver(await theLetter());
      expect(await one.bus.deadLetters()).toEqual([]);
    });

    it("is handed in once, however many ask for it at the same time and in however many processes", async () => {
      const other = await bench.open({ patience, leaseMs: 400 });
      const id = await theLetter();
      const before = heard.seen.length;
      broken = false;
      const asked = await Promise.all([one, other, one, one, other].map(({ bus }) => bus.redeliver(id)));
      expect(asked).toContain(true);
      await until(async () => (await other.bus.deadLetters()).length === 0);
      expect(heard.seen.length - before).toBe(1);
      expect(await one.bus.redeliver(id)).toBe(false);
      expect(heard.seen.length - before).toBe(1);
    });

    it("stays wanted when the process that has it in hand dies, and the next one hands it in", async () => {
      const dying = await bench.open({ patience, leaseMs: 400 });
      await one.bus.close();
      const taken = recorder();
      // Whoever closes a bus waits for what is in hand there, so it has to end some time.
      let end = (): void => undefined;
      const inHand = new Promise<void>((resolve) => {
        end = resolve;
      });
      await dying.bus.consume({
        ...spec,
        on: [
          {
            event: aDefinition(),
            handle: (_, event) => {
              taken.keep(event);
              return inHand;
            },
          },
        ],
      });
      const id = (await dying.bus.deadLetters())[0]?.id ?? "";
      void dying.bus.redeliver(id).catch(() => undefined);
      await taken.when((seen) => seen.length === 1);
      await dying.crash();
      broken = false;
      one = await bench.open({ patience, leaseMs: 400 });
      const before = heard.seen.length;
      await one.bus.consume(spec);
      await until(async () => (await one.bus.deadLetters()).length === 0);
      end();
      expect(heard.seen.length - before).toBe(1);
    });

    it("whose type its consumer has stopped reading says so, and stays", async () => {
      await one.bus.close();
      one = await bench.open({ patience, leaseMs: 400 });
      await one.bus.consume({ ...spec, on: [{ event: aDefinition("elsewhere"), handle: keeping(heard) }] });
      expect(await one.bus.redeliver(await theLetter())).toBe(true);
      expect((await one.bus.deadLetters())[0]?.error).toContain("letters.reader does not read bench.noted any more");
      await one.bus.close();
      broken = false;
      one = await bench.open({ patience, leaseMs: 400 });
      await one.bus.consume(spec);
      await one.bus.redeliver(await theLetter());
    });

    it("that does not exist cannot be handed in", async () => {
      expect(await one.bus.redeliver("letters.reader:evt_nothing")).toBe(false);
      broken = false;
      await one.bus.redeliver(await theLetter());
    });

    it("is handed in by the process that runs its consumer, whoever was asked", async () => {
      const other = await bench.open();
      broken = false;
      expect(await other.bus.redeliver(await theLetter())).toBe(true);
      await until(async () => (await other.bus.deadLetters()).length === 0);
      expect(heard.seen.length).toBeGreaterThan(0);
    });
  });
}

/** What becomes of an event that is newer than its reader. */
export function versionsContract(adapter: BusAdapter): void {
  describe("an event that is newer than the process that meets it reads", () => {
    const bench = busBench("versions", adapter);
    const leaseMs = 400;
    const release = (version: number, heard: ReturnType<typeof recorder>): ConsumerSpec => ({
      name: "versions.reader",
      on: [{ event: aDefinition("versions", version), handle: keeping(heard) }],
    });

    const numbers = (heard: ReturnType<typeof recorder>): ReadonlySet<number> =>
      new Set(heard.notes().map(({ n }) => n));

    it("is parked in sight of everybody while that release runs, and handled by the next one without anybody asking", async () => {
      const [old, fresh] = [await bench.open({ leaseMs }), await bench.open({ leaseMs })];
      const [byOld, byNew] = [recorder(), recorder()];
      await old.bus.consume(release(1, byOld));
      const call = bench.call(old.calls);
      const notes = [1, 2, 2, 1].map((version, n) => aNote(call, { key: "key", n }, aDefinition("versions", version)));
      await old.bus.publish(notes);
      await until(async () => (await old.bus.deadLetters()).length === 2);
      await byOld.when((seen) => seen.length === 2);
      const parked = await fresh.bus.deadLetters();
      expect(parked.map(({ event }) => event.id).sort()).toEqual([notes[1]?.id, notes[2]?.id].sort());
      expect(parked).toMatchObject(Array(2).fill({ reason: "unknown_version", tries: 0 }));
      await fresh.bus.consume(release(2, byNew));
      await until(async () => (await old.bus.deadLetters()).length === 0);
      expect(numbers(byNew)).toEqual(new Set([1, 2]));
      expect(numbers(byOld)).toEqual(new Set([0, 3]));
      await Promise.all([old.bus.close(), fresh.bus.close()]);
    });

    it("is handled although the old release still runs beside the new one and meets it first", async () => {
      const [old, fresh] = [await bench.open({ leaseMs }), await bench.open({ leaseMs })];
      const [byOld, byNew] = [recorder(), recorder()];
      await fresh.bus.consume(release(2, byNew));
      await old.bus.consume(release(1, byOld));
      const call = bench.call(fresh.calls);
      const keys = Array.from({ length: 12 }, (_, n) => `key ${n}`);
      const notes = keys.map((key, n) => aNote(call, { key, n }, aDefinition("versions", 2)));
      await fresh.bus.publish(notes);
      await byNew.when((seen) => new Set(seen.map(({ id }) => id)).size === notes.length);
      await until(async () => (await fresh.bus.deadLetters()).length === 0);
      expect(byOld.seen).toEqual([]);
      await Promise.all([old.bus.close(), fresh.bus.close()]);
    });
  });
}
