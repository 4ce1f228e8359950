import { type Call, type DomainEvent, type Scope } from "@greentick/kernel";
import { type DataSubjectRequest } from "../domain/data-subject.js";
import { type Page, type PageRequest } from "../ports.js";

export interface DataSubjectFilter {
  readonly duty?: string;
  readonly status?: string;
}

export interface DataSubjectStore {
  /** @throws NOT_FOUND/data_subject_request_not_found. */
  readonly get: (scope: Scope, id: string) => Promise<DataSubjectRequest>;
  readonly find: (scope: Scope, id: string) => Promise<DataSubjectRequest | undefined>;
  readonly held: (scope: Scope) => Promise<readonly DataSubjectRequest[]>;
  /** Newest first. */
  readonly list: (scope: Scope, page: PageRequest, filter: DataSubjectFilter) => Promise<Page<DataSubjectRequest>>;
  /** With `call.idempotencyKey` a repeat returns the first one. */
  readonly insert: (
    call: Call,
    request: DataSubjectRequest,
    ...what: [events: readonly DomainEvent[], once: { readonly mutation: string; readonly input: unknown }]
  ) => Promise<DataSubjectRequest>;
  /** @throws CONFLICT/version_conflict. */
  readonly save: (
    call: Call,
    request: DataSubjectRequest,
    events: readonly DomainEvent[],
  ) => Promise<DataSubjectRequest>;
}

/** Envelopes that open only for whoever holds the request's private key. */
export interface Parcels {
  readonly newKeys: () => Promise<{ readonly publicKey: string; readonly privateKey: string }>;
  /** Opens only for whoever holds the private half, under the same name. */
  readonly seal: (publicKey: string, about: string, plain: string) => string;
  /** @throws Error when key or name are another one. */
  readonly open: (privateKey: string, about: string, sealed: string) => string;
}
