import { type Database, whenDurable } from "@greentick/runtime";
import { type Document } from "mongodb";

interface Written {
  readonly n: number;
  readonly writeConcernError?: { readonly errmsg: string };
  readonly writeErrors?: readonly { readonly code: number; readonly errmsg: string }[];
}
const duplicateKey = 11_000;

const durably = { ordered: false, writeConcern: { w: whenDurable.w, j: whenDurable.journal } };

/**
 * Inserts the documents whose ids are not there yet, durably; returns how many. One command: the driver's own list of operations would write out
 * each document twice, once to measure it.
 * @throws Error for every refusal that is no duplicate.
 */
export async function insertMissing(
  database: Database,
  collection: string,
  documents: readonly Document[],
): Promise<number> {
  if (documents.length === 0) return 0;
  const { n, writeErrors = [], writeConcernError } = await run(database, { insert: collection, documents, ...durably });
  const refused = writeErrors.find(({ code }) => code !== duplicateKey) ?? writeConcernError;
  if (refused !== undefined) throw new Error(`${collection}: ${refused.errmsg}`);
  return n;
}

/** One change of one document. */
interface Change {
  /** Filter. */
  readonly q: Document;
  /** Operators, or a whole document. */
  readonly u: Document;
  readonly upsert?: boolean;
}

/** Changes documents durably, each by itself, in one command; returns how many were found or made. @throws Error for every refusal. */
export async function changeMany(database: Database, collection: string, updates: readonly Change[]): Promise<number> {
  if (updates.length === 0) return 0;
  const { n, writeErrors = [], writeConcernError } = await run(database, { update: collection, updates, ...durably });
  const refused = writeErrors[0] ?? writeConcernError;
  if (refused !== undefined) throw new Error(`${collection}: ${refused.errmsg}`);
  return n;
}

const run = async ({ db }: Database, command: Document): Promise<Written> =>
  (await db.command(command, { ignoreUndefined: true })) as unknown as Written;
