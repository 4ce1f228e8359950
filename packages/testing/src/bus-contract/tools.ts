import { type Call, type EventEnvelope } from "@greentick/kernel";
import { aDefinition, aNote } from "../bus-bench.js";
import { type Recorder, until } from "../recorder.js";
import { type Bus, type ConsumerSpec, type EventHandler } from "@greentick/runtime";

/** Streams of a test's own, and what is said on them. */
export interface Streams {
  readonly next: () => string;
  readonly notes: (stream: string, count: number, key?: string) => EventEnvelope[];
}

export function streams(call: Call, word: string): Streams {
  let names = 0;
  return {
    next: () => `${word}_${String.fromCharCode(97 + names++)}`,
    notes: (stream, count, key = "key") =>
      Array.from({ length: count }, (_, n) => aNote(call, { key, n }, aDefinition(stream))),
  };
}

/** Nothing is left for the consumer to pass. */
export const caughtUp = (bus: Bus, name: string): Promise<void> =>
  until(async () => {
    const places = (await bus.lag()).filter((lag) => lag.consumer === name);
    return places.length > 0 && places.every((lag) => lag.behind === 0);
  });

export const table = (stream: string, handle: EventHandler, version = 1): ConsumerSpec => ({
  name: `${stream}.reader`,
  on: [{ event: aDefinition(stream, version), handle }],
});

export const batches = (
  stream: string,
  batchSize: number,
  handle: (events: readonly EventEnvelope[]) => Promise<void>,
): ConsumerSpec => ({ name: `${stream}.reader`, on: [], batch: { events: [aDefinition(stream)], handle, batchSize } });

export const keeping =
  (heard: Recorder): EventHandler =>
  (_, event) => {
    heard.keep(event);
    return Promise.resolve();
  };

export const numberOf = (event: EventEnvelope): number => (event.data as { n: number }).n;
