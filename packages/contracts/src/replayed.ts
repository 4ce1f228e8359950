import { z } from "zod";
import { defineEvent } from "./define.js";
import { messageStatusReceived } from "./webhook.js";

/*
 * What the door says of kept bodies that it reads once more for a replay of the ledger. The events of one replay have its id as their key, and are
 * about the client: they come in order, the end behind all that it counts.
 */

export const statusReplayed = defineEvent(
  "replayed.status",
  1,
  "A kept status, read again with the code as it is, for one replay of the ledger alone.",
  messageStatusReceived.data.extend({ replayId: z.string() }),
);
export const replayTold = defineEvent(
  "replayed.told",
  1,
  "The door has gone through the range of a replay; these are its figures.",
  z.object({
    replayId: z.string(),
    bodies: z.number().int(),
    /** Statuses handed on, each once. */
    statuses: z.number().int(),
    /** Statuses that a person's erasure has blanked. */
    blanked: z.number().int(),
    /** Updates that wait in quarantine or cannot be read. */
    held: z.number().int(),
    /** Bodies of which only the hash is left. */
    erased: z.number().int(),
  }),
);
