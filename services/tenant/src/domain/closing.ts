import { tenantErrors } from "./errors.js";
import { type RetentionKind, type RetentionPolicy, retentionFrom } from "./retention.js";
import { changeStatus, type Tenant } from "./tenant.js";
import { checkedText } from "./tenant-settings.js";
import { without } from "./without.js";

/** Ends a tenant and says what of it is erased when. @throws CONFLICT/tenant_closed, CONFLICT/provider_stays. */
export function close(
  tenant: Tenant,
  why: { readonly reason: string; readonly now: Date; readonly policy: RetentionPolicy },
): Tenant {
  const closed = changeStatus(tenant, "close", why);
  return { ...closed, closedAt: why.now, retention: retentionFrom(why.policy, why.now) };
}

/** What is due for erasure now; nothing while a legal hold stands. */
export const dueForErasure = ({ retention, legalHold }: Tenant, now: Date): readonly RetentionKind[] =>
  legalHold === undefined
    ? retention.filter(({ until, endedAt }) => endedAt === undefined && until <= now).map(({ kind }) => kind)
    : [];

/** The tenant without what is due, and whether that was the last of its personal data. */
export function erase(tenant: Tenant, kinds: readonly RetentionKind[], now: Date): Tenant {
  const retention = tenant.retention.map((record) =>
    kinds.includes(record.kind) ? { ...record, endedAt: now } : record,
  );
  const last = retention.every(({ endedAt }) => endedAt !== undefined);
  return {
    ...tenant,
    retention,
    ...(kinds.includes("contacts") && { contacts: [] }),
    ...(last && { contacts: [], erasedAt: now }),
  };
}

/** @throws CONFLICT/legal_hold_stands, CONFLICT/tenant_erased. */
export function placeHold(
  tenant: Tenant,
  hold: { readonly reason: string; readonly now: Date; readonly placedBy: string },
): Tenant {
  if (tenant.legalHold !== undefined) throw tenantErrors.holdStands(tenant.id);
  if (tenant.erasedAt !== undefined) throw tenantErrors.erasedAlready(tenant.id);
  const reason = checkedText("reason", hold.reason, 500);
  return { ...tenant, legalHold: { reason, since: hold.now, placedBy: hold.placedBy } };
}

/** @throws CONFLICT/no_legal_hold. */
export function liftHold(tenant: Tenant): Tenant {
  if (tenant.legalHold === undefined) throw tenantErrors.noHold(tenant.id);
  return without(tenant, "legalHold");
}
