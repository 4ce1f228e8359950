import { badInput, type TenantId } from "@greentick/kernel";
import { tenantErrors } from "./errors.js";

export type TenantKind = "provider" | "reseller" | "client";
export type TenantStatus = "prospect" | "onboarding" | "active" | "suspended" | "closed";

export interface TenantDetails {
  /** What people call it. */
  readonly name: string;
  /** As in the register of companies; Meta compares it in business verification. */
  readonly legalName: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** ISO 4217: what its invoices are in. */
  readonly currency: string;
  /** IANA name, e.g. "America/Bogota". */
  readonly timeZone: string;
}

/** An organisation in the tree: the provider at the root, resellers and clients below. Its own documents carry its id as tenantId. */
export interface Tenant extends TenantDetails {
  readonly id: TenantId;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly parentId?: TenantId;
  readonly kind: TenantKind;
  readonly status: TenantStatus;
  readonly statusSince: Date;
  /** Why it has this status, in words its people may read. */
  readonly statusReason: string;
  /** Where `resume` leads back to; present only while suspended. */
  readonly resumesTo?: Exclude<TenantStatus, "suspended" | "closed">;
  /** (parent, actor, key) of the request that created it and the hash of its input, when the request carried a key. */
  readonly creation?: { readonly scope: string; readonly inputHash: string };
}

const childKinds: Readonly<Record<TenantKind, readonly TenantKind[]>> = {
  provider: ["reseller", "client"],
  reseller: ["client"],
  client: [],
};

export interface NewTenant extends TenantDetails {
  readonly id: TenantId;
  readonly kind: TenantKind;
  readonly livemode: boolean;
  readonly creation?: NonNullable<Tenant["creation"]>;
}

/** A prospect below its parent. @throws BAD_USER_INPUT for details that are not valid or a kind that has no place there. */
export function openTenant(parent: Tenant, wanted: NewTenant, now: Date): Tenant {
  if (!childKinds[parent.kind].includes(wanted.kind)) throw tenantErrors.kindNotAllowed(parent.kind, wanted.kind);
  if (wanted.livemode && !parent.livemode) throw tenantErrors.liveUnderSandbox();
  if (parent.status === "closed") throw tenantErrors.closed(parent.id);
  return {
    ...wanted,
    ...checkedDetails(wanted),
    tenantId: wanted.id,
    parentId: parent.id,
    ancestorIds: [parent.id, ...parent.ancestorIds],
    version: 0,
    status: "prospect",
    statusSince: now,
    statusReason: "created",
  };
}

/** The root of the tree: active from its first moment, because nobody could activate it. */
export function openProvider(wanted: Omit<NewTenant, "kind" | "creation">, now: Date): Tenant {
  return {
    ...wanted,
    ...checkedDetails(wanted),
    kind: "provider",
    tenantId: wanted.id,
    ancestorIds: [],
    version: 0,
    status: "active",
    statusSince: now,
    statusReason: "first start",
  };
}

/** @throws CONFLICT/tenant_closed. */
export function rename(tenant: Tenant, names: { readonly name?: string; readonly legalName?: string }): Tenant {
  if (tenant.status === "closed") throw tenantErrors.closed(tenant.id);
  return { ...tenant, ...checkedDetails({ ...tenant, ...names }) };
}

export const tenantVerbs = ["start_onboarding", "activate", "suspend", "resume", "close"] as const;
export type TenantVerb = (typeof tenantVerbs)[number];

/** The state machine as a table: which verb leads from where to where. `closed` is left by no verb. */
const leadsTo: Readonly<Record<TenantVerb, Partial<Record<TenantStatus, TenantStatus>>>> = {
  start_onboarding: { prospect: "onboarding" },
  activate: { prospect: "active", onboarding: "active" },
  suspend: { prospect: "suspended", onboarding: "suspended", active: "suspended" },
  resume: { suspended: "active" },
  close: { prospect: "closed", onboarding: "closed", active: "closed", suspended: "closed" },
};

/** True when the verb leads somewhere from the tenant's status. */
export const mayChange = (tenant: Tenant, verb: TenantVerb): boolean => leadsTo[verb][tenant.status] !== undefined;

/**
 * Moves a tenant. A suspended one resumes to the status it had before.
 * @throws CONFLICT/tenant_transition_not_allowed, CONFLICT/provider_stays; BAD_USER_INPUT without a reason.
 */
export function changeStatus(
  tenant: Tenant,
  verb: TenantVerb,
  why: { readonly reason: string; readonly now: Date },
): Tenant {
  const next = leadsTo[verb][tenant.status];
  if (next === undefined) throw tenantErrors.transitionNotAllowed(tenant.id, tenant.status, verb);
  if (tenant.kind === "provider") throw tenantErrors.providerStays();
  const { resumesTo, ...rest } = tenant;
  const status = verb === "resume" ? (resumesTo ?? next) : next;
  const back = status === "suspended" ? resumable(tenant.status) : undefined;
  return {
    ...rest,
    status,
    statusSince: why.now,
    statusReason: nonEmpty("reason", why.reason, 500),
    ...(back !== undefined && { resumesTo: back }),
  };
}

const resumable = (status: TenantStatus): Tenant["resumesTo"] =>
  status === "suspended" || status === "closed" ? undefined : status;

function checkedDetails(details: TenantDetails): TenantDetails {
  return {
    name: nonEmpty("name", details.name, 120),
    legalName: nonEmpty("legalName", details.legalName, 200),
    country: matching("country", details.country, { pattern: /^[A-Z]{2}$/, what: "an ISO 3166-1 code such as CO" }),
    currency: matching("currency", details.currency, { pattern: /^[A-Z]{3}$/, what: "an ISO 4217 code such as COP" }),
    timeZone: knownZone(details.timeZone),
  };
}

function nonEmpty(field: string, text: string, max: number): string {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > max) throw badInput(field, `must have 1 to ${max} characters`);
  return trimmed;
}

function matching(field: string, text: string, { pattern, what }: { pattern: RegExp; what: string }): string {
  if (!pattern.test(text)) throw badInput(field, `must be ${what}`);
  return text;
}

function knownZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone === "" ? "" : zone;
  } catch {
    throw badInput("timeZone", `"${zone}" is no time zone; use an IANA name such as America/Bogota`);
  }
}
