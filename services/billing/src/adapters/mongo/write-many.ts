import { type Database, whenDurable } from "@greentick/runtime";
import { type Document } from "mongodb";

interface Written {
  readonly n: number;
  readonly writeConcernError?: { readonly errmsg: string };
  readonly writeErrors?: readonly { readonly code: number; readonly errmsg: string }[];
}
const duplicateKey = 11_000;

const durably = { ordered: false, writeConcern: { w: whenDurable.w, j: whenDurable.journal } };

/** A command has 16 MB in all, and a document of billing some tens of kilobytes at most. A batch of the bus is one command. */
const atOnce = 200;

async function inCommands<T>(all: readonly T[], write: (some: readonly T[]) => Promise<number>): Promise<number> {
  let n = 0;
  for (let from = 0; from < all.length; from += atOnce) n += await write(all.slice(from, from + atOnce));
  return n;
}

/**
 * Inserts the documents whose ids are not there yet, durably; returns how many. Raw commands: the driver's own list of operations would write out
 * each document twice, once to measure it.
 * @throws Error for every refusal that is no duplicate.
 */
export const insertMissing = (
  database: Database,
  collection: string,
  documents: readonly Document[],
): Promise<number> =>
  inCommands(documents, async (some) => {
    const command = { insert: collection, documents: some, ...durably };
    const { n, writeErrors = [], writeConcernError } = await run(database, command);
    const refused = writeErrors.find(({ code }) => code !== duplicateKey) ?? writeConcernError;
    if (refused !== undefined) throw new Error(`${collection}: ${refused.errmsg}`);
    return n;
  });

/** One change of one document. */
interface Change {
  /** Filter. */
  readonly q: Document;
  /** Operators, or a whole document. */
  readonly u: Document;
  readonly upsert?: boolean;
}

/** Changes documents durably, each by itself; returns how many were found or made. @throws Error for every refusal. */
export const changeMany = (database: Database, collection: string, changes: readonly Change[]): Promise<number> =>
  inCommands(changes, async (updates) => {
    const command = { update: collection, updates, ...durably };
    const { n, writeErrors = [], writeConcernError } = await run(database, command);
    const refused = writeErrors[0] ?? writeConcernError;
    if (refused !== undefined) throw new Error(`${collection}: ${refused.errmsg}`);
    return n;
  });

const run = async ({ db }: Database, command: Document): Promise<Written> =>
  (await db.command(command, { ignoreUndefined: true })) as unknown as Written;
