import { z } from "zod";
import { defineEvent } from "./define.js";
import { instant } from "./shapes.js";

export const dataSubjectDuties = ["export", "erasure"] as const;

/** Who holds what a person could ask for. A request is complete when each of them has answered. */
export const personalDataHolders = ["consent", "webhook"] as const;

/** The purpose under which each service hashes a person's number (digits of E.164) and business-scoped user id with its own key. */
export const personKeyPurpose = "person";

const duty = z.enum(dataSubjectDuties);
const holder = z.enum(personalDataHolders);

export const dataSubjectOpened = defineEvent(
  "data_subject.opened",
  1,
  "A person asked a client business for their data or for its erasure. Every holder says for which key it wants to be told who it is.",
  z.object({ requestId: z.string(), duty }),
);

export const dataSubjectHolderReady = defineEvent(
  "data_subject.holder_ready",
  1,
  "A holder has made a key for this request alone; its private half is thrown away with the answer, so that no copy of an event names the person.",
  z.object({ requestId: z.string(), holder, sealFor: z.string() }),
);

export const dataSubjectRequested = defineEvent(
  "data_subject.requested",
  1,
  "One holder is told who asked, sealed for its key of this request: it searches, exports or erases, and answers.",
  z.object({
    requestId: z.string(),
    holder,
    duty,
    requestedAt: instant,
    /** The person's names as a JSON list, sealed under the name `<requestId>/<holder>/person`. */
    sealedPerson: z.string(),
    /** Of an export: the public key (PEM) for which the holder seals what it found. Its other half is thrown away when the export ends. */
    sealFor: z.string().optional(),
  }),
);

export const dataSubjectAnswered = defineEvent(
  "data_subject.answered",
  1,
  "A holder of personal data has searched, and exported or erased what it found.",
  z.object({
    requestId: z.string(),
    holder,
    searched: z.string(),
    found: z.number(),
    erased: z.number(),
    kept: z.number(),
    /** Why something was kept; empty when nothing was. */
    keptBecause: z.string(),
    /** Of an export: the data as JSON text, sealed under the name `<requestId>/<holder>`. */
    sealedPart: z.string().optional(),
  }),
);

export const dataSubjectClosed = defineEvent(
  "data_subject.closed",
  1,
  "A person's request is done; its certificate can be read.",
  z.object({ requestId: z.string(), duty, certificateSha256: z.string() }),
);
