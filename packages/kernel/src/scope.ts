import { type Call } from "./call.js";
import { AppError } from "./errors.js";
import { type TenantId } from "./ids.js";

/** Why code may read or write across tenants; the whole list, so that a review can read it. Never reachable from GraphQL. */
export const systemPurposes = {
  "outbox-relay": "publish the events that aggregates carry",
  "durable-timers": "wake what is due",
  "webhook-routing": "find the tenant that a WABA or number belongs to",
  "webhook-split": "cut kept bodies into updates",
  "door-tasks": "go on with replays and redeliveries that operators began",
  "rate-cards": "Meta's published prices belong to no client",
  "price-facts": "rate a batch that holds several tenants' messages",
  "event-publishing": "keep and queue what happened in several tenants",
  "webhook-delivery": "send what is due, whosever it is",
  "ledger-replays": "rate kept webhooks again, compare, and book what was accepted",
  "meter-sender": "tell Stripe each client's totals",
  spending: "count every client's charges in its budgets and free what nobody used",
  "month-close": "close a month for every client",
  projection: "keep a local copy of another service's facts",
  "sign-in": "find a person before the tenant is known",
  standing: "whether a token or key that was verified is still good",
  "own-account": "a person's own account and sessions, in whichever tenant she is signed in",
  "audit-anchors": "sign where each tenant's audit trail stands",
  "audit-download": "find an export by its link, before its tenant is known",
  "start-up": "seed and provision",
  "organisation-tree": "keep twins and branches in step with the tenant they belong to",
} as const;
export type SystemPurpose = keyof typeof systemPurposes;

/** The first argument of every store method: whose documents may be touched. */
export type Scope =
  | { readonly tenant: TenantId; readonly ancestors: readonly TenantId[] }
  | { readonly under: TenantId }
  | { readonly system: SystemPurpose };

/** The caller's own tenant. */
export const tenantScope = (call: Pick<Call, "tenantId" | "ancestorIds">): Extract<Scope, { tenant: TenantId }> => ({
  tenant: call.tenantId,
  ancestors: call.ancestorIds,
});

/** The caller's tenant and everything below it in the tree. @throws FORBIDDEN unless the caller is staff or a reseller. */
export function underScope(call: Call): Scope {
  if (!call.staff)
    throw new AppError(
      "FORBIDDEN",
      "staff_only",
      "Only staff of the provider or a reseller may list across client businesses.",
    );
  return { under: call.tenantId };
}

export const systemScope = (purpose: SystemPurpose): Scope => ({ system: purpose });
