import { type Actor, after, badInput, dayMs, type EndpointId, minuteMs, type TenantId } from "@greentick/kernel";
import { endpointErrors } from "./errors.js";
import { checkedPatterns } from "./kinds.js";
import { checkedUrl, hostOf, type UrlRules } from "./url.js";

export type EndpointStatus = "enabled" | "disabled" | "deleted";
export type EndpointEnding = "asked" | "failing" | "gone" | "tenant_closed";

/** A secret as it is kept: sealed under the tenant's key. The first of a list is the current one. */
export interface SealedSecret {
  /** Names it where it is sealed. */
  readonly name: string;
  /** Base64. */
  readonly sealed: string;
  readonly createdAt: Date;
  /** System time until which an older one still signs beside the current one. */
  readonly until?: Date;
}

/** Where a tenant wants its events sent, and how. */
export interface Endpoint {
  readonly id: EndpointId;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly url: string;
  readonly description: string;
  /** Patterns, see `matches`. */
  readonly kinds: readonly string[];
  /** True: events about one thing arrive in their order, and one that fails holds back those behind it. */
  readonly ordered: boolean;
  readonly ratePerSecond: number;
  /** Requests under way at once. */
  readonly concurrency: number;
  readonly payloadVersion: number;
  readonly status: EndpointStatus;
  readonly disabled?: { readonly at: Date; readonly because: EndpointEnding; readonly failingSince?: Date };
  readonly secrets: readonly SealedSecret[];
  readonly createdAt: Date;
  readonly createdBy: Actor;
  /** The last requests that changed it under an idempotency key: a repeat of one changes nothing. */
  readonly requests?: readonly KeptRequest[];
}

export interface KeptRequest {
  /** Actor and mutation. */
  readonly scope: string;
  readonly key: string;
  readonly inputHash: string;
}

export interface EndpointSettings {
  readonly url: string;
  readonly description: string;
  readonly kinds: readonly string[];
  readonly ordered: boolean;
  readonly ratePerSecond: number;
  readonly concurrency: number;
  readonly payloadVersion: number;
}

/** What settings are checked against. */
export interface EndpointRules extends UrlRules {
  readonly published: readonly string[];
  readonly payloadVersions: readonly number[];
}

export const endpointLimits = {
  perTenant: 20,
  ratePerSecond: 200,
  concurrency: 10,
  description: 200,
  secrets: 4,
} as const;
export const usualSettings = { description: "", ordered: false, ratePerSecond: 50, concurrency: 5 } as const;

/** @throws BAD_USER_INPUT/invalid_input naming the first field that cannot be right. */
export function checkedSettings(wanted: EndpointSettings, rules: EndpointRules): EndpointSettings {
  const description = wanted.description.trim();
  if (description.length > endpointLimits.description)
    throw badInput("description", `must have at most ${endpointLimits.description} characters`);
  whole("ratePerSecond", wanted.ratePerSecond, endpointLimits.ratePerSecond);
  whole("concurrency", wanted.concurrency, endpointLimits.concurrency);
  if (!rules.payloadVersions.includes(wanted.payloadVersion))
    throw badInput("payloadVersion", `must be one of ${rules.payloadVersions.join(", ")}`);
  return {
    url: checkedUrl(wanted.url, rules),
    description,
    kinds: checkedPatterns(wanted.kinds, rules.published),
    ordered: wanted.ordered,
    ratePerSecond: wanted.ratePerSecond,
    concurrency: wanted.concurrency,
    payloadVersion: wanted.payloadVersion,
  };
}

function whole(field: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most) throw badInput(field, `must be 1 to ${most}`);
}

const changeable = [
  "url",
  "description",
  "kinds",
  "ordered",
  "ratePerSecond",
  "concurrency",
  "payloadVersion",
] as const satisfies readonly (keyof EndpointSettings)[];

export interface SettingChange {
  readonly field: string;
  readonly from: string;
  readonly to: string;
}

/** The path of an address is not told, only its host. */
const told = (settings: EndpointSettings, field: (typeof changeable)[number]): string =>
  field === "url" ? hostOf(settings.url) : String(settings[field]);

/** The endpoint with other settings, and what that changed; a secret path may change without a word of it being told. */
export function changeEndpoint(
  endpoint: Endpoint,
  settings: EndpointSettings,
): { readonly endpoint: Endpoint; readonly changes: readonly SettingChange[] } {
  const changed = changeable.filter((field) => String(endpoint[field]) !== String(settings[field]));
  const changes = changed.map((field) => ({ field, from: told(endpoint, field), to: told(settings, field) }));
  return { endpoint: { ...endpoint, ...settings }, changes };
}

export function enableEndpoint(endpoint: Endpoint): Endpoint {
  const { disabled, ...rest } = endpoint;
  if (disabled?.because === "tenant_closed") throw endpointErrors.tenantClosed(endpoint.id);
  return { ...rest, status: "enabled" };
}

export const disableEndpoint = (endpoint: Endpoint, disabled: NonNullable<Endpoint["disabled"]>): Endpoint => ({
  ...endpoint,
  status: "disabled",
  disabled,
});

/** What is left of a deleted one: that it was there. Address and secrets go. */
export const deleteEndpoint = (endpoint: Endpoint): Endpoint => ({
  ...endpoint,
  status: "deleted",
  url: "",
  description: "",
  secrets: [],
  requests: [],
});

const longestOverlapMinutes = 7 * 24 * 60;

/**
 * A new secret before the current one, which signs beside it until the overlap ends, as do older ones until theirs does. An overlap of 0 ends them
 * all. @throws BAD_USER_INPUT, CONFLICT/too_many_secrets.
 */
export function rotateSecret(
  endpoint: Endpoint,
  fresh: SealedSecret,
  { overlapMinutes, systemNow }: { readonly overlapMinutes: number; readonly systemNow: Date },
): Endpoint {
  if (!Number.isInteger(overlapMinutes) || overlapMinutes < 0 || overlapMinutes > longestOverlapMinutes)
    throw badInput("overlapMinutes", `must be 0 to ${longestOverlapMinutes}, a week`);
  if (overlapMinutes === 0) return { ...endpoint, secrets: [fresh] };
  const until = after(systemNow, overlapMinutes * minuteMs);
  const [current, ...older] = signingSecrets(endpoint, systemNow);
  const secrets = [fresh, ...(current === undefined ? [] : [{ ...current, until }]), ...older];
  if (secrets.length > endpointLimits.secrets)
    throw endpointErrors.tooManySecrets(endpoint.id, endpointLimits.secrets, new Date(Math.min(...endsOf(older))));
  return { ...endpoint, secrets };
}

const endsOf = (secrets: readonly SealedSecret[]): number[] =>
  secrets.flatMap(({ until }) => (until === undefined ? [] : [until.getTime()]));

/** Those that sign now, the current one first. */
export const signingSecrets = (endpoint: Endpoint, systemNow: Date): readonly SealedSecret[] =>
  endpoint.secrets.filter(({ until }) => until === undefined || until > systemNow);

/** After so long without a single success an endpoint is switched off. */
export const disableAfterMs = 5 * dayMs;

/** Until when any former secret signs too; undefined when none does. */
export function olderSecretUntil(endpoint: Endpoint, systemNow: Date): Date | undefined {
  const ends = endsOf(signingSecrets(endpoint, systemNow));
  return ends.length === 0 ? undefined : new Date(Math.max(...ends));
}
