import { createHash } from "node:crypto";
import { makeId } from "@greentick/kernel";
import { type EntryIds } from "../../ports.js";

/** Ids of entries from SHA-256 over tenant, key and number: whoever decides the same thing again gets the same id. */
export const entryIds: EntryIds = (tenantId, key, seq, at) => {
  const tail = createHash("sha256").update(`${tenantId}\0${key}\0${seq}`).digest().subarray(0, 10);
  return makeId("entry", at.getTime(), tail);
};
