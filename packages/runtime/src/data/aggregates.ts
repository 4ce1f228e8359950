import { type AppError, type Call, type DomainEvent, type Scope, type TenantId } from "@greentick/kernel";
import { type SchemaDefinition } from "mongoose";
import { type Database } from "./database.js";

/** What every aggregate has beside its own state. */
export interface Aggregate {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  /** Zero before the first save. */
  readonly version: number;
}

export interface PageRequest {
  /** At most 100. */
  readonly first: number;
  /** Opaque; the `endCursor` of the page before. */
  readonly after?: string;
}
export interface Page<T> {
  readonly items: readonly T[];
  readonly endCursor?: string;
  readonly hasNextPage: boolean;
  readonly totalCount: number;
}

/** Equality on fields of the state by path, or on `tenantId`, e.g. `{ "wabaId": "123" }`; values are plain, never operators. Narrows the scope. */
export type StateFilter = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** What else a list can be narrowed by. */
export interface ListFilter {
  readonly livemode?: boolean;
  /** An instant of the state: at `from` or later, and earlier than `before`. */
  readonly time?: { readonly in: string; readonly from?: Date; readonly before?: Date };
  /** These words stand in one of the fields of the state, in upper or lower case. */
  readonly words?: { readonly in: readonly string[]; readonly text: string };
}

/**
 * A store of one kind of aggregate: one document each, written whole with the version it was read at, carrying its outgoing events.
 * Another tenant's document reads as missing.
 */
export interface AggregateStore<S extends Aggregate> {
  /** @throws the kind's NOT_FOUND. */
  readonly get: (scope: Scope, id: string) => Promise<S>;
  readonly find: (scope: Scope, id: string) => Promise<S | undefined>;
  /** In the order asked for; missing ones are undefined. */
  readonly getMany: (scope: Scope, ids: readonly string[]) => Promise<readonly (S | undefined)[]>;
  readonly findOne: (scope: Scope, filter: StateFilter) => Promise<S | undefined>;
  readonly findAll: (scope: Scope, filter: StateFilter) => Promise<readonly S[]>;
  /** Newest first. */
  readonly list: (
    scope: Scope,
    page: PageRequest,
    ...narrowed: [filter?: StateFilter, also?: ListFilter]
  ) => Promise<Page<S>>;
  /**
   * Inserts with version 1 and its events. With `call.idempotencyKey` and `once` a repeat by the same actor returns the first document as it
   * is now. @throws CONFLICT/idempotency_mismatch for another input under the same key, whatever `onDuplicate` makes of a unique index, and
   * RangeError for an event that no bus could carry.
   */
  readonly insert: (
    call: Call,
    state: S,
    ...what: [events: readonly DomainEvent[], once?: { readonly mutation: string; readonly input: unknown }]
  ) => Promise<S>;
  /** Writes `state` if nobody did since it was read. @throws CONFLICT/version_conflict. */
  readonly save: (call: Call, state: S, events: readonly DomainEvent[]) => Promise<S>;
  readonly ensureIndexes: () => Promise<void>;
}

export interface AggregateSpec<S extends Aggregate> {
  readonly database: Database;
  readonly collection: string;
  /** The aggregate's type in event envelopes, e.g. "template". */
  readonly kind: string;
  readonly schemaVersion: number;
  /** mongoose fields of the state, without id, tenantId, ancestorIds, livemode and version. */
  readonly state: SchemaDefinition;
  /** Extra indexes; keys are given on the state's own paths; unique ones begin with the tenant unless `acrossTenants`. */
  readonly indexes?: readonly {
    readonly on: readonly string[];
    readonly unique?: boolean;
    readonly acrossTenants?: boolean;
    readonly name: string;
  }[];
  readonly notFound: (id: string) => AppError;
  readonly onDuplicate?: (indexName: string) => AppError;
  /** State as the domain knows it -> plain document and back; default: as it is. */
  readonly toRow?: (state: S) => Record<string, unknown>;
  readonly fromRow?: (row: Record<string, unknown>) => S;
}
