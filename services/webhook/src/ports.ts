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
  /** Undefined also for a body whose bytes are erased. */
  readonly find: (scope: Scope, key: string) => Promise<KeptBody | undefined>;
  /** Bodies in which a tenant's updates name one of these people; whole bytes, in order of receipt. */
  readonly namingPeople: (scope: Scope, people: readonly string[]) => Promise<readonly KeptBody[]>;
  /** Remembers of a body that was split whose updates it holds and whom they name. Safe to repeat. */
  readonly notePeople: (scope: Scope, named: Omit<SplitBody, "updates">) => Promise<void>;
  /** Other bytes in place of those kept, and these people forgotten. The key stays: it is the hash of what came. */
  readonly rewrite: (scope: Scope, change: RewrittenBody) => Promise<void>;
  /** Erases the bytes of what was received before that instant, split, and of no tenant that is held; hash, time and counts stay. How many. */
  readonly eraseBefore: (scope: Scope, before: Date, held: readonly TenantId[]) => Promise<number>;
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
  /** Whom it names: `<tenant>/<keyed hash>`. */
  readonly people: readonly string[];
  /** Whose updates it holds. */
  readonly tenants: readonly TenantId[];
}

/** Tenants of which nothing may be erased. */
export interface LegalHolds {
  readonly place: (scope: Scope, owner: Owner) => Promise<void>;
  readonly lift: (scope: Scope, tenantId: TenantId) => Promise<void>;
  readonly all: (scope: Scope) => Promise<readonly TenantId[]>;
}

export interface RewrittenBody {
  readonly key: string;
  readonly body: Buffer;
  readonly people: readonly string[];
}

/** People who asked a client for erasure: what is said of a time before that is erased when it arrives late. */
export interface ErasedPeople {
  /** Safe to repeat. */
  readonly remember: (scope: Scope, owner: Owner, erased: { people: readonly string[]; at: Date }) => Promise<void>;
  /** Those among them who asked, and when. */
  readonly among: (scope: Scope, people: readonly string[]) => Promise<ReadonlyMap<string, Date>>;
}

/** Whom one update names. */
export const personName = (tenantId: string, personKey: string): string => `${tenantId}/${personKey}`;

/** Blanks whatever the updates of a body say of a person; the number of updates and their places stay. */
export type BlankPerson = (
  body: Buffer,
  whom: {
    /** Whether an account's updates may be touched. */
    readonly ofAccount: (wabaId: string) => boolean;
    readonly personKeys: readonly string[];
  },
) => Buffer;

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
  /** When it happened, where it says so. */
  readonly at?: Date;
  /** Keyed hashes of the numbers and user ids in it. */
  readonly people: readonly string[];
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
  readonly erasedPeople: ErasedPeople;
  readonly holds: LegalHolds;
  readonly blank: BlankPerson;
  readonly read: BodyReader;
  readonly publish: (events: readonly EventEnvelope[]) => Promise<void>;
  /** False for an event that is too large to be published: one such update must not hold up all that wait behind it. */
  readonly carries: (event: EventEnvelope) => boolean;
  /** Business time of live and sandbox tenants. */
  readonly businessNow: (livemode: boolean) => Date;
  /** System time. */
  readonly now: () => Date;
}
