import { type Call, type DomainEvent, type Scope, type TenantId } from "@greentick/kernel";
import { type Consent, type ConsentPurpose, type Identity, type KnownIdentity } from "../domain/consent.js";
import { type Page, type PageRequest } from "../ports.js";

export interface ConsentFilter {
  readonly identityKeys?: readonly string[];
  readonly purpose?: string;
  readonly status?: string;
}

/** Consents of a tenant: one document per contact and purpose. */
export interface ConsentStore {
  /** Newest first. */
  readonly list: (scope: Scope, page: PageRequest, filter: ConsentFilter) => Promise<Page<Consent>>;
  /** Those that bear any of the keys, of one purpose or of all. */
  readonly findByKeys: (scope: Scope, keys: readonly string[], purpose?: ConsentPurpose) => Promise<readonly Consent[]>;
  /** @throws CONFLICT/consent_exists. */
  readonly insert: (call: Call, consent: Consent, events: readonly DomainEvent[]) => Promise<Consent>;
  /** @throws CONFLICT/version_conflict. */
  readonly save: (call: Call, consent: Consent, events: readonly DomainEvent[]) => Promise<Consent>;
  /**
   * Removes what bears any of the keys, and remembers the keys, so that nothing said before comes back. How many went. Safe to repeat.
   * @throws when one still has something to say on the bus: ask again.
   */
  readonly erase: (scope: Scope, keys: readonly string[], at: Date) => Promise<number>;
  /** When any of the keys was erased last. */
  readonly erasedAt: (scope: Scope, keys: readonly string[]) => Promise<Date | undefined>;
  /** Removes all of a tenant. Safe to repeat. */
  readonly eraseTenant: (tenantId: TenantId) => Promise<number>;
  /** Tenants with consents that were withdrawn before that time. */
  readonly tenantsWithWithdrawn: (livemode: boolean, before: Date) => Promise<readonly TenantId[]>;
  /** Removes of a tenant what was withdrawn before that time. */
  readonly eraseWithdrawn: (tenantId: TenantId, before: Date) => Promise<number>;
  /** Keeps that something was done as a whole: an import. */
  readonly tell: (call: Call, id: string, events: readonly DomainEvent[]) => Promise<void>;
}

/** Reads contacts. @throws BAD_USER_INPUT naming the field. */
export interface Identities {
  readonly read: (identity: Identity) => KnownIdentity;
}

/** Values of a tenant that must not be readable in the store. */
export interface Seal {
  readonly seal: (place: SealedPlace, plain: string) => Promise<Uint8Array>;
  readonly open: (place: SealedPlace, sealed: Uint8Array) => Promise<Uint8Array>;
}
export interface SealedPlace {
  readonly tenantId: TenantId;
  readonly record: string;
  readonly field: string;
}

/** The rows of a file with the lines they begin on. A row that cannot be cut ends it, with its problem. */
export type CsvRows = (
  text: string,
) => AsyncIterable<
  | { readonly line: number; readonly cells: Readonly<Record<string, string | undefined>> }
  | { readonly line: number; readonly problem: string }
>;
