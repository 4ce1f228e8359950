import { AppError, unauthenticated } from "@greentick/kernel";

/** What can go wrong with people, their passwords and their sessions, on one screen. */
export const peopleErrors = {
  notFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "person_not_found", `There is no person ${id} in this tenant.`, { personId: id }),
  invitationNotFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "invitation_not_found", `There is no invitation ${id} in this tenant.`, {
      invitationId: id,
    }),
  sessionNotFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "session_not_found", `There is no session ${id} that you may see.`, { sessionId: id }),
  alreadyHere: (): AppError =>
    new AppError(
      "CONFLICT",
      "already_in_tenant",
      "A person with this e-mail address is in this tenant already. Change that person's roles instead.",
    ),
  full: (maximum: number): AppError =>
    new AppError("CONFLICT", "tenant_full", `A tenant holds at most ${maximum} people. Remove somebody first.`, {
      maximum,
    }),
  lastAdmin: (role: string): AppError =>
    new AppError(
      "CONFLICT",
      "last_admin_stays",
      `This is the last active ${role} of the tenant; without one nobody could let anybody in. Give the role to somebody else first.`,
      { role },
    ),
  hasLeft: (id: string): AppError =>
    new AppError(
      "CONFLICT",
      "person_removed",
      `The person ${id} was removed from this tenant. Invite that person again.`,
      {
        personId: id,
      },
    ),
  invitationNotOpen: (id: string, status: string): AppError =>
    new AppError("CONFLICT", "invitation_not_open", `The invitation ${id} is ${status}.`, { invitationId: id, status }),
  inviteBelowOnly: (): AppError =>
    new AppError(
      "FORBIDDEN",
      "invite_below_only",
      "With your role you may invite people into the businesses below your tenant, not into your own.",
    ),
  firstPersonOnly: (role: string): AppError =>
    new AppError(
      "FORBIDDEN",
      "first_person_only",
      `With your role you may invite the first ${role} of a business that has no active one, as ${role} and nothing else. Ask its ${role} or a platform admin to invite others.`,
      { role },
    ),
  notOneself: (): AppError =>
    new AppError(
      "FORBIDDEN",
      "not_oneself",
      "With your role you may invite others into a business, not yourself. To work in it for a while, act for it with `actFor`.",
    ),
  joinsSuspended: (): AppError =>
    new AppError(
      "FORBIDDEN",
      "tenant_suspended",
      "This business is suspended, so nobody joins it now. The provider, or the reseller above it, can resume it; ask their staff, then use the link again.",
    ),
  /** One text for a link that never existed, was used, was replaced or is too old: it tells a stranger nothing. */
  linkNotGood: (): AppError =>
    new AppError(
      "NOT_FOUND",
      "link_not_good",
      "This link is not good, or not any more: it works once and for a limited time. Ask for a new one.",
    ),
  passwordRefused: (problem: string, rule: string, minimum: number): AppError =>
    new AppError("BAD_USER_INPUT", "password_refused", `password: ${problem}`, { field: "password", rule, minimum }),
  /** One text for an unknown address, a wrong password and a wrong code. */
  wrongCredentials: (): AppError =>
    unauthenticated("wrong_credentials", "E-mail address, password or code is not right. Check them and try again."),
  secondFactorNeeded: (): AppError =>
    unauthenticated(
      "second_factor_needed",
      "The password is right. Send the same request with `code`: six digits of your authenticator, or a recovery code.",
    ),
  codeNotGood: (): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "code_not_good",
      "code: is not the authenticator's code of this moment, or was used already. Wait for the next one.",
      { field: "code" },
    ),
  factorRequired: (): AppError =>
    new AppError(
      "FORBIDDEN",
      "second_factor_required",
      "Your tenant requires a second factor. Sign in there with one, then try again.",
    ),
  factorStays: (): AppError =>
    new AppError(
      "CONFLICT",
      "second_factor_stays",
      "A tenant in which you hold a role requires a second factor, so it cannot be switched off.",
    ),
  noFactor: (): AppError =>
    new AppError("CONFLICT", "no_second_factor", "There is no second factor to change. Enrol one first."),
  factorThere: (): AppError =>
    new AppError("CONFLICT", "second_factor_enrolled", "There is a second factor already. Switch it off first."),
  passwordTooShortAlone: (minimum: number): AppError =>
    new AppError(
      "CONFLICT",
      "password_too_short_alone",
      `Your password is too short to stand alone. Set one of at least ${minimum} characters, then switch the second factor off.`,
      { minimum },
    ),
  tooManyAttempts: (retryAfterSeconds: number): AppError =>
    new AppError(
      "RATE_LIMITED",
      "too_many_attempts",
      `Too many attempts to sign in from here. Try again in ${retryAfterSeconds} s.`,
      { retryAfterSeconds },
    ),
  tooManyCodes: (retryAfterSeconds: number): AppError =>
    new AppError(
      "RATE_LIMITED",
      "too_many_attempts",
      `Too many wrong codes for this account. Try again in ${retryAfterSeconds} s, or from a device on which you signed in before. If those codes were not yours, somebody knows your password: change it.`,
      { retryAfterSeconds },
    ),
  busy: (retryAfterSeconds: number): AppError =>
    new AppError(
      "RATE_LIMITED",
      "sign_in_busy",
      `Many people are signing in at this moment. Try again in ${retryAfterSeconds} s.`,
      { retryAfterSeconds },
    ),
  sessionOver: (): AppError =>
    unauthenticated("session_over", "This session has ended or this refresh token is not good. Sign in again."),
  sessionNeeded: (): AppError =>
    new AppError(
      "FORBIDDEN",
      "session_required",
      "This needs a token that came from signing in. Sign in, then ask again.",
    ),
  inTenantAlready: (): AppError =>
    new AppError(
      "CONFLICT",
      "in_tenant_already",
      "This session is in that tenant already. Use `refreshSession` to go on.",
    ),
  signInTooOld: (): AppError =>
    new AppError(
      "FORBIDDEN",
      "sign_in_too_old",
      "You proved who you are too long ago for that tenant. Sign in there with `signIn` and its `tenantId`.",
    ),
  ownOnly: (): AppError =>
    new AppError(
      "FORBIDDEN",
      "own_account_only",
      "Only a person in the own name may do this, not a key and not somebody who acts for a client.",
    ),
};
