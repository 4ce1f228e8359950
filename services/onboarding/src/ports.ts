import { type Call, type DomainEvent, type Scope, type TenantId } from "@greentick/kernel";
import { type BadgeRequest } from "./domain/badge-request.js";
import { type Sealed } from "./domain/owned.js";
import { type NumberFacts, type PhoneNumber } from "./domain/phone-number.js";
import { type KnownNumber } from "./domain/preflight.js";
import { type CodeMethod, type SignupCase, type SignupNumber } from "./domain/signup-case.js";
import { type Waba, type WabaFacts } from "./domain/waba.js";

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
/** Equality on the state's paths; a list means one of its values. */
export type Filter = Readonly<Record<string, string | boolean | readonly string[]>>;

/**
 * The store of one kind of aggregate: one document each, written whole with the version it was read at, together with its outgoing events.
 * Another tenant's document reads as missing.
 */
export interface Aggregates<S> {
  /** @throws the kind's NOT_FOUND. */
  readonly get: (scope: Scope, id: string) => Promise<S>;
  readonly find: (scope: Scope, id: string) => Promise<S | undefined>;
  /** In the order asked for; what the scope does not show is undefined. */
  readonly getMany: (scope: Scope, ids: readonly string[]) => Promise<readonly (S | undefined)[]>;
  readonly findOne: (scope: Scope, filter: Filter) => Promise<S | undefined>;
  /** Newest first. */
  readonly list: (scope: Scope, page: PageRequest, filter?: Filter) => Promise<Page<S>>;
  /**
   * Inserts with version 1. With `call.idempotencyKey` and `once` a repeat returns the first document. @throws the kind's CONFLICT for a
   * second document under a unique key, CONFLICT/idempotency_mismatch for another input under the same idempotency key.
   */
  readonly insert: (
    call: Call,
    state: S,
    events: readonly DomainEvent[],
    once?: { readonly mutation: string; readonly input: unknown },
  ) => Promise<S>;
  /** @throws CONFLICT/version_conflict when somebody saved it in between. */
  readonly save: (call: Call, state: S, events: readonly DomainEvent[]) => Promise<S>;
}

/** Unique per tenant: `claim` (account and number). */
type SignupCases = Aggregates<SignupCase>;
/** Unique over all tenants: `wabaId`. */
type Wabas = Aggregates<Waba>;
/** Unique over all tenants: `phoneNumberId`. */
type PhoneNumbers = Aggregates<PhoneNumber>;
/** Unique per tenant: `phoneNumberId`. */
type BadgeRequests = Aggregates<BadgeRequest>;

/** Owner, record and field of a sealed value: moved elsewhere it does not open. */
export interface SecretPlace {
  readonly tenantId: TenantId;
  readonly record: string;
  readonly field: string;
  /** The name under which an older version sealed it. */
  readonly formerly: string;
}

/** Seals what nobody may read, under a key of its tenant. @throws NOT_FOUND/shredded for an erased tenant, PROVIDER_UNAVAILABLE/key_service_unavailable. */
export interface Vault {
  readonly seal: (place: SecretPlace, plain: string) => Promise<Sealed>;
  readonly open: (place: SecretPlace, sealed: Sealed) => Promise<string>;
}

/** Two-step PINs: six random digits. */
export type NewPin = () => string;

/** The numbering plans of the world. */
export interface NumberingPlan {
  /** Undefined for digits that cannot be a number anywhere. */
  readonly read: (countryCode: string, nationalNumber: string) => KnownNumber | undefined;
}

/** What this service knows of its tenants. */
interface Clients {
  /** Undefined until the tenant's first event has arrived. */
  readonly statusOf: (tenantId: string) => Promise<string | undefined>;
}

/** Durable timers in the tenant's business time, one per (kind, about). */
interface Reminders {
  readonly set: (
    call: Call,
    timer: { readonly kind: string; readonly about: string; readonly dueAt: Date },
  ) => Promise<void>;
  readonly cancel: (call: Call, timer: { readonly kind: string; readonly about: string }) => Promise<void>;
}

/** A number at Meta and the token that may work on it. */
export interface NumberAccess {
  readonly token: string;
  readonly phoneNumberId: string;
}

export interface SeenNumber {
  readonly phoneNumberId: string;
  readonly digits: string;
  readonly facts: NumberFacts;
}

/**
 * Meta as onboarding needs it, chosen by the call's tenant: live tenants Meta itself, sandbox tenants a local one. Everything throws
 * MetaRefusal and nothing else; nothing but looks is repeated here.
 */
export interface MetaOnboarding {
  /** The business token for a code of Embedded Signup; a code works once, for 30 seconds. */
  readonly exchangeCode: (call: Call, code: string) => Promise<string>;
  readonly checkToken: (
    call: Call,
    token: string,
  ) => Promise<{ readonly valid: boolean; readonly scopes: readonly string[]; readonly wabaIds: readonly string[] }>;
  /** `timeZone` is the IANA name of Meta's numeric zone id, where it is known. */
  readonly readWaba: (
    call: Call,
    token: string,
    wabaId: string,
  ) => Promise<{ readonly facts: WabaFacts; readonly timeZone?: string }>;
  readonly isSubscribed: (call: Call, token: string, wabaId: string) => Promise<boolean>;
  readonly subscribe: (call: Call, token: string, wabaId: string) => Promise<void>;
  /** The allocation of our credit line through which the account already pays, if there is one. */
  readonly attachedAllocation: (
    call: Call,
    account: { readonly wabaId: string; readonly businessId: string },
  ) => Promise<string | undefined>;
  /** Shares our credit line and attaches it; answers the allocation's id. An attached line can never be replaced. */
  readonly shareCredit: (
    call: Call,
    account: { readonly wabaId: string; readonly currency: string },
  ) => Promise<string>;
  /** The account's `primary_funding_id` is the allocation's `receiving_credential.id`. */
  readonly pays: (
    call: Call,
    account: { readonly wabaId: string; readonly allocationConfigId: string },
  ) => Promise<boolean>;
  readonly listNumbers: (call: Call, token: string, wabaId: string) => Promise<readonly SeenNumber[]>;
  readonly readNumber: (call: Call, token: string, phoneNumberId: string) => Promise<SeenNumber>;
  readonly addNumber: (
    call: Call,
    account: { readonly token: string; readonly wabaId: string },
    number: SignupNumber,
  ) => Promise<string>;
  /** `already`: the number is verified and Meta sends nothing. */
  readonly requestCode: (call: Call, number: NumberAccess, method: CodeMethod) => Promise<"sent" | "already">;
  readonly verifyCode: (call: Call, number: NumberAccess, digits: string) => Promise<void>;
  readonly register: (call: Call, number: NumberAccess, pin: string) => Promise<void>;
  /** The state of the number's request for an Official Business Account, in Meta's words. */
  readonly readBadge: (
    call: Call,
    token: string,
    phoneNumberId: string,
  ) => Promise<{ readonly status: string; readonly message?: string }>;
  readonly requestBadge: (call: Call, token: string, request: BadgeRequest) => Promise<void>;
}

/** Everything the use cases of this service may touch. */
export interface OnboardingPorts {
  readonly cases: SignupCases;
  readonly wabas: Wabas;
  readonly numbers: PhoneNumbers;
  readonly badges: BadgeRequests;
  readonly meta: MetaOnboarding;
  readonly vault: Vault;
  readonly newPin: NewPin;
  readonly plan: NumberingPlan;
  readonly clients: Clients;
  readonly reminders: Reminders;
}
