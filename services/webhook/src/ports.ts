import { type EventEnvelope, type Scope, type TenantId } from "@greentick/kernel";
import { type Arrival, type KeptBody } from "./domain/kept-body.js";
import { type Together } from "./domain/fair-turns.js";
import { type QuarantinedUpdate, type QuarantineReason } from "./domain/quarantine.js";
import { type UnknownKind, type UnknownUpdate } from "./domain/unknown-update.js";
import { type Page, type PageRequest } from "./ports/paging.js";

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
  /** True while `keep` would refuse a body for what waits already. */
  readonly isFull: () => boolean;
  /**
   * Bodies that were not split yet, opened, from the earliest received on: as many as fit into both bounds, and at least one if any waits, so
   * that what is held in memory follows from the bounds and not from what came in. `more` when others may wait behind them.
   */
  readonly waiting: (
    scope: Scope,
    atMost: AtMost,
  ) => Promise<{ readonly bodies: readonly KeptBody[]; readonly more: boolean }>;
  /** Who waits behind a place in the line: lanes, and the first of the bodies that stand in several; and up to where that was looked at. */
  readonly line: (scope: Scope, behind: string) => Promise<WaitingLanes>;
  /** The same as `waiting`, of one lane, between two places. */
  readonly waitingIn: (scope: Scope, lane: string, between: Between) => Promise<readonly KeptBody[]>;
  /** Whether nothing waits in these lanes between the places. */
  readonly isFree: (scope: Scope, lanes: readonly string[], between: Omit<Between, "atMost">) => Promise<boolean>;
  /** How many were not split yet. */
  readonly backlog: (scope: Scope) => Promise<number>;
  /** Notes also that what of them is `told` was handed on now. */
  readonly markSplit: (scope: Scope, bodies: readonly SplitBody[]) => Promise<void>;
  /** Undefined also for a body whose bytes are erased. */
  readonly find: (scope: Scope, key: string) => Promise<KeptBody | undefined>;
  /** Bodies in which a tenant's updates name one of these people; whole bytes, in order of receipt. */
  readonly namingPeople: (scope: Scope, people: readonly string[]) => Promise<readonly KeptBody[]>;
  /**
   * Bodies of which something was handed on since an instant of system time, in the order in which it was; as `range` gives them. Those received long
   * before are among them: released from quarantine, replayed, or behind a backlog.
   */
  readonly publishedSince: (
    scope: Scope,
    asked: { readonly since: Date; readonly until: Date; readonly after?: string },
    atMost: AtMost,
  ) => Promise<readonly ReplayedBody[]>;
  /** Notes that something of these bodies, or of all that `publishedSince` gives, was handed on now. */
  readonly notePublished: (scope: Scope, which: readonly string[] | { readonly since: Date }) => Promise<void>;
  /** Remembers of a body that was split whose updates it holds, whom they name, and what they can be found by. Safe to repeat. */
  readonly notePeople: (scope: Scope, named: Pick<SplitBody, "key" | "people" | "tenants" | "refs">) => Promise<void>;
  /** Other bytes in place of those kept, and these people forgotten. The key stays: it is the hash of what came. */
  readonly rewrite: (scope: Scope, change: RewrittenBody) => Promise<void>;
  /** Erases the bytes of what was received before that instant, split, and of no tenant that is held; hash, time and counts stay. How many. */
  readonly eraseBefore: (scope: Scope, before: Date, held: readonly TenantId[]) => Promise<number>;
  /** Bodies of a range that still have their bytes, in order of receipt, with what was handed on of them. */
  readonly range: (scope: Scope, asked: RangeOfBodies, atMost: AtMost) => Promise<readonly ReplayedBody[]>;
  readonly countRange: (scope: Scope, asked: Omit<RangeOfBodies, "after">) => Promise<number>;
  /** Bodies with updates of a tenant, received within a time, of which only the hash is left. */
  readonly countErased: (
    scope: Scope,
    asked: Required<Pick<RangeOfBodies, "from" | "until" | "tenantId">>,
  ) => Promise<number>;
  /** Bodies that still have their bytes, newest first. */
  readonly search: (scope: Scope, asked: SearchedBodies, atMost: AtMost) => Promise<readonly KeptBody[]>;
  readonly counts: (scope: Scope) => Promise<DoorCounts>;
}

/** A limit by number and by the bytes of the bodies. */
export interface AtMost {
  readonly bodies: number;
  readonly bytes: number;
}

export interface WaitingLanes {
  readonly lanes: readonly string[];
  readonly together: readonly Together[];
  /** Whether these are all that stand in several lanes, before `end`. */
  readonly allTogether: boolean;
  /** Right behind the newest that waited before the look began. What came behind it may stand behind others that the look has not seen. */
  readonly end: string;
}

/** Two places in order of receipt, neither included. */
export interface Between {
  readonly behind: string;
  readonly before?: string;
  readonly atMost: AtMost;
}

export interface RangeOfBodies {
  readonly from?: Date;
  /** Not included. */
  readonly until?: Date;
  readonly keys?: readonly string[];
  readonly tenantId?: TenantId;
  /** The `place` of the last one. */
  readonly after?: string;
}

export interface ReplayedBody extends KeptBody {
  /** For `after`. */
  readonly place: string;
  /** False while it waits for the splitter. */
  readonly split: boolean;
  /** By index: a short hash of what was handed on of the update, empty for none. */
  readonly told: readonly string[];
}

/** Exactly one of the first three. */
export interface SearchedBodies {
  readonly keys?: readonly string[];
  readonly refs?: readonly string[];
  readonly receivedAt?: Date;
  /** Holding updates of this tenant, or of one below it. Absent: the provider sees all. */
  readonly seenBy?: TenantId;
  /** Place in order of receipt, not included: older ones only. */
  readonly olderThan?: string;
}

/** How a body was cut. */
export interface SplitBody {
  readonly key: string;
  readonly updates: number;
  /** Whom it names: `<tenant>/<keyed hash>`. */
  readonly people: readonly string[];
  /** Whose updates it holds. */
  readonly tenants: readonly TenantId[];
  /** What its updates can be found by, also for the eyes of those who may see them (`seenRefs`). */
  readonly refs: readonly string[];
  /** By index: a short hash of what was handed on of the update, empty for none. */
  readonly told: readonly string[];
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
  /** To be forgotten. */
  readonly people: readonly string[];
  /** What it can be found by from now on. */
  readonly refs: readonly string[];
  readonly told: readonly string[];
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
  /** Updates that wait for this account to be linked, at most so many, in order of receipt. */
  readonly waitingFor: (scope: Scope, wabaId: string, limit: number) => Promise<readonly QuarantinedUpdate[]>;
  /**
   * Whether such updates wait: what comes after them has to wait behind them. Asked of an account that has an owner, for which none comes in any more
   * but behind others: that none waits is remembered.
   */
  readonly holdsBack: (scope: Scope, wabaId: string) => Promise<boolean>;
  /** They wait for this reason from now on, whether or not they were released before. */
  readonly holdAs: (scope: Scope, ids: readonly string[], reason: QuarantineReason) => Promise<void>;
  readonly release: (scope: Scope, ids: readonly string[], at: Date) => Promise<void>;
  /** Those that wait, the longest waiting first. */
  readonly page: (scope: Scope, filter: QuarantineFilter, page: PageRequest) => Promise<Page<QuarantinedUpdate>>;
  /** Those among the ids that were released. */
  readonly released: (scope: Scope, ids: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Forgets what entered before that instant: its bytes are gone. */
  readonly eraseBefore: (scope: Scope, before: Date) => Promise<void>;
}

export interface QuarantineFilter {
  readonly reason?: QuarantineReason;
}

/** Updates that no service reads yet. */
export interface UnknownUpdates {
  /** Safe to repeat: one document per update. */
  readonly put: (scope: Scope, updates: readonly UnknownUpdate[]) => Promise<void>;
  /** Oldest first. */
  readonly page: (scope: Scope, filter: { readonly field?: string }, page: PageRequest) => Promise<Page<UnknownUpdate>>;
  /** The hundred kinds of which there are most. */
  readonly kinds: (scope: Scope) => Promise<readonly UnknownKind[]>;
  readonly eraseBefore: (scope: Scope, before: Date) => Promise<void>;
}

/** What the splitter needs to know of one update before it can travel. */
export interface ReadUpdate {
  readonly index: number;
  readonly field: string;
  readonly wabaId?: string;
  /** When it happened, where it says so. */
  readonly at?: Date;
  /** What our reader takes it for; `unknown` where it knows nothing of it. */
  readonly kind: string;
  /** What it can be found by. */
  readonly refs: readonly string[];
  /** Id of its event. */
  readonly eventId: string;
  /** Keyed hashes of the numbers and user ids in it. */
  readonly people: readonly string[];
  /** About our own portfolio or account at a provider: it belongs to the provider tenant. */
  readonly ours: boolean;
  /** The event for its owner. The same update gives the same event id for ever. */
  readonly toEvent: (owner: Owner, receivedAt: Date) => EventEnvelope;
}

/** Cuts a body into its updates; pure, and throws nothing of what a body may hold. */
export type BodyReader = (
  body: KeptBody,
) => { readonly updates: readonly ReadUpdate[] } | { readonly unreadable: string };

/** The id of Stripe's event when one of the endpoint's secrets signed these bytes within the last five minutes, else undefined. */
export type SignedEventId = (body: Buffer, header: string | undefined) => string | undefined;

export interface WebhookPorts {
  readonly rawLog: RawLog;
  readonly owners: Owners;
  readonly quarantine: Quarantine;
  readonly unknown: UnknownUpdates;
  readonly erasedPeople: ErasedPeople;
  readonly holds: LegalHolds;
  readonly blank: BlankPerson;
  readonly read: BodyReader;
  /** The id of an event that a replay says, the same for the same replay and what it is about, for ever. */
  readonly replayedId: (replayId: string, about: string, at: Date) => EventEnvelope["id"];
  /** A short hash of what an event says, whenever it was said. */
  readonly digest: (event: EventEnvelope) => string;
  /** `again` delivers also what was published a moment ago. */
  readonly publish: (events: readonly EventEnvelope[], how?: { readonly again?: boolean }) => Promise<void>;
  /** False for an event that is too large to be published: one such update must not hold up all that wait behind it. */
  readonly carries: (event: EventEnvelope) => boolean;
  /** Tells the operator of a bug of our own in reading what came. */
  readonly broken: (error: unknown, updateId: string) => void;
  /** Lets everybody else of this process have a turn, before more work of long breath: who waits for an answer comes first. */
  readonly breathe: () => Promise<void>;
  /** Whether a queue waits at the door, behind which only small pieces of work are in order. */
  readonly isQueue: () => boolean;
  /** Business time of live and sandbox tenants. */
  readonly businessNow: (livemode: boolean) => Date;
  /** System time. */
  readonly now: () => Date;
}
