import { type Call, AppError, type EventEnvelope, onFaultPoint } from "@greentick/kernel";
import { aDefinition, aNote, type BenchBus, busBench, recorder, someTenants, until } from "@greentick/testing";
import { type Bus, type ConsumerSpec, type EventHandler } from "./contract.js";

const away = new AppError("PROVIDER_UNAVAILABLE", "meta_unreachable", "Meta does not answer.");

describe("a consumer", () => {
  const bench = busBench("consume");
  let one: BenchBus;
  let call: Call;
  let names = 0;
  beforeAll(async () => {
    one = await bench.open();
    call = bench.call(one.calls);
  });
  afterEach(() => {
    onFaultPoint(undefined);
  });
  /** A stream of its own for each test. */
  const aStream = (): string => `test_${String.fromCharCode(97 + names++)}`;
  const notes = (stream: string, count: number, key = "key"): EventEnvelope[] =>
    Array.from({ length: count }, (_, n) => aNote(call, { key, n }, aDefinition(stream)));
  const caughtUp = (bus: Bus, name: string): Promise<void> =>
    until(async () => (await bus.lag()).filter((lag) => lag.consumer === name).every((lag) => lag.behind === 0));
  const lettersOf = (name: string): ReturnType<Bus["deadLetters"]> => one.bus.deadLetters({ consumer: name });
  const table = (stream: string, handle: EventHandler, version = 1): ConsumerSpec => ({
    name: `${stream}.reader`,
    on: [{ event: aDefinition(stream, version), handle }],
  });

  it("is given a call of its service in the event's tenant, that knows what caused it and may do only what it was granted", async () => {
    const stream = aStream();
    const calls: Call[] = [];
    const heard = recorder();
    const handle: EventHandler = (given, event) => {
      calls.push(given);
      heard.keep(event);
      return Promise.resolve();
    };
    await one.bus.consume({ ...table(stream, handle), permissions: ["template:submit"] });
    const [event] = notes(stream, 1);
    if (event !== undefined) await one.bus.publish([event]);
    await heard.when((seen) => seen.length === 1);
    expect(calls[0]).toMatchObject({
      actor: { kind: "service", id: stream },
      tenantId: someTenants.casa,
      ancestorIds: [someTenants.provider],
      livemode: false,
      staff: false,
      permissions: new Set(["template:submit"]),
      causationId: event?.id,
      requestId: event?.requestId,
      correlationId: event?.correlationId,
    });
  });

  it("that is new begins at the first event of all, and is given only what it asked for", async () => {
    const stream = aStream();
    const wanted = notes(stream, 3);
    await one.bus.publish([...wanted, { ...aNote(call, { key: "key", n: 9 }), type: `${stream}.else` }]);
    const heard = recorder();
    await one.bus.consume(table(stream, keeping(heard)));
    await caughtUp(one.bus, `${stream}.reader`);
    expect(heard.seen.map((event) => event.id)).toEqual(wanted.map((event) => event.id));
  });

  it("gives one event to every line of its table, in the table's order", async () => {
    const stream = aStream();
    const order: string[] = [];
    const line =
      (word: string): EventHandler =>
      () =>
        Promise.resolve(void order.push(word));
    const on = ["first", "second"].map((word) => ({ event: aDefinition(stream), handle: line(word) }));
    await one.bus.consume({ name: `${stream}.reader`, on });
    await one.bus.publish(notes(stream, 2));
    await caughtUp(one.bus, `${stream}.reader`);
    expect(order).toEqual(["first", "second", "first", "second"]);
  });

  it("that is killed between handling and moving is given the same events again, and loses none", async () => {
    const stream = aStream();
    const heard = recorder();
    let kills = 0;
    onFaultPoint((name) => {
      if (name === "bus.handled" && heard.seen.some((event) => event.type.startsWith(stream)) && kills++ === 0)
        throw new Error("killed here");
    });
    await one.bus.publish(notes(stream, 3));
    await one.bus.consume(table(stream, keeping(heard)));
    await caughtUp(one.bus, `${stream}.reader`);
    expect(heard.notes().map((note) => note.n)).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it("buries a poisonous event after five tries, and handles its neighbours in their order", async () => {
    const stream = aStream();
    const heard = recorder();
    let tries = 0;
    await one.bus.consume(
      table(stream, (_, event) => {
        if ((event.data as { n: number }).n !== 1) return keeping(heard)(call, event);
        tries += 1;
        return Promise.reject(new AppError("BAD_USER_INPUT", "poison", "It cannot be read."));
      }),
    );
    const events = notes(stream, 3);
    await one.bus.publish(events);
    await caughtUp(one.bus, `${stream}.reader`);
    expect(heard.notes().map((note) => note.n)).toEqual([0, 2]);
    expect(tries).toBe(5);
    expect(await lettersOf(`${stream}.reader`)).toEqual([
      expect.objectContaining({
        event: events[1],
        reason: "failed",
        tries: 5,
        error: "BAD_USER_INPUT/poison: It cannot be read.",
      }),
    ]);
  });

  it("tries the events of a failed batch one by one, and buries only the one that cannot be handled", async () => {
    const stream = aStream();
    const heard = recorder();
    const handle = (events: readonly EventEnvelope[]): Promise<void> => {
      if (events.some((event) => (event.data as { n: number }).n === 2)) return Promise.reject(new Error("poison"));
      events.forEach(heard.keep);
      return Promise.resolve();
    };
    await one.bus.publish(notes(stream, 5));
    await one.bus.consume({
      name: `${stream}.reader`,
      on: [],
      batch: { events: [aDefinition(stream)], handle, batchSize: 50 },
    });
    await caughtUp(one.bus, `${stream}.reader`);
    expect(heard.notes().map((note) => note.n)).toEqual([0, 1, 3, 4]);
    expect(await lettersOf(`${stream}.reader`)).toMatchObject([{ tries: 5, error: "Error: poison" }]);
  });

  it("is given batches of at most its size, across records, in order", async () => {
    const stream = aStream();
    const sizes: number[] = [];
    const heard = recorder();
    const handle = (events: readonly EventEnvelope[]): Promise<void> => {
      sizes.push(events.length);
      events.forEach(heard.keep);
      return Promise.resolve();
    };
    for (const event of notes(stream, 25)) await one.bus.publish([event]);
    const batch = { events: [aDefinition(stream)], handle, batchSize: 10 };
    await one.bus.consume({ name: `${stream}.reader`, on: [], batch });
    await caughtUp(one.bus, `${stream}.reader`);
    expect(sizes).toEqual([10, 10, 5]);
    expect(heard.notes().map((note) => note.n)).toEqual(Array.from({ length: 25 }, (_, n) => n));
  });

  it("is given its event's version and older ones by the line that fits best; a newer one waits among the dead letters", async () => {
    const stream = aStream();
    const given: string[] = [];
    const line =
      (reader: number): EventHandler =>
      (_, event) =>
        Promise.resolve(void given.push(`${event.version} by ${reader}`));
    const on = [2, 1].map((version) => ({ event: aDefinition(stream, version), handle: line(version) }));
    const of = (version: number): EventEnvelope => ({
      ...aNote(call, { key: "key", n: version }),
      type: `${stream}.noted`,
      version,
    });
    await one.bus.consume({ name: `${stream}.reader`, on });
    await one.bus.publish([of(1), of(3), of(2)]);
    await caughtUp(one.bus, `${stream}.reader`);
    expect(given).toEqual(["1 by 1", "2 by 2"]);
    const [letter] = await lettersOf(`${stream}.reader`);
    expect(letter).toMatchObject({ reason: "unknown_version", tries: 0, event: { version: 3 } });
    expect(letter?.error).toContain("up to version 2, this is version 3");
    expect(await one.bus.redeliver(letter?.id ?? "")).toBe(true);
    expect(await lettersOf(`${stream}.reader`)).toHaveLength(1);
  });

  it("of batches is not given newer versions either", async () => {
    const stream = aStream();
    const heard = recorder();
    const handle = (events: readonly EventEnvelope[]): Promise<void> => {
      events.forEach(heard.keep);
      return Promise.resolve();
    };
    const newer = { ...aNote(call, { key: "key", n: 2 }), type: `${stream}.noted`, version: 2 };
    await one.bus.publish([...notes(stream, 1), newer]);
    await one.bus.consume({
      name: `${stream}.reader`,
      on: [],
      batch: { events: [aDefinition(stream)], handle, batchSize: 10 },
    });
    await caughtUp(one.bus, `${stream}.reader`);
    expect(heard.seen.map((event) => event.version)).toEqual([1]);
    expect(await lettersOf(`${stream}.reader`)).toMatchObject([{ event: { version: 2 } }]);
  });

  it("is more patient with a provider that is away than with a bug", async () => {
    const patience = {
      usual: { attempts: 2, firstDelayMs: 1, maxDelayMs: 1 },
      provider: { attempts: 6, firstDelayMs: 1, maxDelayMs: 1 },
    };
    const { bus } = await bench.open({ patience });
    const stream = aStream();
    const tries = { provider: 0, bug: 0 };
    await bus.consume(
      table(stream, (_, event) => {
        const kind = (event.data as { n: number }).n === 0 ? "provider" : "bug";
        tries[kind] += 1;
        return Promise.reject(kind === "provider" ? away : new Error("bug"));
      }),
    );
    await bus.publish(notes(stream, 2));
    await caughtUp(bus, `${stream}.reader`);
    expect(tries).toEqual({ provider: 6, bug: 2 });
  });

  it("stops in the middle of waiting for a provider, and the event comes again at the next start", async () => {
    const hour = { attempts: 9, firstDelayMs: 3_600_000, maxDelayMs: 3_600_000 };
    const { bus } = await bench.open({ patience: { usual: hour, provider: hour } });
    const stream = aStream();
    const tried = recorder();
    await bus.consume(
      table(stream, async (_, event) => {
        tried.keep(event);
        await Promise.reject(away);
      }),
    );
    const [event] = notes(stream, 1);
    if (event !== undefined) await bus.publish([event]);
    await tried.when((seen) => seen.length === 1);
    await bus.close();
    expect(await lettersOf(`${stream}.reader`)).toEqual([]);
    const heard = recorder();
    await one.bus.consume(table(stream, keeping(heard)));
    await heard.when((seen) => seen.some((again) => again.id === event?.id));
  });

  it("lets the event in hand finish when it stops, and is not given it again", async () => {
    const stream = aStream();
    const heard = recorder();
    let finish = (): void => undefined;
    const consumer = await one.bus.consume(
      table(stream, (_, event) => {
        heard.keep(event);
        return new Promise((resolve) => {
          finish = resolve;
        });
      }),
    );
    await one.bus.publish(notes(stream, 1));
    await heard.when((seen) => seen.length === 1);
    const stopping = consumer.stop();
    finish();
    await stopping;
    const again = recorder();
    await one.bus.consume(table(stream, keeping(again)));
    await caughtUp(one.bus, `${stream}.reader`);
    expect(again.seen).toEqual([]);
  });

  it("has a name that runs once in a process, and either a table or a batch handler", async () => {
    const spec = table(aStream(), () => Promise.resolve());
    await one.bus.consume(spec);
    await expect(one.bus.consume(spec)).rejects.toThrow("runs in this process already");
    const batch = { events: [aDefinition()], handle: () => Promise.resolve(), batchSize: 1 };
    await expect(one.bus.consume({ ...spec, name: "both.at_once", batch })).rejects.toThrow("both a table and a batch");
  });

  it("is as far behind as there are events it has not passed, and runs until it stops", async () => {
    const stream = aStream();
    const running = await one.bus.consume(table(stream, () => Promise.resolve()));
    await running.stop();
    await one.bus.publish(notes(stream, 7));
    const lag = (await one.bus.lag()).filter((place) => place.consumer === `${stream}.reader`);
    expect(lag.reduce((sum, place) => sum + place.behind, 0)).toBe(7);
    expect(new Set(lag.map((place) => place.running))).toEqual(new Set([false]));
  });
});

describe("a dead letter", () => {
  const bench = busBench("letters");
  const patience = {
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
    await dying.bus.consume({
      ...spec,
      on: [
        {
          event: aDefinition(),
          handle: (_, event) => {
            taken.keep(event);
            return new Promise(() => undefined);
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

describe("an event that is newer than the process that meets it reads", () => {
  const bench = busBench("versions");
  const leaseMs = 400;
  const release = (version: number, heard: ReturnType<typeof recorder>): ConsumerSpec => ({
    name: "versions.reader",
    on: [{ event: aDefinition("versions", version), handle: keeping(heard) }],
  });

  const numbers = (heard: ReturnType<typeof recorder>): ReadonlySet<number> => new Set(heard.notes().map(({ n }) => n));

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

const keeping =
  (heard: ReturnType<typeof recorder>): EventHandler =>
  (_, event) => {
    heard.keep(event);
    return Promise.resolve();
  };
