import "reflect-metadata";
import { connectionOf, DateTime, PageArgs } from "@greentick/graphql";
import { type Role } from "@greentick/kernel";
import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { type Means } from "../../domain/account.js";
import { heldIn } from "../../domain/roster.js";
import { type Session, type SessionEnd } from "../../domain/session.js";
import { type SignedIn } from "../../usecases/people/sessions.js";
import { roleWords } from "./people.types.js";

const means = { PASSWORD: "password", CODE: "code", RECOVERY_CODE: "recovery_code", OIDC: "oidc" } as const;
const ends = {
  SIGNED_OUT: "signed_out",
  REVOKED: "revoked",
  REFRESH_REUSED: "refresh_reused",
  PASSWORD_CHANGED: "password_changed",
  PERSON_LEFT: "person_left",
  TENANT_CLOSED: "tenant_closed",
  TOO_MANY_SESSIONS: "too_many_sessions",
} as const;
registerEnumType(means, { name: "SignInMeans", description: "What a person showed to prove who she is." });
registerEnumType(ends, {
  name: "SessionEnd",
  description:
    "Why a session ended before its time. `REFRESH_REUSED`: an old refresh token came back, so somebody had a copy. `TOO_MANY_SESSIONS`: of fifty open ones it was the one used longest ago when another began.",
});

@ObjectType("Session", { description: "One sign-in of a person, good in one tenant. Times are system time." })
export class SessionType {
  @Field(() => ID)
  id!: string;

  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;

  @Field(() => ID)
  personId!: string;

  @Field(() => ID, { description: "The tenant in which its tokens are good." })
  tenantId!: string;

  @Field(() => String, {
    description: "What the program that signed in calls itself; anybody can claim anything here.",
  })
  device!: string;

  @Field(() => String, { description: "The network address from which it came." })
  ip!: string;

  @Field(() => [means])
  means!: readonly Means[];

  @Field(() => DateTime)
  startedAt!: Date;

  @Field(() => DateTime, { description: "When tokens were last given out for it." })
  lastUsedAt!: Date;

  @Field(() => DateTime, { description: "However often it is refreshed, it ends then." })
  expiresAt!: Date;

  @Field(() => DateTime, { nullable: true })
  endedAt?: Date;

  @Field(() => ends, { nullable: true })
  endedBecause?: SessionEnd;

  @Field(() => Boolean, { description: "Whether the asking token came from this session." })
  current!: boolean;
}
export const SessionConnection = connectionOf("Session", SessionType);

@ArgsType()
export class SessionsArgs extends PageArgs {
  @Field(() => ID, {
    nullable: true,
    description: "Default: the caller, in all tenants. Of a colleague, with `person:write`: those in this tenant.",
  })
  personId?: string | null;
}

@InputType({ description: "Who somebody says to be, and what proves it." })
export class SignInInput {
  @Field(() => String)
  email!: string;

  @Field(() => String)
  password!: string;

  @Field(() => String, { nullable: true, description: "Six digits of an authenticator, or a recovery code." })
  code?: string | null;

  @Field(() => ID, { nullable: true, description: "Default: the person's home." })
  tenantId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "`deviceToken` of an earlier sign-in: whoever shows it is not slowed down by what others try.",
  })
  deviceToken?: string | null;
}

@ObjectType("Membership", { description: "A tenant in which the person may work." })
export class MembershipType {
  @Field(() => ID)
  tenantId!: string;

  @Field(() => String)
  tenantName!: string;

  @Field(() => [roleWords])
  roles!: readonly Role[];
}

@ObjectType("SignedIn", { description: "A session and its tokens. The tokens are shown once." })
export class SignedInType {
  @Field(() => String, { description: "For `Authorization: Bearer`; good for minutes." })
  accessToken!: string;

  @Field(() => DateTime, { description: "System time at which the access token ends." })
  expiresAt!: Date;

  @Field(() => String, { description: "For `refreshSession`; works once." })
  refreshToken!: string;

  @Field(() => SessionType)
  session!: SessionType;

  @Field(() => [MembershipType], { description: "Everywhere the person may work; `switchTenant` leads there." })
  memberships!: readonly MembershipType[];
}

@ObjectType({
  description:
    "Either `signedIn`, or `enrolmentTicket` when there is no second factor yet and the tenant requires one, or the password has less than fifteen characters.",
})
export class SignInPayload {
  @Field(() => SignedInType, { nullable: true })
  signedIn?: SignedInType;

  @Field(() => String, { nullable: true, description: "For `beginSecondFactor`; good for fifteen minutes." })
  enrolmentTicket?: string;

  @Field(() => String, {
    nullable: true,
    description: "To be kept by the program and shown at its next sign-in. A secret.",
  })
  deviceToken?: string;
}

@ObjectType({ description: "New tokens." })
export class SignedInPayload {
  @Field(() => SignedInType)
  signedIn!: SignedInType;
}

@InputType({ description: "The ticket of a sign-in through an identity provider." })
export class FinishSignInInput {
  @Field(() => String, { description: "From the callback; works once, for a minute." })
  ticket!: string;
}

@InputType({ description: "The newest refresh token of a session." })
export class RefreshSessionInput {
  @Field(() => String)
  refreshToken!: string;
}

@InputType({ description: "The token of an invitation's link, and a password." })
export class AcceptInvitationInput {
  @Field(() => String)
  token!: string;

  @Field(() => String, { nullable: true, description: "Default: the name in the invitation." })
  name?: string | null;

  @Field(() => String, {
    description:
      "A new one: at least 15 characters, or 8 where a second factor is required; not one that attackers try first. If the address has an account already: its password.",
  })
  password!: string;

  @Field(() => String, { nullable: true, description: "If the account has a second factor." })
  code?: string | null;
}

@ObjectType({ description: "The person belongs to the tenant now; `signIn` is next." })
export class AcceptInvitationPayload {
  @Field(() => ID)
  tenantId!: string;

  @Field(() => String)
  tenantName!: string;

  @Field(() => ID)
  personId!: string;
}

@InputType({ description: "Whose password is to be set anew." })
export class RequestPasswordResetInput {
  @Field(() => String)
  email!: string;
}

@InputType({ description: "The token of a link for a new password, and the password." })
export class ResetPasswordInput {
  @Field(() => String)
  token!: string;

  @Field(() => String)
  password!: string;

  @Field(() => String, { nullable: true, description: "If the account has a second factor." })
  code?: string | null;
}

@ObjectType({ description: "Done, or nothing to do: the answer does not tell which." })
export class DonePayload {
  @Field(() => Boolean)
  done!: boolean;
}

@ObjectType({ description: "The new password is good; `signIn` is next." })
export class ResetPasswordPayload {
  @Field(() => Boolean)
  done!: boolean;

  @Field(() => String, { description: "To be shown at the next sign-in, as that of an earlier one. A secret." })
  deviceToken!: string;
}

@InputType({ description: "The ticket of a sign-in that must enrol a second factor." })
export class EnrolmentTicketInput {
  @Field(() => String)
  ticket!: string;
}

@InputType({ description: "The ticket, and the authenticator's code of this moment." })
export class CompleteSecondFactorInput {
  @Field(() => String)
  ticket!: string;

  @Field(() => String)
  code!: string;
}

@ObjectType({
  description:
    "For an authenticator app; not good until confirmed with a code of it, within fifteen minutes. Shown once.",
})
export class EnrolmentPayload {
  @Field(() => String, { description: "Base32, to be typed in where no QR code can be read." })
  secret!: string;

  @Field(() => String, { description: "`otpauth:` address for a QR code." })
  uri!: string;
}

@ObjectType({ description: "Each replaces a code once. Shown once." })
export class RecoveryCodesPayload {
  @Field(() => [String])
  recoveryCodes!: readonly string[];
}

@ObjectType({ description: "Signed in with a second factor that is good from now on." })
export class CompleteSecondFactorPayload {
  @Field(() => SignedInType)
  signedIn!: SignedInType;

  @Field(() => [String], { description: "Each replaces a code once. Shown once." })
  recoveryCodes!: readonly string[];
}

@InputType({ description: "The password again, because a token may be in wrong hands." })
export class OwnProofInput {
  @Field(() => String)
  password!: string;

  @Field(() => String, { nullable: true, description: "If there is a second factor." })
  code?: string | null;
}

@InputType({ description: "The old password and the new one." })
export class ChangePasswordInput extends OwnProofInput {
  @Field(() => String)
  newPassword!: string;
}

@InputType({ description: "The authenticator's code of this moment." })
export class CodeInput {
  @Field(() => String)
  code!: string;
}

@InputType({ description: "Where to go on." })
export class SwitchTenantInput {
  @Field(() => ID, { description: "One of the `memberships`, not the tenant of the asking session." })
  tenantId!: string;
}

@InputType({ description: "Which session." })
export class SessionIdInput {
  @Field(() => ID)
  sessionId!: string;
}

@InputType({ description: "Whose sessions." })
export class RevokeAllSessionsInput {
  @Field(() => ID, {
    nullable: true,
    description: "Default: the caller's, in all tenants. A colleague's end in this tenant.",
  })
  personId?: string | null;

  @Field(() => Boolean, { nullable: true, description: "Leave the session of the asking token open. Default: false." })
  exceptCurrent?: boolean | null;
}

@ObjectType({ description: "The session as it is now." })
export class SessionPayload {
  @Field(() => SessionType)
  session!: SessionType;
}

@ObjectType({ description: "How many sessions ended." })
export class SessionsEndedPayload {
  @Field(() => Int)
  ended!: number;
}

export const toSession = (session: Session, current: string | undefined): SessionType => {
  const { id, personId, tenantId, device, ip, startedAt, lastUsedAt, expiresAt, endedAt, endedBecause } = session;
  return {
    ...{ id, personId, tenantId, device, ip, startedAt, lastUsedAt, expiresAt },
    means: session.means,
    livemode: session.livemode,
    ...(endedAt && { endedAt }),
    ...(endedBecause && { endedBecause }),
    current: id === current,
  };
};

export const toSignedIn = ({ session, accessToken, expiresAt, refreshToken, memberships }: SignedIn): SignedInType => ({
  accessToken,
  expiresAt,
  refreshToken,
  session: toSession(session, session.id),
  memberships: memberships.map(({ tenant, roster }) => ({
    tenantId: tenant.id,
    tenantName: tenant.name,
    roles: heldIn(roster, session.personId),
  })),
});
