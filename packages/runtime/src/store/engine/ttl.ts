import { type Document } from "mongodb";
import { ask, CommandFailed } from "./ask.js";
import { type EmbeddedEngine } from "./embedded-engine.js";

/** How often a real server looks for expired documents, and so do we. */
export const TTL_INTERVAL_MS = 60_000;

/**
 * Deletes what the TTL indexes of all databases say has expired at `now`, as a server's TTL monitor does: a document
 * expires when its date (or the earliest of an array of dates) is `expireAfterSeconds` in the past. Safe to repeat.
 * @returns how many documents were deleted.
 */
export async function deleteExpired(engine: EmbeddedEngine, now: Date): Promise<number> {
  let deleted = 0;
  for (const { db, collection, index } of await ttlIndexes(engine)) {
    const reply = await ask(engine, { delete: collection, deletes: [{ q: expired(index, now), limit: 0 }], $db: db });
    deleted += Number(reply["n"]);
  }
  return deleted;
}

interface TtlIndex {
  db: string;
  collection: string;
  index: Document;
}

async function ttlIndexes(engine: EmbeddedEngine): Promise<TtlIndex[]> {
  const { databases } = await ask(engine, { listDatabases: 1, nameOnly: true, $db: "admin" });
  const found: TtlIndex[] = [];
  for (const { name: db } of databases as { name: string }[]) {
    const filter = { type: "collection", name: { $not: /^system\./ } };
    for (const { name } of await all(engine, { listCollections: 1, nameOnly: true, filter, $db: db })) {
      const collection = String(name);
      const indexes = await all(engine, { listIndexes: collection, $db: db }).catch(unlessDropped);
      found.push(...indexes.filter(isTtl).map((index) => ({ db, collection, index })));
    }
  }
  return found;
}

const isTtl = ({ expireAfterSeconds, key }: Document): boolean =>
  typeof expireAfterSeconds === "number" &&
  Number.isFinite(expireAfterSeconds) &&
  Object.keys(key as Document).length === 1;

function expired({ key, expireAfterSeconds, partialFilterExpression }: Document, now: Date): Document {
  const [field = "_id"] = Object.keys(key as Document);
  const before = new Date(now.getTime() - Number(expireAfterSeconds) * 1000);
  const due = { [field]: { $lt: before } };
  return partialFilterExpression ? { $and: [due, partialFilterExpression] } : due;
}

/** A collection may be dropped between two questions; then it has nothing left to expire. */
function unlessDropped(error: unknown): Document[] {
  if (error instanceof CommandFailed && error.code === 26) return [];
  throw error;
}

async function all(engine: EmbeddedEngine, command: Document): Promise<Document[]> {
  const rows: Document[] = [];
  let { cursor } = (await ask(engine, command)) as { cursor: Cursor };
  for (rows.push(...(cursor.firstBatch ?? [])); !isDone(cursor); rows.push(...(cursor.nextBatch ?? []))) {
    const more = {
      getMore: cursor.id,
      collection: cursor.ns.slice(cursor.ns.indexOf(".") + 1),
      $db: command["$db"] as string,
    };
    ({ cursor } = (await ask(engine, more)) as { cursor: Cursor });
  }
  return rows;
}

interface Cursor {
  id: bigint;
  ns: string;
  firstBatch?: Document[];
  nextBatch?: Document[];
}

const isDone = ({ id }: Cursor): boolean => id === 0n;
