import { type EventEnvelope } from "@greentick/kernel";
import { auditRecordOf } from "../domain/audit.js";
import { type AuditStore } from "../ports.js";

/** Writes the trail's lines for a batch of events of any tenants. Safe to repeat: each event is kept once. */
export const keepAudit =
  ({ audit }: { readonly audit: AuditStore }) =>
  (events: readonly EventEnvelope[]): Promise<void> =>
    audit.keep(events.map(auditRecordOf));
