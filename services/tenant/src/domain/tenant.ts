import { badInput, type TenantId } from "@greentick/kernel";
import { tenantErrors } from "./errors.js";
import { type RetentionRecord } from "./retention.js";
import { checkedCountry, checkedText, type Contact, type PostalAddress, type TaxId } from "./tenant-settings.js";

export type TenantKind = "provider" | "reseller" | "client" | "branch";
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

/** What a branch takes from the client above it unless it has its own. */
export const inheritable = ["legalName", "country", "currency", "timeZone", "languages", "contacts"] as const;
export type Inheritable = (typeof inheritable)[number];

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
  /** Business time. */
  readonly createdAt: Date;
  readonly address?: PostalAddress;
  readonly taxIds: readonly TaxId[];
  /** BCP 47, preferred first. */
  readonly languages: readonly string[];
  readonly contacts: readonly Contact[];
  /** Fields whose value is the parent's; kept in step with it. Only branches have any. */
  readonly inherited: readonly Inheritable[];
  /** Of a sandbox twin: the live client. */
  readonly twinOf?: TenantId;
  readonly closedAt?: Date;
  /** After closing: what is erased when. */
  readonly retention: readonly RetentionRecord[];
  /** Nothing is erased while it stands. */
  readonly legalHold?: { readonly reason: string; readonly since: Date; readonly placedBy: string };
  /** When the last of its personal data was erased. */
  readonly erasedAt?: Date;
  /** (parent, actor, key) of the request that created it and the hash of its input, when the request carried a key. */
  readonly creation?: { readonly scope: string; readonly inputHash: string };
}

const childKinds: Readonly<Record<TenantKind, readonly TenantKind[]>> = {
  provider: ["reseller", "client"],
  reseller: ["client"],
  client: ["branch"],
  branch: [],
};

type Given = Pick<TenantDetails, "name"> & Partial<TenantDetails>;

export interface NewTenant extends Given {
  readonly id: TenantId;
  readonly kind: TenantKind;
  readonly livemode: boolean;
  readonly creation?: NonNullable<Tenant["creation"]>;
}

const blank = { version: 0, taxIds: [], languages: [], contacts: [], inherited: [], retention: [] } as const;

/** A prospect below its parent. @throws BAD_USER_INPUT for details that are not valid or a kind that has no place there. */
export function openTenant(parent: Tenant, wanted: NewTenant, now: Date): Tenant {
  if (!childKinds[parent.kind].includes(wanted.kind)) throw tenantErrors.kindNotAllowed(parent.kind, wanted.kind);
  if (wanted.livemode && !parent.livemode) throw tenantErrors.liveUnderSandbox();
  if (wanted.kind === "branch" && wanted.livemode !== parent.livemode) throw tenantErrors.branchOfOtherMode();
  if (parent.status === "closed") throw tenantErrors.closed(parent.id);
  const inherited = wanted.kind === "branch" ? inheritable.filter((field) => !(field in wanted)) : [];
  return {
    ...blank,
    ...wanted,
    ...checkedDetails(fromParent({ ...wanted, inherited }, parent)),
    ...pick(fromParent({ ...blank, ...wanted, inherited }, parent), ["languages", "contacts"]),
    inherited,
    tenantId: wanted.id,
    parentId: parent.id,
    ancestorIds: [parent.id, ...parent.ancestorIds],
    createdAt: now,
    status: "prospect",
    statusSince: now,
    statusReason: "created",
  };
}

/** The same with the parent's value of everything it inherits. */
export const fromParent = <T extends { readonly inherited: readonly Inheritable[] }>(tenant: T, parent: Tenant): T => ({
  ...tenant,
  ...pick(parent, tenant.inherited),
});

const pick = <T extends object, K extends keyof T>(value: T, fields: readonly K[]): Pick<T, K> =>
  Object.fromEntries(fields.map((field) => [field, value[field]])) as Pick<T, K>;

/**
 * The sandbox twin of a live client: beside it in the tree, so that neither sees the other's data, with the same details at its birth and
 * settings of its own from then on. @throws BAD_USER_INPUT/twin_not_possible for what is no live client.
 */
export function openTwin(live: Tenant, id: TenantId, now: Date): Tenant {
  if (live.kind !== "client" || !live.livemode) throw tenantErrors.twinNotPossible(live.id);
  if (live.status === "closed") throw tenantErrors.closed(live.id);
  const { name, legalName, country, currency, timeZone, languages, ancestorIds, parentId } = live;
  return {
    ...blank,
    ...{ legalName, country, currency, timeZone, languages, ancestorIds },
    ...(parentId !== undefined && { parentId }),
    id,
    tenantId: id,
    name: `${name.slice(0, 110)} (sandbox)`,
    kind: "client",
    livemode: false,
    twinOf: live.id,
    createdAt: now,
    status: "active",
    statusSince: now,
    statusReason: "sandbox twin",
  };
}

/** The root of the tree: active from its first moment, because nobody could activate it. */
export function openProvider(wanted: TenantDetails & Pick<NewTenant, "id" | "livemode">, now: Date): Tenant {
  return {
    ...blank,
    ...wanted,
    ...checkedDetails(wanted),
    kind: "provider",
    tenantId: wanted.id,
    ancestorIds: [],
    createdAt: now,
    status: "active",
    statusSince: now,
    statusReason: "first start",
  };
}

/** @throws CONFLICT/tenant_closed. */
export function rename(tenant: Tenant, names: { readonly name?: string; readonly legalName?: string }): Tenant {
  if (tenant.status === "closed") throw tenantErrors.closed(tenant.id);
  const inherited = tenant.inherited.filter((field) => !(field in names));
  return { ...tenant, ...checkedDetails({ ...tenant, ...names }), inherited };
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
  if (verb === "close" && tenant.status === "closed") throw tenantErrors.closedAlready(tenant.id, tenant.statusSince);
  if (next === undefined) throw tenantErrors.transitionNotAllowed(tenant.id, tenant.status, verb);
  if (tenant.kind === "provider") throw tenantErrors.providerStays();
  const { resumesTo, ...rest } = tenant;
  const status = verb === "resume" ? (resumesTo ?? next) : next;
  const back = status === "suspended" ? resumable(tenant.status) : undefined;
  return {
    ...rest,
    status,
    statusSince: why.now,
    statusReason: checkedText("reason", why.reason, 500),
    ...(back !== undefined && { resumesTo: back }),
  };
}

const resumable = (status: TenantStatus): Tenant["resumesTo"] =>
  status === "suspended" || status === "closed" ? undefined : status;

/** @throws BAD_USER_INPUT naming the field that is missing or wrong. */
export function checkedDetails(details: Given): TenantDetails {
  return {
    name: checkedText("name", details.name, 120),
    legalName: checkedText("legalName", needed("legalName", details.legalName), 200),
    country: checkedCountry("country", needed("country", details.country)),
    currency: knownCurrency(needed("currency", details.currency)),
    timeZone: knownZone(needed("timeZone", details.timeZone)),
  };
}

function needed(field: Inheritable, value: string | undefined): string {
  if (value === undefined) throw badInput(field, "is needed; only a branch takes it from above");
  return value;
}

const currencies = new Set(Intl.supportedValuesOf("currency"));

function knownCurrency(code: string): string {
  if (!currencies.has(code)) throw badInput("currency", "must be an ISO 4217 code such as COP");
  return code;
}

function knownZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone === "" ? "" : zone;
  } catch {
    throw badInput("timeZone", `"${zone}" is no time zone; use an IANA name such as America/Bogota`);
  }
}
