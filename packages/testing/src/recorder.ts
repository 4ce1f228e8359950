import { type EventEnvelope } from "@greentick/kernel";
import { type Noted } from "./bus-bench.js";

/** Keeps what a handler is given, and tells when there is enough of it. */
export interface Recorder {
  readonly seen: EventEnvelope[];
  readonly keep: (event: EventEnvelope) => void;
  /** Resolves when the condition holds for what was seen; asked again after every event. */
  readonly when: (condition: (seen: readonly EventEnvelope[]) => boolean) => Promise<void>;
  readonly notes: () => readonly Noted[];
}

export function recorder(): Recorder {
  const seen: EventEnvelope[] = [];
  const waiting = new Set<() => void>();
  return {
    seen,
    keep: (one) => {
      seen.push(one);
      for (const look of waiting) look();
    },
    when: (condition) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!condition(seen)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    notes: () => seen.map((one) => one.data as Noted),
  };
}

const longestWaitMs = 600_000;

/** Asks until the answer is yes. @throws Error before the test's own time limit, which would leave the asking behind for ever. */
export async function until(yes: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + longestWaitMs;
  while (!(await yes())) {
    if (performance.now() > end) throw new Error(`What the test waits for did not come in ${longestWaitMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
