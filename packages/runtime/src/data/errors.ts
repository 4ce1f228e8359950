import { MongoServerError } from "mongodb";

/** True for a unique index violation (server code 11000), from the driver or through mongoose. */
export const isDuplicateKey = (error: unknown): boolean =>
  (error instanceof MongoServerError || (error instanceof Error && "code" in error)) &&
  (error as { code?: unknown }).code === 11000;

/** The name of the violated index, read from the server's words; empty when it does not say. */
export function duplicateIndexOf(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  return /index: (?:\S+\.\$)?(\S+) dup key/.exec(message)?.[1] ?? "";
}
