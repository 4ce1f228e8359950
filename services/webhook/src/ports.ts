import { type EventEnvelope, type Scope, type TenantId } from "@greentick/kernel";
import { type Arrival, type KeptBody } from "./domain/kept-body.js";
import { type QuarantinedUpdate, type QuarantineReason } from "./domain/quarantine.js";

/** Whom an account, number or portfolio belongs to. */
export interface Owner {
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
}

/** The append-only log of everything the providers sent. Bodies are sealed at rest. */
export interface RawLog {
  /**
   * Resolves when the bytes are journalled, together with its neighbours' in one write. The same key again is counted and not kept
   * twice; it resolves once what was kept before is proved durable. @throws PROVIDER_UNAVAILABLE/store_unavailable when that is not sure for
   * whatever reason, RATE_LIMITED/overloaded at once when more waits for the disk than may be held in memory.
   */
  readonly keep: (arrival: Arrival) => Promise<"kept" | "repeated">;
  /**
   * Bodies that were not split yet, opened, from the earliest received on: as many as fit into both bounds, and at least one if any waits, so
   * that what is held in memory follows from the bounds and not from what came in.
   */
  readonly waiting: (scope: Scope, atMost: AtMost) => Promise<readonly KeptBody[]>;
  /** How many were not split yet. */
  readonly backlog: (scope: Scope) => Promise<number>;
  /** `updates` is how many each body held. */
  readonly markSplit: (scope: Scope, bodies: readonly SplitBody[]) => Promise<void>;
  readonly find: (scope: Scope, key: string) => Promise<KeptBody | undefined>;
  /** Those of the keys that are in the log, in order of receipt. */
  readonly inOrder: (scope: Scope, keys: readonly string[]) => Promise<readonly string[]>;
  readonly counts: (scope: Scope) => Promise<DoorCounts>;
}

/** A limit by number and by the bytes of the bodies. */
export interface AtMost {
  readonly bodies: number;
  readonly bytes: number;
}

export interface SplitBody {
  readonly key: string;
  readonly updates: number;
}

export interface DoorCounts {
  /** Bodies kept. */
  readonly kept: number;
  /** Times that bytes already kept came again. */
  readonly repeats: number;
  /** Updates in those repeated bodies. */
  readonly repeatedUpdates: number;
  /** Bodies not cut into updates yet. */
  readonly waiting: number;
}

/** Which tenant an id of Meta's belongs to; kept from onboarding's events. */
export interface Owners {
  readonly ofWaba: (scope: Scope, wabaId: string) => Promise<Owner | undefined>;
  /** The provider itself: owner of updates about our own portfolio, and of Stripe's events. */
  readonly ofProvider: (scope: Scope) => Promise<Owner | undefined>;
  readonly keepWaba: (scope: Scope, wabaId: string, owner: Owner) => Promise<void>;
  readonly keepProvider: (scope: Scope, owner: Owner) => Promise<void>;
}

export interface Quarantine {
  /** Safe to repeat: one document per update. */
  readonly put: (scope: Scope, updates: readonly QuarantinedUpdate[]) => Promise<void>;
  /** Updates that wait for this account to be linked, at most so many, the longest waiting first. */
  readonly waitingFor: (scope: Scope, wabaId: string, limit: number) => Promise<readonly QuarantinedUpdate[]>;
  /** They stay, for another reason than before. */
  readonly holdAs: (scope: Scope, ids: readonly string[], reason: QuarantineReason) => Promise<void>;
  readonly release: (scope: Scope, ids: readonly string[], at: Date) => Promise<void>;
  /** The thousand that wait longest. */
  readonly list: (scope: Scope) => Promise<readonly QuarantinedUpdate[]>;
}

/** What the splitter needs to know of one update before it can travel. */
export interface ReadUpdate {
  readonly index: number;
  readonly field: string;
  readonly wabaId?: string;
  /** About our own portfolio or account at a provider: it belongs to the provider tenant. */
  readonly ours: boolean;
  /** The event for its owner. The same update gives the same event id for ever. */
  readonly toEvent: (owner: Owner, receivedAt: Date) => EventEnvelope;
}

/** Cuts a body into its updates; pure. */
export type BodyReader = (
  body: KeptBody,
) => { readonly updates: readonly ReadUpdate[] } | { readonly unreadable: string };

/** The id of Stripe's event when one of the endpoint's secrets signed these bytes within the last five minutes, else undefined. */
export type SignedEventId = (body: Buffer, header: string | undefined) => string | undefined;

export interface WebhookPorts {
  readonly rawLog: RawLog;
  readonly owners: Owners;
  readonly quarantine: Quarantine;
  readonly read: BodyReader;
  readonly publish: (events: readonly EventEnvelope[]) => Promise<void>;
  /** False for an event that is too large to be published: one such update must not hold up all that wait behind it. */
  readonly carries: (event: EventEnvelope) => boolean;
  /** Business time of live and sandbox tenants. */
  readonly businessNow: (livemode: boolean) => Date;
  /** System time. */
  readonly now: () => Date;
}
