import { setTimeout } from "node:timers/promises";
import { type Db, type Document } from "mongodb";

const enough = 8 * 1_048_576;

/**
 * Waits until the store has written out what it was given, which it does once a minute: whoever measures behind a filling would pay for it otherwise.
 * @throws Error when there are still more than 8 MiB after so many seconds.
 */
export async function writtenOut(db: Db, seconds = 180): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    const { wiredTiger } = (await db.command({ serverStatus: 1 })) as { wiredTiger: { cache: Document } };
    if (Number(wiredTiger.cache["tracked dirty bytes in the cache"]) < enough) return;
    await setTimeout(1_000);
  }
  throw new Error(`The store still has more than 8 MiB to write out after ${seconds} seconds.`);
}
