import { event, legalHoldLifted, legalHoldPlaced, retentionEnded, tenantErased } from "@greentick/contracts";
import { allow, type Call, tenantScope } from "@greentick/kernel";
import { dueForErasure, erase, liftHold, placeHold } from "../domain/closing.js";
import { type Tenant } from "../domain/tenant.js";
import { type TenantStore, type TimerPort } from "../ports.js";
import { inSight } from "./tenants-in-sight.js";

interface Ports {
  readonly tenants: TenantStore;
  readonly timers: TimerPort;
}

/** Kind of the durable timer at the end of a retention period; it is about the kind of data. */
export const retentionEnds = "tenant.retention";

/** One timer for each kind of data that is still kept. Safe to repeat. */
export const scheduleErasure =
  ({ tenants, timers }: Ports) =>
  async (call: Call): Promise<void> => {
    const { retention } = await tenants.get(tenantScope(call), call.tenantId);
    for (const { kind, until, endedAt } of retention)
      if (endedAt === undefined) await timers.set(call, { kind: retentionEnds, about: kind, dueAt: until });
  };

/**
 * Erases of the call's tenant whatever is due, and says so, so that every holder does the same; with the last of it the tenant counts as
 * erased. Under a legal hold nothing happens: lifting it asks again. Safe to repeat.
 */
export const eraseWhatIsDue =
  ({ tenants }: Pick<Ports, "tenants">) =>
  async (call: Call): Promise<void> => {
    allow(call, "tenant:write");
    const tenant = await tenants.get(tenantScope(call), call.tenantId);
    const at = call.now();
    const due = dueForErasure(tenant, at);
    if (due.length === 0) return;
    const after = erase(tenant, due, at);
    const ended = due.map((kind) => event(retentionEnded, { tenantId: tenant.id, kind, at }));
    const last = after.erasedAt === undefined ? [] : [event(tenantErased, { tenantId: tenant.id, at })];
    await tenants.save(call, after, [...ended, ...last]);
    call.log.info({ kinds: due, last: last.length > 0 }, "retention ended");
  };

export type PlaceLegalHold = (
  call: Call,
  input: { readonly tenantId: string; readonly reason: string },
) => Promise<Tenant>;

/** Nothing of the tenant is erased until the hold is lifted. @throws CONFLICT/legal_hold_stands, CONFLICT/tenant_erased. */
export const placeLegalHold =
  ({ tenants }: Pick<Ports, "tenants">): PlaceLegalHold =>
  async (call, { tenantId, reason }) => {
    allow(call, "tenant:hold");
    const tenant = await tenants.get(inSight(call), tenantId);
    const held = placeHold(tenant, { reason, now: call.now(), placedBy: call.actor.id });
    return tenants.save(call, held, [event(legalHoldPlaced, { tenantId: held.id }, { reason: reason.trim() })]);
  };

/** What became due meanwhile is erased by the event. @throws CONFLICT/no_legal_hold. */
export const liftLegalHold =
  ({ tenants }: Pick<Ports, "tenants">): PlaceLegalHold =>
  async (call, { tenantId, reason }) => {
    allow(call, "tenant:hold");
    const free = liftHold(await tenants.get(inSight(call), tenantId));
    return tenants.save(call, free, [event(legalHoldLifted, { tenantId: free.id }, { reason: reason.trim() })]);
  };
