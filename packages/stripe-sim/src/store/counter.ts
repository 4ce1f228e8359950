import { type Collection } from "mongodb";

export interface CounterRow {
  _id: string;
  next: number;
}
export interface Counter {
  next: () => Promise<number>;
  forget: () => Promise<void>;
}

const block = 1000;

/** Numbers from blocks reserved in the database: one write per thousand; a restart goes on with the next block. */
export function createCounter(counters: Collection<CounterRow>, _id: string): Counter {
  let next = 0;
  let end = 0;
  let reserving: Promise<void> | undefined;
  const reserve = async (): Promise<void> => {
    const row = await counters.findOneAndUpdate(
      { _id },
      { $inc: { next: block } },
      { upsert: true, returnDocument: "after" },
    );
    end = row?.next ?? block;
    next = end - block;
  };
  return {
    next: async () => {
      while (next >= end) {
        reserving ??= reserve().finally(() => {
          reserving = undefined;
        });
        await reserving;
      }
      return next++;
    },
    forget: async () => {
      await counters.deleteOne({ _id });
      next = end = 0;
    },
  };
}
