import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type EventEnvelope } from "@greentick/kernel";
import { aDefinition, aNote, type BusAdapter, busBench } from "../bus-bench.js";
import { until } from "../recorder.js";
import { caughtUp, numberOf } from "./tools.js";

const stream = "killing";
const consumer = "killing.reader";
const poison = 3;

/** Real processes that end by SIGKILL in the middle of an event, again and again. */
export function killingContract(adapter: BusAdapter): void {
  describe("a process that is killed by an event it handles", () => {
    const bench = busBench("killing", adapter);
    const workers: ChildProcess[] = [];
    afterEach(() => {
      for (const worker of workers) worker.kill("SIGKILL");
    });
    /** Tells the numbers of the events that it has handled. */
    const worker = (handled: number[]): ChildProcess => {
      const parts = JSON.stringify({ ...bench.whereabouts(), stream, consumer, poison });
      const child = spawn(process.execPath, [join(__dirname, "worker.cjs"), parts], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      createInterface({ input: child.stdout }).on("line", (line) => handled.push(Number(line)));
      workers.push(child);
      return child;
    };

    it("is followed by others, which handle everything else once in its order; the event lies among the dead letters", async () => {
      const { bus, calls } = await bench.open();
      const call = bench.call(calls);
      const notes = Array.from({ length: 6 }, (_, n) => aNote(call, { key: "key", n }, aDefinition(stream)));
      for (const note of notes) await bus.publish([note]);
      const handled: number[] = [];
      for (let deaths = 0; deaths < 2; deaths++) {
        const [, signal] = (await once(worker(handled), "exit")) as [unknown, string | null];
        expect(signal).toBe("SIGKILL");
      }
      worker(handled);
      await until(() => Promise.resolve(handled.includes(5)));
      await caughtUp(bus, consumer);
      expect([...new Set(handled)]).toEqual([0, 1, 2, 4, 5]);
      const letters = await bus.deadLetters({ consumer });
      expect(letters.map(({ event }: { event: EventEnvelope }) => numberOf(event))).toEqual([poison]);
      expect(letters[0]?.error).toContain("ended with its process");
    });
  });
}
