import { after, type Id, type PersonId, type TenantId } from "@greentick/kernel";
import { type Means } from "./account.js";
import { peopleErrors } from "./people-errors.js";

export type SessionEnd =
  | "signed_out"
  | "revoked"
  | "refresh_reused"
  | "password_changed"
  | "person_left"
  | "tenant_closed"
  /** A newer sign-in took the place of this one, unused the longest. */
  | "too_many_sessions";

/** One sign-in: the family of access and refresh tokens that came from it. It is good in one tenant. All times are system time. */
export interface Session {
  readonly id: Id<"session">;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly personId: PersonId;
  /** What the program that signed in calls itself. */
  readonly device: string;
  readonly ip: string;
  readonly means: readonly Means[];
  readonly startedAt: Date;
  /** When the person proved herself: earlier than the start for a session that came by a switch of tenants. */
  readonly authenticatedAt: Date;
  readonly lastUsedAt: Date;
  /** However often it is refreshed, it ends then. */
  readonly expiresAt: Date;
  /** Which refresh token of the family is good, counted from one. */
  readonly number: number;
  /** Of that token. */
  readonly refreshHash: string;
  readonly endedAt?: Date;
  readonly endedBecause?: SessionEnd;
}

export const isOpen = (session: Session, now: Date): boolean =>
  session.endedAt === undefined && session.expiresAt > now;

export interface NewSession {
  readonly id: Id<"session">;
  readonly personId: PersonId;
  readonly device: string;
  readonly ip: string;
  readonly means: readonly Means[];
  readonly refreshHash: string;
  readonly now: Date;
  /** Default: now. */
  readonly authenticatedAt?: Date | undefined;
  /** From when the person proved herself. */
  readonly lifeMs: number;
}

export function startSession(
  place: Pick<Session, "tenantId" | "ancestorIds" | "livemode">,
  { now, lifeMs, authenticatedAt = now, ...wanted }: NewSession,
): Session {
  const { tenantId, ancestorIds, livemode } = place;
  return {
    ...wanted,
    tenantId,
    ancestorIds,
    livemode,
    version: 0,
    number: 1,
    startedAt: now,
    authenticatedAt,
    lastUsedAt: now,
    expiresAt: after(authenticatedAt, lifeMs),
  };
}

/** A refresh token as it came in: authentic ones were made by us, whether they are still good or not. */
export interface ShownRefresh {
  readonly number: number;
  readonly hash: string;
}

export type Refreshed =
  | { readonly kind: "next"; readonly session: Session }
  /** Somebody has a copy: the family ends. */
  | { readonly kind: "reused"; readonly session: Session };

/**
 * Every refresh token works once; there is no grace for a second use (RFC 9700 §4.14.2). @throws UNAUTHENTICATED/session_over for a session
 * that has ended.
 */
export function refresh(
  session: Session,
  shown: ShownRefresh,
  next: { readonly hash: string; readonly now: Date },
): Refreshed {
  if (!isOpen(session, next.now)) throw peopleErrors.sessionOver();
  if (shown.number !== session.number || shown.hash !== session.refreshHash)
    return { kind: "reused", session: end(session, "refresh_reused", next.now) };
  const number = session.number + 1;
  return { kind: "next", session: { ...session, number, refreshHash: next.hash, lastUsedAt: next.now } };
}

/** Safe to repeat: the first reason stays. */
export const end = (session: Session, because: SessionEnd, now: Date): Session =>
  session.endedAt === undefined ? { ...session, endedAt: now, endedBecause: because } : session;
