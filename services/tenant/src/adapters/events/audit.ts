import { eventCatalogue } from "@greentick/contracts";
import { type EventEnvelope } from "@greentick/kernel";
import { type ConsumerSpec } from "@greentick/runtime";

/** One event per message: their trail is the ledger and the kept webhooks. */
const tooMany = new Set(["status", "message", "replayed"]);

/** Everything else that happens anywhere leaves a line in the audit trail. */
export const auditConsumer = (keep: (events: readonly EventEnvelope[]) => Promise<void>): ConsumerSpec => ({
  name: "tenant.audit",
  on: [],
  batch: { events: eventCatalogue.filter((one) => !tooMany.has(one.stream)), handle: keep, batchSize: 200 },
});
