import { hash } from "node:crypto";
import { idTime, makeId } from "@greentick/kernel";
import { type EntryIds } from "../../ports.js";
import { type ProposalIds } from "../../ports/replay.js";

/** Ten bytes of the hash, that is twenty digits: as text it costs a third of what it costs as bytes. */
const tailOf = (...parts: readonly (string | number)[]): Buffer =>
  Buffer.from(hash("sha256", parts.join("\0"), "hex").slice(0, 20), "hex");

/** Ids of entries from SHA-256 over tenant, key and number: whoever decides the same thing again gets the same id. */
export const entryIds: EntryIds = (tenantId, key, seq, at) => makeId("entry", at.getTime(), tailOf(tenantId, key, seq));

/** Ids of proposals in the same way, with the time of their replay. */
export const proposalIds: ProposalIds = (tenantId, replayId, factId) =>
  makeId("correctionProposal", idTime(replayId) ?? 0, tailOf(tenantId, replayId, factId));
