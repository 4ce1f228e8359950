import { type Call, type DomainEvent, type PersonId, type Scope, type TenantId } from "@greentick/kernel";
import { type Account } from "../domain/account.js";
import { type AttemptRule, type Failures } from "../domain/attempts.js";
import { type Invitation, type InvitationStatus } from "../domain/invitation.js";
import { type Roster } from "../domain/roster.js";
import { type Session } from "../domain/session.js";
import { type Page, type PageRequest } from "../ports.js";

/** One document a tenant. A tenant without people has none. */
export interface RosterStore {
  readonly find: (scope: Scope, tenantId: TenantId) => Promise<Roster | undefined>;
  /** Every roster on which the person stands, whatever the standing. */
  readonly withPerson: (scope: Scope, personId: string) => Promise<readonly Roster[]>;
  /** Inserts the first version, saves a later one. @throws CONFLICT/version_conflict. */
  readonly keep: (call: Call, roster: Roster, events: readonly DomainEvent[]) => Promise<Roster>;
}

export interface InvitationStore {
  /** @throws NOT_FOUND/invitation_not_found. */
  readonly get: (scope: Scope, id: string) => Promise<Invitation>;
  readonly find: (scope: Scope, id: string) => Promise<Invitation | undefined>;
  readonly list: (
    scope: Scope,
    page: PageRequest,
    filter: { readonly status?: Exclude<InvitationStatus, "expired"> },
  ) => Promise<Page<Invitation>>;
  /** Those for an address that were neither accepted nor withdrawn; some may be past their time. */
  readonly openFor: (scope: Scope, email: string) => Promise<readonly Invitation[]>;
  /** With `call.idempotencyKey` a repeat returns the first one. @throws CONFLICT/idempotency_mismatch. */
  readonly insert: (
    call: Call,
    invitation: Invitation,
    what: { readonly events: readonly DomainEvent[]; readonly input: unknown },
  ) => Promise<Invitation>;
  readonly save: (call: Call, invitation: Invitation, events: readonly DomainEvent[]) => Promise<Invitation>;
}

/** Accounts belong to people. Nothing of them is ever listed. */
export interface AccountStore {
  readonly find: (scope: Scope, id: string) => Promise<Account | undefined>;
  readonly findByEmail: (scope: Scope, email: string) => Promise<Account | undefined>;
  /** @throws CONFLICT/email_taken. */
  readonly insert: (call: Call, account: Account, events: readonly DomainEvent[]) => Promise<Account>;
  /** @throws CONFLICT/version_conflict. */
  readonly save: (call: Call, account: Account, events: readonly DomainEvent[]) => Promise<Account>;
}

export interface SessionFilter {
  readonly personId: string;
}

export interface SessionStore {
  readonly find: (scope: Scope, id: string) => Promise<Session | undefined>;
  /** Newest first. */
  readonly list: (scope: Scope, page: PageRequest, filter: SessionFilter) => Promise<Page<Session>>;
  /** Those of a person that have neither ended nor come to their time, used last first. */
  readonly open: (scope: Scope, personId: string, now: Date) => Promise<readonly Session[]>;
  readonly insert: (call: Call, session: Session, events: readonly DomainEvent[]) => Promise<Session>;
  /** @throws CONFLICT/version_conflict. */
  readonly save: (call: Call, session: Session, events: readonly DomainEvent[]) => Promise<Session>;
}

/** Counts of failed attempts, forgotten by themselves. Keys are keyed hashes: no address of anybody stands in the store. */
export interface AttemptStore {
  /** In the order asked for. */
  readonly read: (keys: readonly string[]) => Promise<readonly (Failures | undefined)[]>;
  /** Counts one failure, atomically: none is lost when many come at once. The count with it. */
  readonly add: (key: string, rule: AttemptRule, now: Date) => Promise<Failures>;
  /** Forgets one failure that was none, atomically. */
  readonly takeBack: (key: string, rule: AttemptRule) => Promise<void>;
  readonly clear: (key: string) => Promise<void>;
}

/**
 * Argon2id, a few at a time. @throws RATE_LIMITED/sign_in_busy when too many wait already, with seconds to wait: hashing is made to be slow, so
 * a flood of it must not stop everything else.
 */
export interface PasswordHasher {
  readonly hash: (password: string) => Promise<string>;
  /** Against nothing the same work is done, and the answer is no. */
  readonly verify: (hash: string | undefined, password: string) => Promise<boolean>;
  /** True for a hash with other parameters than today's. */
  readonly isOutdated: (hash: string) => boolean;
  /** @throws RATE_LIMITED/sign_in_busy when the queue is full at this moment. */
  readonly admit: () => void;
}

/** Codes of an authenticator: RFC 6238, six digits, thirty seconds, one step of slack to both sides. */
export interface Totp {
  readonly newSecret: () => string;
  /** What an authenticator reads as a QR code. */
  readonly uriOf: (secret: string, email: string) => string;
  /** The step of time that the code belongs to. */
  readonly stepOf: (secret: string, code: string, now: Date) => number | undefined;
}

export type SecretPurpose = "invitation" | "password-reset" | "device" | "recovery-code" | "attempt" | "ticket";

/** Random texts, keyed hashes of them, and sealing. */
export interface Secrets {
  /** 256 random bits. */
  readonly newSecret: () => string;
  readonly newRecoveryCodes: () => readonly string[];
  /** The same for ever for the same input; nobody without the master key can compute it. */
  readonly keyed: (purpose: SecretPurpose, text: string) => string;
  /** SHA-256, for texts that are random enough. */
  readonly hashOf: (text: string) => string;
  /** With the deployment's key: for what belongs to nobody yet. */
  readonly seal: (about: string, text: string) => string;
  readonly open: (about: string, sealed: string) => string;
}

/**
 * Secrets of second factors, each sealed with a key of its person alone: it is destroyed with the person, whichever tenants go or stay. @throws
 * NOT_FOUND/shredded for an erased person, PROVIDER_UNAVAILABLE/key_service_unavailable.
 */
export interface FactorVault {
  readonly seal: (personId: PersonId, secret: string) => Promise<string>;
  readonly open: (personId: PersonId, sealed: string) => Promise<string>;
}

/** Refresh tokens: opaque for whoever holds one; authentic or not for us, without looking into the store. */
export interface RefreshTokens {
  readonly make: (sessionId: string, number: number) => { readonly token: string; readonly hash: string };
  /** Undefined for anything that we never made. */
  readonly read: (
    token: string,
  ) => { readonly sessionId: string; readonly number: number; readonly hash: string } | undefined;
}

export interface MailMessage {
  readonly to: string;
  readonly subject: string;
  /** Plain text; the link in it is a secret. */
  readonly text: string;
  /** The same for a repeat, so that a receiver can tell. */
  readonly messageId: string;
}

/** @throws PROVIDER_UNAVAILABLE/mail_unavailable, which the bus takes as: try again. */
export interface Mailer {
  readonly send: (message: MailMessage) => Promise<void>;
}

export interface PeopleRules {
  /** Whether staff must have a second factor. */
  readonly staffSecondFactor: "required" | "optional";
  readonly memberSessionMs: number;
  readonly staffSessionMs: number;
  readonly tokenTtlSeconds: number;
}

/** Where the pages are that take the token of a link, as a browser reaches them; without a slash at the end. */
export type PagesAt = () => string;

export type IsCommonPassword = (lower: string) => boolean;

/** What is good once and for a short time. */
export interface OneTimeStore {
  readonly put: (key: string, data: Readonly<Record<string, string>>, until: Date) => Promise<void>;
  /** Removes it; of two who take at once one gets it. Undefined when it is not there or too old. */
  readonly take: (key: string, now: Date) => Promise<Readonly<Record<string, string>> | undefined>;
}

export interface OidcSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** The provider's own sign-in elsewhere (OpenID Connect). */
export interface IdentityProvider {
  readonly authorizationUrl: (flow: OidcSecrets) => Promise<string>;
  /**
   * Exchanges the code and checks everything about the answer. The address in lower case, undefined when the issuer has not verified it.
   * @throws NOT_FOUND/link_not_good for an answer that is refused or not genuine, PROVIDER_UNAVAILABLE/identity_provider_unavailable.
   */
  readonly verifiedEmail: (answer: OidcSecrets & { readonly url: string }) => Promise<string | undefined>;
}

/** Where messages go. */
export type MailTarget =
  | { readonly kind: "smtp"; readonly url: string }
  /** A folder, relative to where the process runs: development. */
  | { readonly kind: "folder"; readonly path: string };

export interface MailSettings {
  readonly target: MailTarget;
  /** `Greentick <no-reply@example.com>`. */
  readonly from: string;
}

/** Where staff sign in elsewhere. */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Our `/sign-in/oidc/callback` as the browser reaches it; registered with the issuer. */
  readonly redirectUrl: string;
  /** Page that takes the ticket in its fragment. Default: our own `/sign-in`. */
  readonly returnUrl?: string;
}

/** At the end of a closed tenant's retention. */
export interface PeopleEraser {
  /** Safe to repeat. */
  readonly eraseTenant: (tenantId: TenantId) => Promise<void>;
}
