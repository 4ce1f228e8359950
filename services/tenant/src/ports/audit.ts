import { type Call, type DomainEvent, type Scope, type TenantId } from "@greentick/kernel";
import { type AuditExport } from "../domain/audit-export.js";
import { type Anchor, type ChainHead, type Ending, type ExportedRecord } from "../domain/trail.js";

/** The chains as they are kept. */
export interface ChainReader {
  /** The end of every chain that has one. */
  readonly heads: (scope: Scope) => AsyncIterable<ChainHead>;
  /** Undefined when nothing was ever recorded. */
  readonly headOf: (scope: Scope, tenantId: TenantId) => Promise<ChainHead | undefined>;
  /** The hash at that place; undefined when there is no such record. */
  readonly hashAt: (scope: Scope, tenantId: TenantId, sequence: number) => Promise<string | undefined>;
  /** In the order of the chain, from the first sequence to the end as it is when the reading begins. */
  readonly records: (scope: Scope, tenantId: TenantId, firstSequence: number) => AsyncIterable<ExportedRecord>;
}

/** Signed heads, one at most for each tenant and day; never changed. */
export interface AnchorStore {
  /** The newest one's place; undefined when there is none. */
  readonly newestOf: (scope: Scope, tenantId: TenantId) => Promise<number | undefined>;
  /** Whose chains have one. */
  readonly tenants: (scope: Scope) => Promise<ReadonlySet<string>>;
  /** Safe to repeat: the first of a day stays. */
  readonly add: (scope: Scope, anchor: Anchor, jws: string) => Promise<void>;
  /** Oldest first. */
  readonly of: (scope: Scope, tenantId: TenantId) => AsyncIterable<string>;
}

/** A JWS of the deployment's signing key. */
export type SignStatement = (statement: Anchor | Ending) => Promise<string>;

export interface ExportStore {
  readonly find: (scope: Scope, id: string) => Promise<AuditExport | undefined>;
  /** With `call.idempotencyKey` a repeat returns the first one. @throws CONFLICT/idempotency_mismatch. */
  readonly insert: (
    call: Call,
    wanted: AuditExport,
    ...what: [events: readonly DomainEvent[], once: { readonly mutation: string; readonly input: unknown }]
  ) => Promise<AuditExport>;
  /** @throws CONFLICT/version_conflict. */
  readonly save: (call: Call, used: AuditExport, events: readonly DomainEvent[]) => Promise<AuditExport>;
}

/** The word that opens an export, made from its id: nothing that opens it is kept. */
export type LinkSecret = (exportId: string) => string;
