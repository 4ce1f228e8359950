import { MongoBulkWriteError } from "mongodb";

/** Written now, written before, or not known to be written. */
export type Written = "kept" | "there" | "failed";

const duplicateKey = 11_000;

/**
 * What became of each row of an unordered insert that failed. A duplicate key speaks for its own row alone. The rows without an error are kept
 * only when the store says that it inserted exactly these, and acknowledged them as asked: a write concern error is no error of a row, and
 * concerns them all. That a row was there does not tell that it would survive: the next acknowledged write proves that.
 */
export function writtenOf(error: unknown, count: number): readonly Written[] {
  if (!(error instanceof MongoBulkWriteError)) return Array.from({ length: count }, () => "failed");
  const codes = new Map([error.writeErrors].flat().map(({ index, code }) => [index, code]));
  const acknowledged = error.result.getWriteConcernError() === undefined;
  const others = acknowledged && error.insertedCount === count - codes.size ? "kept" : "failed";
  return Array.from({ length: count }, (_, at) => {
    if (!codes.has(at)) return others;
    return codes.get(at) === duplicateKey ? "there" : "failed";
  });
}
