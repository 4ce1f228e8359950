import { event, type EventOptions, numberChanged, wabaChanged } from "@greentick/contracts";
import { type DomainEvent } from "@greentick/kernel";
import { type Change } from "../domain/mirror.js";
import { type PhoneNumber } from "../domain/phone-number.js";
import { type Waba } from "../domain/waba.js";

const shown = (change: Change): { field: string; from?: string; to: string } => ({
  field: change.field,
  ...(change.from !== undefined && { from: change.from }),
  to: change.to,
});

/** A look that finds another word than the webhooks left is drift. */
const why = (change: Change): EventOptions => ({
  reason: {
    webhook: "reported by Meta",
    sync: "drift found by a look at Meta",
    signup: "seen while a signup step was checked",
  }[change.source],
});

export const numberChanges = (number: PhoneNumber, changes: readonly Change[]): readonly DomainEvent[] =>
  changes.map((change) =>
    event(numberChanged, { phoneNumberId: number.phoneNumberId, recordId: number.id, ...shown(change) }, why(change)),
  );

export const wabaChanges = (waba: Waba, changes: readonly Change[]): readonly DomainEvent[] =>
  changes.map((change) =>
    event(wabaChanged, { wabaId: waba.wabaId, recordId: waba.id, ...shown(change) }, why(change)),
  );
