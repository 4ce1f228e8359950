import { randomBytes } from "node:crypto";
import { wordsOf } from "./caught.js";
import { type EmbeddedStore } from "./embedded.js";
import { guarantees, withBench } from "./guarantees.js";
import { type Store } from "./store.js";
import { survivesKill } from "./survives-kill.js";

export interface CheckRow {
  guarantee: string;
  /** "not checked": only the embedded engine is ours to kill. */
  result: "holds" | "BROKEN" | "not checked";
  seen: string;
}

/**
 * Tries to break, on this store, what the platform relies on. Writes to a database of its own name and drops it.
 * The store must not be in use for anything else: the embedded engine is killed several times.
 */
export async function checkStore(store: Store): Promise<CheckRow[]> {
  const database = `store_check_${randomBytes(4).toString("hex")}`;
  const rows = await withBench(store.uri, database, async (bench) => {
    const seen: CheckRow[] = [];
    for (const { name, holds } of guarantees) seen.push(await rowOf(name, () => holds(bench)));
    return seen;
  });
  return [...rows, await killRow(store, database)];
}

const KILL = { rounds: 5, writers: 20, writesBeforeKill: 500 };

async function killRow(store: Store, database: string): Promise<CheckRow> {
  const guarantee = "an acknowledged write survives kill -9";
  if (!isEmbedded(store))
    return { guarantee, result: "not checked", seen: `a ${store.kind} store is not ours to kill` };
  return rowOf(guarantee, () => survivesKill(store, database, KILL));
}

const isEmbedded = (store: Store): store is EmbeddedStore => store.kind === "embedded" && "pid" in store;

async function rowOf(guarantee: string, holds: () => Promise<string>): Promise<CheckRow> {
  try {
    return { guarantee, result: "holds", seen: await holds() };
  } catch (error) {
    return { guarantee, result: "BROKEN", seen: wordsOf(error) };
  }
}
