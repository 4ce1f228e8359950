import { event, sessionStarted } from "@greentick/contracts";
import { allow, type Call, type PersonId, systemScope, tenantScope } from "@greentick/kernel";
import { type Account, type Means } from "../../domain/account.js";
import { peopleErrors } from "../../domain/people-errors.js";
import { heldIn, type Roster } from "../../domain/roster.js";
import { refresh, type Session, type SessionEnd, startSession } from "../../domain/session.js";
import { type Tenant } from "../../domain/tenant.js";
import { isOpenTo, ownClaims } from "../../domain/token.js";
import { type Page, type PageRequest, type PersonStore, type TenantStore } from "../../ports.js";
import { type SignToken } from "../sign-in.js";
import { asPerson, oneself } from "./as-person.js";
import { type PeopleRules, type RefreshTokens, type RosterStore, type SessionStore } from "../../ports/people.js";
import { isLost } from "./change-account.js";
import { endLongUnused, ended, endSession, endSessionsOf } from "./end-sessions.js";
import { everywhere } from "./rosters.js";

export interface SessionPorts {
  readonly tenants: TenantStore;
  readonly people: PersonStore;
  readonly rosters: RosterStore;
  readonly sessions: SessionStore;
  readonly refreshTokens: RefreshTokens;
  readonly sign: SignToken;
  readonly rules: PeopleRules;
}

const signingIn = systemScope("sign-in");

/** A tenant in which a person may work. */
export interface Membership {
  readonly tenant: Tenant;
  readonly roster: Roster;
}

/** Both tokens are shown once. */
export interface SignedIn {
  readonly session: Session;
  readonly tenant: Tenant;
  readonly accessToken: string;
  /** System time. */
  readonly expiresAt: Date;
  readonly refreshToken: string;
  readonly memberships: readonly Membership[];
}

/**
 * Where a person may sign in: active there, and the tenant not closed, except to its owner, who reads it until it is erased. The home first, what
 * is closed last.
 */
export async function membershipsOf(
  { rosters, tenants }: Pick<SessionPorts, "rosters" | "tenants">,
  account: Pick<Account, "id" | "tenantId">,
): Promise<readonly Membership[]> {
  const active = (await rosters.withPerson(signingIn, account.id)).filter(
    (roster) => heldIn(roster, account.id).length > 0,
  );
  const found = await tenants.getMany(
    signingIn,
    active.map(({ id }) => id),
  );
  return active
    .flatMap((roster, at) => {
      const tenant = found[at];
      return tenant !== undefined && isOpenTo(heldIn(roster, account.id), tenant) ? [{ tenant, roster }] : [];
    })
    .sort((a, b) => rank(a, account.tenantId) - rank(b, account.tenantId));
}

const rank = ({ tenant: { id, status } }: Membership, home: string): number =>
  (status === "closed" ? 2 : 0) + (id === home ? 0 : 1);

const secondMeans: readonly Means[] = ["code", "recovery_code", "oidc"];

/** Whether the tenant asks for more than what was shown. */
export const lacksFactor = ({ roster }: Membership, means: readonly Means[], rules: PeopleRules): boolean =>
  roster.side === "staff" && rules.staffSecondFactor === "required" && !means.some((one) => secondMeans.includes(one));

export interface Opening {
  readonly personId: PersonId;
  readonly membership: Membership;
  readonly memberships: readonly Membership[];
  readonly means: readonly Means[];
  /** When the person proved herself. Default: now. */
  readonly authenticatedAt?: Date;
}

/** How long a sign-in to a tenant lasts. */
export const lifeMsOf = ({ roster }: Membership, { staffSessionMs, memberSessionMs }: PeopleRules): number =>
  roster.side === "staff" ? staffSessionMs : memberSessionMs;

/** A session and its first tokens. The policy about second factors was asked before. */
export async function openSession(ports: SessionPorts, call: Call, opening: Opening): Promise<SignedIn> {
  const { personId, membership, memberships, means } = opening;
  const { tenant, roster } = membership;
  const own = asPerson(call, personId, { place: roster, side: roster.side });
  const id = call.newId("session");
  const { token: refreshToken, hash } = ports.refreshTokens.make(id, 1);
  const fresh = startSession(roster, {
    id,
    personId,
    means,
    device: call.userAgent ?? "",
    ip: call.ip ?? "",
    refreshHash: hash,
    now: call.systemNow(),
    authenticatedAt: opening.authenticatedAt,
    lifeMs: lifeMsOf(membership, ports.rules),
  });
  const started = event(sessionStarted, { sessionId: id, personId, means: [...means] });
  const session = await ports.sessions.insert(own, fresh, [started]);
  await endLongUnused(ports, own, session);
  call.log.info({ sessionId: id, personId, forTenantId: tenant.id, means }, "person signed in");
  return { session, tenant, refreshToken, memberships, ...(await accessToken(ports, call, { session, tenant })) };
}

/** A short token that stands on a session. */
async function accessToken(
  { people, sign, rules }: SessionPorts,
  call: Call,
  { session, tenant }: Pick<SignedIn, "session" | "tenant">,
): Promise<Pick<SignedIn, "accessToken" | "expiresAt">> {
  const person = await people.find(signingIn, session.personId);
  if (person === undefined) throw peopleErrors.sessionOver();
  const now = call.systemNow();
  const left = Math.max(1, Math.floor((session.expiresAt.getTime() - now.getTime()) / 1000));
  const life = { now, ttlSeconds: Math.min(rules.tokenTtlSeconds, left), sessionId: session.id };
  const { token, expiresAt } = await sign(ownClaims(person, tenant, life), now);
  return { accessToken: token, expiresAt };
}

/**
 * The next pair of tokens. A refresh token works once: an old one ends the session, because somebody has a copy. @throws
 * UNAUTHENTICATED/session_over, one text for all that can be wrong.
 */
export const refreshSession =
  (ports: SessionPorts) =>
  async (call: Call, { refreshToken }: { readonly refreshToken: string }): Promise<SignedIn> => {
    allow(call, "identity:enter");
    const shown = ports.refreshTokens.read(refreshToken);
    if (shown === undefined) throw peopleErrors.sessionOver();
    const step = (): Promise<SignedIn> => refreshOnce(ports, call, shown);
    return step().catch((error: unknown) => {
      if (!isLost(error)) throw error;
      return step();
    });
  };

type ShownToken = NonNullable<ReturnType<RefreshTokens["read"]>>;

async function refreshOnce(ports: SessionPorts, call: Call, shown: ShownToken): Promise<SignedIn> {
  const { sessions, refreshTokens } = ports;
  const session = await sessions.find(signingIn, shown.sessionId);
  if (session === undefined) throw peopleErrors.sessionOver();
  const next = refreshTokens.make(session.id, session.number + 1);
  const result = refresh(session, shown, { hash: next.hash, now: call.systemNow() });
  if (result.kind === "reused") {
    await sessions.save(personCall(call, session), result.session, [ended(session, "refresh_reused")]);
    call.log.warn({ sessionId: session.id, personId: session.personId }, "refresh token reused");
    throw peopleErrors.sessionOver();
  }
  const memberships = await membershipsOf(ports, { id: session.personId, tenantId: session.tenantId });
  const here = memberships.find(({ tenant }) => tenant.id === session.tenantId);
  if (here === undefined) {
    await endSession(ports, personCall(call, session), { session, because: await whyNotHere(ports, session) });
    throw peopleErrors.sessionOver();
  }
  const kept = await sessions.save(personCall(call, session), result.session, []);
  const tokens = await accessToken(ports, call, { session: kept, tenant: here.tenant });
  return { session: kept, tenant: here.tenant, memberships, refreshToken: next.token, ...tokens };
}

/** Whoever still belongs to the tenant is kept out by its end. */
async function whyNotHere({ rosters }: SessionPorts, { tenantId, personId }: Session): Promise<SessionEnd> {
  const roster = await rosters.find(signingIn, tenantId);
  return heldIn(roster, personId).length > 0 ? "tenant_closed" : "person_left";
}

const personCall = (call: Call, session: Session): Call =>
  asPerson(call, session.personId, { place: session, side: call.actor.kind === "staff" ? "staff" : "member" });

/** Ends the session of the caller's token. @throws FORBIDDEN/session_required for a token that came from elsewhere. */
export const signOut =
  (ports: Pick<SessionPorts, "sessions" | "rosters">) =>
  async (call: Call): Promise<Session> => {
    const session = await currentSession(ports, call);
    return endSession(ports, call, { session, because: "signed_out" });
  };

/** @throws FORBIDDEN/session_required. */
export async function currentSession(ports: Pick<SessionPorts, "sessions" | "rosters">, call: Call): Promise<Session> {
  const personId = await oneself(ports.rosters, call, "identity:self");
  const session = call.sessionId === undefined ? undefined : await ports.sessions.find(everywhere, call.sessionId);
  if (session?.personId !== personId) throw peopleErrors.sessionNeeded();
  return session;
}

/** A person's own sessions in all tenants; with `person:write` those of a colleague in this tenant. */
export const listSessions =
  (ports: Pick<SessionPorts, "sessions" | "rosters">) =>
  async (call: Call, { personId }: { readonly personId?: string }, page: PageRequest): Promise<Page<Session>> => {
    allow(call, "identity:self");
    if (personId !== undefined && personId !== call.actor.id) {
      allow(call, "person:write");
      return ports.sessions.list(tenantScope(call), page, { personId });
    }
    const own = await oneself(ports.rosters, call, "identity:self");
    return ports.sessions.list(everywhere, page, { personId: own });
  };

/** One's own session anywhere, or with `person:write` anybody's in this tenant. Safe to repeat. @throws NOT_FOUND/session_not_found. */
export const revokeSession =
  (ports: Pick<SessionPorts, "sessions" | "rosters">) =>
  async (call: Call, id: string): Promise<Session> => {
    const own = await oneself(ports.rosters, call, "identity:self");
    const mine = await ports.sessions.find(everywhere, id);
    const session = mine?.personId === own ? mine : await colleagues(ports, call, id);
    if (session === undefined) throw peopleErrors.sessionNotFound(id);
    return endSession(ports, call, { session, because: "revoked" });
  };

const colleagues = async (
  { sessions }: Pick<SessionPorts, "sessions">,
  call: Call,
  id: string,
): Promise<Session | undefined> =>
  call.permissions.has("person:write") ? sessions.find(tenantScope(call), id) : undefined;

export interface RevokeAllInput {
  /** Default: oneself, everywhere. A colleague's are ended in this tenant. */
  readonly personId?: string;
  /** Leave the session of the caller's token open. */
  readonly exceptCurrent: boolean;
}

/** Returns how many were open. @throws NOT_FOUND/person_not_found for somebody who is not of this tenant. */
export const revokeAllSessions =
  (ports: Pick<SessionPorts, "sessions" | "rosters">) =>
  async (call: Call, { personId, exceptCurrent }: RevokeAllInput): Promise<number> => {
    const own = await oneself(ports.rosters, call, "identity:self");
    const except = exceptCurrent && call.sessionId !== undefined ? { except: call.sessionId } : {};
    if (personId === undefined || personId === own)
      return endSessionsOf(ports, call, { personId: own, because: "revoked", ...except });
    allow(call, "person:write");
    const roster = await ports.rosters.find(tenantScope(call), call.tenantId);
    if (roster?.entries.some((entry) => entry.personId === personId) !== true) throw peopleErrors.notFound(personId);
    return endSessionsOf(ports, call, { personId, because: "revoked", tenantId: call.tenantId });
  };
