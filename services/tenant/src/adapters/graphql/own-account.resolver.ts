import "reflect-metadata";
import { type Call } from "@greentick/kernel";
import { type Connection, pageOf, Requires, toConnection } from "@greentick/graphql";
import { Arg, Args, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { type Session } from "../../domain/session.js";
import { type Page, type PageRequest } from "../../ports.js";
import { type ChangePasswordInput as ChangePasswordTo, type OwnProof } from "../../usecases/people/own-account.js";
import { type Enrolment } from "../../usecases/people/second-factor.js";
import { type RevokeAllInput, type SignedIn } from "../../usecases/people/sessions.js";
import {
  ChangePasswordInput,
  CodeInput,
  DonePayload,
  EnrolmentPayload,
  OwnProofInput,
  RecoveryCodesPayload,
  RevokeAllSessionsInput,
  SessionConnection,
  SessionIdInput,
  SessionPayload,
  SessionsArgs,
  SessionsEndedPayload,
  type SessionType,
  SignedInPayload,
  SwitchTenantInput,
  toSession,
  toSignedIn,
} from "./sign-in.types.js";

interface Code {
  readonly code: string;
}

export interface OwnAccountUseCases {
  readonly listSessions: (
    call: Call,
    input: { readonly personId?: string },
    page: PageRequest,
  ) => Promise<Page<Session>>;
  readonly signOut: (call: Call) => Promise<Session>;
  readonly revokeSession: (call: Call, id: string) => Promise<Session>;
  readonly revokeAllSessions: (call: Call, input: RevokeAllInput) => Promise<number>;
  readonly switchTenant: (call: Call, tenantId: string) => Promise<SignedIn>;
  readonly changePassword: (call: Call, input: ChangePasswordTo) => Promise<number>;
  readonly enrolSecondFactor: (call: Call, proof: OwnProof) => Promise<Enrolment>;
  readonly confirmSecondFactor: (call: Call, input: Code) => Promise<readonly string[]>;
  readonly disableSecondFactor: (call: Call, proof: OwnProof) => Promise<void>;
  readonly renewRecoveryCodes: (call: Call, proof: OwnProof) => Promise<readonly string[]>;
}

const proofOf = ({ password, code }: OwnProofInput): OwnProof => ({ password, ...(code != null && { code }) });

/** A person's own sessions, password and second factor. */
@Resolver()
export class OwnAccountResolver {
  constructor(private readonly use: OwnAccountUseCases) {}

  @Requires("identity:self")
  @Query(() => SessionConnection, {
    description:
      "The caller's sessions in all tenants, newest first, ended ones included; with `person:write` a colleague's in this tenant.",
  })
  async sessions(@Ctx() call: Call, @Args() args: SessionsArgs): Promise<Connection<SessionType>> {
    const whose = args.personId == null ? {} : { personId: args.personId };
    const page = await this.use.listSessions(call, whose, pageOf(args));
    return toConnection(page, (session) => toSession(session, call.sessionId));
  }

  @Requires("identity:self")
  @Mutation(() => SessionPayload, {
    description: "Ends the session of the asking token. Safe to repeat. Fails with FORBIDDEN/session_required.",
  })
  async signOut(@Ctx() call: Call): Promise<SessionPayload> {
    return { session: toSession(await this.use.signOut(call), call.sessionId) };
  }

  @Requires("identity:self")
  @Mutation(() => SessionPayload, {
    description:
      "Ends one of the caller's sessions, or with `person:write` anybody's in this tenant; effective within five seconds. Safe to repeat. Fails with NOT_FOUND/session_not_found.",
  })
  async revokeSession(@Ctx() call: Call, @Arg("input") input: SessionIdInput): Promise<SessionPayload> {
    return { session: toSession(await this.use.revokeSession(call, input.sessionId), call.sessionId) };
  }

  @Requires("identity:self")
  @Mutation(() => SessionsEndedPayload, {
    description:
      "Ends all sessions of the caller, or with `person:write` a colleague's in this tenant. Safe to repeat. Fails with NOT_FOUND/person_not_found.",
  })
  async revokeAllSessions(
    @Ctx() call: Call,
    @Arg("input") { personId, exceptCurrent }: RevokeAllSessionsInput,
  ): Promise<SessionsEndedPayload> {
    const whose = personId == null ? {} : { personId };
    return { ended: await this.use.revokeAllSessions(call, { ...whose, exceptCurrent: exceptCurrent ?? false }) };
  }

  @Requires("identity:self")
  @Mutation(() => SignedInPayload, {
    description:
      "A session in another tenant of the same person; the asking one stays. It ends when a sign-in to that tenant would have ended that was made when the person last proved who she is. Fails with FORBIDDEN/session_required, FORBIDDEN/second_factor_required, FORBIDDEN/sign_in_too_old, CONFLICT/in_tenant_already, NOT_FOUND/tenant_not_found.",
  })
  async switchTenant(@Ctx() call: Call, @Arg("input") input: SwitchTenantInput): Promise<SignedInPayload> {
    return { signedIn: toSignedIn(await this.use.switchTenant(call, input.tenantId)) };
  }

  @Requires("identity:self")
  @Mutation(() => SessionsEndedPayload, {
    description:
      "Sets a new password; all other sessions of the caller end. Fails with UNAUTHENTICATED/wrong_credentials, BAD_USER_INPUT/password_refused, CONFLICT/no_password_yet.",
  })
  async changePassword(@Ctx() call: Call, @Arg("input") input: ChangePasswordInput): Promise<SessionsEndedPayload> {
    const { newPassword } = input;
    return { ended: await this.use.changePassword(call, { ...proofOf(input), newPassword }) };
  }

  @Requires("identity:self")
  @Mutation(() => EnrolmentPayload, {
    description:
      "A secret for an authenticator; `confirmSecondFactor` is next. Fails with UNAUTHENTICATED/wrong_credentials, CONFLICT/second_factor_enrolled.",
  })
  async enrolSecondFactor(@Ctx() call: Call, @Arg("input") input: OwnProofInput): Promise<EnrolmentPayload> {
    return this.use.enrolSecondFactor(call, proofOf(input));
  }

  @Requires("identity:self")
  @Mutation(() => RecoveryCodesPayload, {
    description:
      "From now on signing in needs a code. Fails with BAD_USER_INPUT/code_not_good, CONFLICT/no_second_factor.",
  })
  async confirmSecondFactor(@Ctx() call: Call, @Arg("input") input: CodeInput): Promise<RecoveryCodesPayload> {
    return { recoveryCodes: await this.use.confirmSecondFactor(call, input) };
  }

  @Requires("identity:self")
  @Mutation(() => DonePayload, {
    description:
      "Signing in needs no code any more. Fails with CONFLICT/second_factor_stays, CONFLICT/password_too_short_alone, CONFLICT/no_second_factor, UNAUTHENTICATED/wrong_credentials.",
  })
  async disableSecondFactor(@Ctx() call: Call, @Arg("input") input: OwnProofInput): Promise<DonePayload> {
    await this.use.disableSecondFactor(call, proofOf(input));
    return { done: true };
  }

  @Requires("identity:self")
  @Mutation(() => RecoveryCodesPayload, {
    description:
      "New recovery codes for the password and a code of the authenticator; the old ones are worth nothing. Fails with UNAUTHENTICATED/wrong_credentials, BAD_USER_INPUT/code_not_good for a recovery code, CONFLICT/no_second_factor, RATE_LIMITED/too_many_attempts.",
  })
  async renewRecoveryCodes(@Ctx() call: Call, @Arg("input") input: OwnProofInput): Promise<RecoveryCodesPayload> {
    return { recoveryCodes: await this.use.renewRecoveryCodes(call, proofOf(input)) };
  }
}
