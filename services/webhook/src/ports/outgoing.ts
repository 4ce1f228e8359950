import {
  type Call,
  type DeliveryId,
  type DomainEvent,
  type EndpointId,
  type EventId,
  type Scope,
  type TenantId,
} from "@greentick/kernel";
import { type Delivery, type DeliveryStatus, type Outcome } from "../domain/out/delivery.js";
import { type Endpoint, type EndpointStatus } from "../domain/out/endpoint.js";
import { type Page, type PageRequest, type Slice } from "./paging.js";

/** Whose documents something is. */
export interface OwnerOf {
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
}

export interface EndpointStore {
  /** @throws NOT_FOUND/endpoint_not_found, also for a deleted one. */
  readonly get: (scope: Scope, id: string) => Promise<Endpoint>;
  /** Deleted ones are found too. */
  readonly find: (scope: Scope, id: string) => Promise<Endpoint | undefined>;
  readonly list: (
    scope: Scope,
    page: PageRequest,
    filter: { readonly status?: Exclude<EndpointStatus, "deleted"> },
  ) => Promise<Page<Endpoint>>;
  /** Those of a tenant that are not deleted. */
  readonly ofTenant: (scope: Scope) => Promise<readonly Endpoint[]>;
  /** The same of several tenants at once. */
  readonly ofTenants: (scope: Scope, tenantIds: readonly TenantId[]) => Promise<readonly Endpoint[]>;
  /** With `call.idempotencyKey` a repeat returns the first one. @throws CONFLICT/idempotency_mismatch. */
  readonly insert: (
    call: Call,
    endpoint: Endpoint,
    what: { readonly events: readonly DomainEvent[]; readonly input: unknown },
  ) => Promise<Endpoint>;
  /**
   * The endpoint as it is to be saved, so that it knows the request again by `call.idempotencyKey`; `done` when it knew it already.
   * @throws CONFLICT/idempotency_mismatch.
   */
  readonly once: (
    call: Call,
    endpoint: Endpoint,
    request: { readonly mutation: string; readonly input: unknown },
  ) => { readonly endpoint: Endpoint; readonly done: boolean };
  /** @throws CONFLICT/version_conflict. */
  readonly save: (call: Call, endpoint: Endpoint, events: readonly DomainEvent[]) => Promise<Endpoint>;
}

/** An event as clients are told of it. */
export interface PublishedEvent extends OwnerOf {
  readonly id: EventId;
  readonly kind: string;
  readonly key: string;
  readonly occurredAt: Date;
  /** The exact text to be sent, by version of its payload. */
  readonly bodies: Readonly<Record<number, string>>;
  readonly test: boolean;
}

/** The same at its place among all of its tenant. */
export interface PlacedEvent extends PublishedEvent {
  readonly place: number;
}

/** Events as they were published, in order and without gaps in each tenant; what is said in them is sealed. */
export interface EventLog {
  /** Keeps those that are not there yet, in the order of the list, and returns all of them at their places. Safe to repeat. */
  readonly keep: (scope: Scope, events: readonly PublishedEvent[]) => Promise<readonly PlacedEvent[]>;
  /** In order, behind a place. */
  readonly behind: (
    scope: Scope,
    place: number,
    what: { readonly kinds: readonly string[]; readonly atMost: number; readonly upTo: number },
  ) => Promise<readonly PlacedEvent[]>;
  readonly placeOf: (scope: Scope, id: string) => Promise<number | undefined>;
  /** The last place of the caller's tenant; 0 when nothing was ever kept. */
  readonly last: (scope: Scope) => Promise<number>;
  /** The exact text of one, if it is kept in that version. */
  readonly body: (scope: Scope, id: string, payloadVersion: number) => Promise<string | undefined>;
  /** By the time at which they were kept (system time), in order. */
  readonly between: (scope: Scope, range: EventRange) => Promise<readonly PlacedEvent[]>;
  /** Somebody listens to the tenant's events, or wants to go on doing so soon: they are kept until then. */
  readonly want: (scope: Scope, owner: OwnerOf, until: Date) => Promise<void>;
  /** Those of the tenants whose events somebody listens to. */
  readonly wantedBy: (scope: Scope, tenantIds: readonly TenantId[], now: Date) => Promise<ReadonlySet<TenantId>>;
  /** Resolves when events of the tenant may have been kept, or the time is over, or nobody waits any more. */
  readonly stirred: (tenantId: TenantId, behind: number, wait: { ms: number; gone: AbortSignal }) => Promise<void>;
  readonly eraseBefore: (scope: Scope, before: Date, held: readonly TenantId[]) => Promise<number>;
  readonly eraseTenant: (scope: Scope) => Promise<void>;
}

export interface EventRange {
  readonly from: Date;
  readonly before: Date;
  readonly kinds: readonly string[];
  readonly atMost: number;
}

export interface DeliveryFilter {
  readonly endpointId?: string;
  readonly status?: DeliveryStatus;
  readonly kind?: string;
  readonly eventId?: string;
  readonly from?: Date;
  readonly before?: Date;
}

export type NewDelivery = Omit<Delivery, "status" | "attempts" | "tries" | "dueAt">;

export interface Deliveries {
  readonly get: (scope: Scope, id: string) => Promise<Delivery>;
  /** Newest first, and not counted. A page may hold fewer than asked for, or none, where more are to be looked through. */
  readonly list: (scope: Scope, page: PageRequest, filter: DeliveryFilter) => Promise<Slice<Delivery>>;
  /** By creation, oldest first. */
  readonly finishedOf: (
    scope: Scope,
    endpointId: string,
    what: { readonly statuses: readonly DeliveryStatus[]; readonly range: EventRange },
  ) => Promise<readonly Delivery[]>;
  /** Those that are not there. */
  readonly without: (scope: Scope, ids: readonly DeliveryId[]) => Promise<ReadonlySet<DeliveryId>>;
  /** Each up to 10,000. */
  readonly counts: (scope: Scope, endpointId: string) => Promise<Readonly<Record<DeliveryStatus, number>>>;
  readonly eraseBefore: (scope: Scope, before: Date, held: readonly TenantId[]) => Promise<number>;
  readonly eraseTenant: (scope: Scope) => Promise<void>;
}

/** Puts deliveries into line. */
export interface Line {
  /** Each once, however often it is asked for; those in order behind what is before them. `dueAt` is business time. */
  readonly put: (scope: Scope, deliveries: readonly NewDelivery[], dueAt: Date) => Promise<void>;
  /** Sends finished deliveries again, with all their tries; one that is still open is left as it is. How many it took. */
  readonly again: (scope: Scope, deliveries: readonly Delivery[], dueAt: Date) => Promise<number>;
  /** Something about the endpoint changed: look at it at once, and at every key of it, whatever was left undone. */
  readonly stir: (scope: Scope, endpoint: Pick<Endpoint, "id"> & OwnerOf, dueAt: Date) => Promise<void>;
  /** Drops what waits for a deleted endpoint. */
  readonly drop: (scope: Scope, endpointId: EndpointId) => Promise<void>;
}

/** What is known of an endpoint's health: where it waits, and since when nothing but failures came of it. */
export interface LaneState {
  readonly endpointId: EndpointId;
  readonly tenantId: TenantId;
  readonly livemode: boolean;
  /** Business time of the first failure since the last success. */
  readonly failingSince?: Date;
}

/** Work on one endpoint, which one process at a time holds. */
export interface HeldLane extends LaneState {
  readonly claim: string;
  /** How often it was stirred when it was claimed. */
  readonly stirred: number;
}

export interface Lanes {
  /**
   * The one that waits longest of those with something due, not of these tenants; undefined when there is none. A lane that its holder left in
   * the middle is cleaned up first: what it was sending waits again.
   */
  readonly claim: (scope: Scope, wanted: LaneClaim) => Promise<HeldLane | undefined>;
  /** Marks deliveries that are due as being sent, the longest due first. */
  readonly take: (
    scope: Scope,
    lane: HeldLane,
    what: { readonly now: Date; readonly atMost: number },
  ) => Promise<readonly Delivery[]>;
  /** What came of a try; once it is finished the next of the key comes up. False when the lane was lost meanwhile: then nothing is written. */
  readonly settle: (
    scope: Scope,
    lane: HeldLane,
    what: { readonly after: Delivery; readonly now: Date },
  ) => Promise<boolean>;
  /** Back in line as it was: it was not sent. */
  readonly untake: (scope: Scope, lane: HeldLane, deliveries: readonly Delivery[]) => Promise<void>;
  /** First failure, or a success. */
  readonly health: (scope: Scope, lane: HeldLane, failingSince: Date | undefined) => Promise<void>;
  /** Nothing of it is in hand any more; `paused` when nothing may be sent. */
  readonly release: (
    scope: Scope,
    lane: HeldLane,
    how: { readonly paused: boolean; readonly systemNow: Date },
  ) => Promise<void>;
  /** Lets go of a lane in which something went wrong: whoever claims it next cleans it up. */
  readonly abandon: (scope: Scope, lane: HeldLane) => Promise<void>;
  readonly state: (scope: Scope, endpointId: string) => Promise<LaneState | undefined>;
  /** When the next delivery is due (business time); undefined when none waits. */
  readonly nextAt: (scope: Scope, endpointId: string) => Promise<Date | undefined>;
}

export interface LaneClaim {
  /** Business time of live tenants and of sandboxes. */
  readonly businessNow: (livemode: boolean) => Date;
  readonly systemNow: Date;
  readonly leaseUntil: Date;
  readonly notOf: readonly TenantId[];
}

/** One message, ready to be sent. */
export interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly livemode: boolean;
}

/** Sends one message to an address of the public network, and never throws: what went wrong is in the outcome. */
export type Send = (message: Message, gone: AbortSignal) => Promise<Outcome>;

/** `v1,…` of Standard Webhooks for each secret (`whsec_…`). */
export type Sign = (secrets: readonly string[], what: { id: string; at: Date; body: string }) => string;

/** What belongs to a tenant and must not be readable in the store. */
export interface Sealed {
  /** Base64. */
  readonly seal: (place: SealedPlace, text: string) => Promise<string>;
  /** Undefined for a tenant whose keys are destroyed. */
  readonly open: (place: SealedPlace, sealed: string) => Promise<string | undefined>;
}
export interface SealedPlace {
  readonly tenantId: TenantId;
  readonly record: string;
  readonly field: string;
}
