import { type Id, type IdKind, type TenantId } from "./ids.js";
import { type Permission, type Withheld } from "./permissions.js";
import { type Clock } from "./time.js";

export type ActorKind = "staff" | "member" | "api_key" | "service" | "provider" | "tenant" | "visitor";

/**
 * Who did it. `id` is a person's, a key's, or the name of a service ("billing") or provider ("meta", "stripe"). A `tenant` never acts: it
 * is the business on whose behalf somebody does.
 */
export interface Actor {
  readonly kind: ActorKind;
  readonly id: string;
}

/** Facts first, then one fixed sentence. Phone numbers, tokens and message text stay out. */
export type LogLine = (fields: Readonly<Record<string, unknown>>, sentence: string) => void;
export interface Log {
  readonly debug: LogLine;
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
  readonly child: (fields: Readonly<Record<string, unknown>>) => Log;
}

/**
 * Everything a use case may know about why it runs: who asks, for which tenant, with which permissions, until when. Built once at
 * the edge from a token, a signed header, an event or a timer, and handed through unchanged.
 */
export interface Call {
  readonly actor: Actor;
  /** The tenant's person or staff member for whom the actor acts, when they differ (act-as). */
  readonly onBehalfOf?: Actor;
  readonly tenantId: TenantId;
  /** From the parent up to the root of the tree; empty for the provider itself. */
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  /** True while the tenant is the provider itself or a reseller, so that lists below it may be read. */
  readonly staff: boolean;
  readonly permissions: ReadonlySet<Permission>;
  /** What it would hold beside them if its tenant were neither suspended nor closed. */
  readonly withheld?: Withheld;
  readonly requestId: string;
  readonly ip?: string;
  /** What the caller's program calls itself, cut to 200 printable characters; anybody can claim anything here. */
  readonly userAgent?: string;
  /** The API key that asks, when one does. */
  readonly keyId?: string;
  /** The sign-in behind the caller's token. */
  readonly sessionId?: string;
  /** The act-as grant behind the caller's token. */
  readonly grantId?: string;
  readonly locale: string;
  /** System time after which nobody waits for the answer. */
  readonly deadline?: Date;
  readonly idempotencyKey?: string;
  readonly traceparent?: string;
  /** The event that caused this call, when one did. */
  readonly causationId?: string;
  readonly correlationId: string;
  /** Business time of this tenant. */
  readonly now: Clock;
  /** System time: token lifetimes, leases, signature ages. */
  readonly systemNow: Clock;
  readonly newId: <K extends IdKind>(kind: K) => Id<K>;
  readonly log: Log;
}
