import { type Call, type DomainEvent, type PersonId, type Scope, type TenantId } from "@greentick/kernel";
import { type AuditRecord, type ChainedRecord } from "./domain/audit.js";
import { type ActAsGrant } from "./domain/grant.js";
import { type Person } from "./domain/person.js";
import { type PublicKey, type SigningKey } from "./domain/signing-keys.js";
import { type Tenant } from "./domain/tenant.js";
import { type TokenClaims } from "./domain/token.js";

export interface PageRequest {
  /** 1 to 100. */
  readonly first: number;
  /** The `endCursor` of the page before. */
  readonly after?: string;
}
export interface Page<T> {
  readonly items: readonly T[];
  readonly endCursor?: string;
  readonly hasNextPage: boolean;
  readonly totalCount: number;
}

/** Every write keeps the aggregate together with its events; another tenant's document reads as missing. */
export interface TenantStore {
  /** @throws NOT_FOUND/tenant_not_found. */
  readonly get: (scope: Scope, id: string) => Promise<Tenant>;
  /** In the order asked for; what the scope does not show is undefined. */
  readonly getMany: (scope: Scope, ids: readonly string[]) => Promise<readonly (Tenant | undefined)[]>;
  /** Newest first. */
  readonly list: (scope: Scope, page: PageRequest, filter: TenantFilter) => Promise<Page<Tenant>>;
  readonly findProvider: (scope: Scope) => Promise<Tenant | undefined>;
  /** Those directly below, in no order. */
  readonly children: (scope: Scope, parentId: TenantId) => Promise<readonly Tenant[]>;
  /** The sandbox twin of a live client. */
  readonly findTwin: (scope: Scope, liveId: TenantId) => Promise<Tenant | undefined>;
  /** The tenant that the request of this creation scope made. */
  readonly findCreated: (scope: Scope, creationScope: string) => Promise<Tenant | undefined>;
  /** @throws CONFLICT/duplicate for a second provider or a second use of a creation scope. */
  readonly insert: (call: Call, tenant: Tenant, events: readonly DomainEvent[]) => Promise<Tenant>;
  /** @throws CONFLICT/version_conflict. */
  readonly save: (call: Call, tenant: Tenant, events: readonly DomainEvent[]) => Promise<Tenant>;
}
export interface TenantFilter {
  readonly status?: string;
  readonly kind?: string;
  readonly parentId?: string;
  readonly country?: string;
  readonly livemode?: boolean;
  /** Stands in its name or legal name, in upper or lower case. */
  readonly text?: string;
  /** Business time: created at that instant or later. */
  readonly createdAfter?: Date;
  readonly createdBefore?: Date;
}

/** Durable timers in the business time of the call's tenant; setting one again moves it. */
export interface TimerPort {
  readonly set: (
    call: Call,
    timer: { readonly kind: string; readonly about: string; readonly dueAt: Date },
  ) => Promise<void>;
}

export interface PersonStore {
  readonly find: (scope: Scope, id: PersonId) => Promise<Person | undefined>;
  readonly findByEmail: (scope: Scope, tenantId: TenantId, email: string) => Promise<Person | undefined>;
  /** At home anywhere in the scope, the first to come first. */
  readonly withEmail: (scope: Scope, email: string) => Promise<readonly Person[]>;
  /** @throws CONFLICT/email_taken. */
  readonly insert: (call: Call, person: Person, events: readonly DomainEvent[]) => Promise<Person>;
}

export interface GrantStore {
  readonly find: (scope: Scope, id: string) => Promise<ActAsGrant | undefined>;
  /** @throws CONFLICT/version_conflict. */
  readonly save: (call: Call, grant: ActAsGrant, events: readonly DomainEvent[]) => Promise<ActAsGrant>;
  /** Of a tenant whose retention has ended; safe to repeat. */
  readonly eraseAll: (tenantId: TenantId) => Promise<void>;
  /** Newest first. */
  readonly list: (scope: Scope, page: PageRequest) => Promise<Page<ActAsGrant>>;
  readonly insert: (call: Call, grant: ActAsGrant, events: readonly DomainEvent[]) => Promise<ActAsGrant>;
}

/** Keys belong to the deployment, not to a tenant. */
export interface SigningKeyStore {
  readonly all: () => Promise<readonly SigningKey[]>;
  /** False when that generation exists already: another process was first, and its key counts. */
  readonly add: (key: SigningKey) => Promise<boolean>;
}

/** RSA keys and JWTs. Private keys leave it sealed only. */
export interface TokenForge {
  /** A new RSA key of 2048 bits. */
  readonly newKey: () => Promise<{ readonly publicKey: PublicKey; readonly sealedPrivateKey: Uint8Array }>;
  /** RS256 with the key's `kid` in the header. */
  readonly sign: (key: SigningKey, claims: TokenClaims) => string;
}

export interface AuditStore {
  /** Appends to the chains of the records' tenants: each event once, however often it is given and by however many at once. */
  readonly keep: (records: readonly AuditRecord[]) => Promise<void>;
  /** Newest first. */
  readonly list: (scope: Scope, page: PageRequest, filter: AuditFilter) => Promise<Page<ChainedRecord>>;
}
export interface AuditFilter {
  readonly tenantId?: string;
  readonly action?: string;
  readonly aggregateId?: string;
  readonly actorId?: string;
}

export interface HashOf {
  /** SHA-256 in hex of the value with its keys in order; equal inputs give equal hashes. */
  readonly hashOf: (value: unknown) => string;
}
