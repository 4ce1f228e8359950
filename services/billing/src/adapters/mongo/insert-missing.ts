import { type Database, whenDurable } from "@greentick/runtime";
import { type Document } from "mongodb";

interface Inserted {
  readonly n: number;
  readonly writeConcernError?: { readonly errmsg: string };
  readonly writeErrors?: readonly { readonly code: number; readonly errmsg: string }[];
}
const duplicateKey = 11_000;

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
  const command = {
    insert: collection,
    documents,
    ordered: false,
    writeConcern: { w: whenDurable.w, j: whenDurable.journal },
  };
  const {
    n,
    writeErrors = [],
    writeConcernError,
  } = (await database.db.command(command, { ignoreUndefined: true })) as unknown as Inserted;
  const refused = writeErrors.find(({ code }) => code !== duplicateKey) ?? writeConcernError;
  if (refused !== undefined) throw new Error(`${collection}: ${refused.errmsg}`);
  return n;
}
