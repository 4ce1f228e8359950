import "reflect-metadata";
import { type Call } from "@greentick/kernel";
import { Requires } from "@greentick/graphql";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { type AcceptInput, type Accepted } from "../../usecases/people/accept-invitation.js";
import { type Entered, type SignInInput as SignInAs } from "../../usecases/people/enter.js";
import { type ResetInput } from "../../usecases/people/reset-password.js";
import { type Enrolment } from "../../usecases/people/second-factor.js";
import { type SignedIn } from "../../usecases/people/sessions.js";
import {
  AcceptInvitationInput,
  AcceptInvitationPayload,
  CompleteSecondFactorInput,
  CompleteSecondFactorPayload,
  DonePayload,
  EnrolmentPayload,
  EnrolmentTicketInput,
  FinishSignInInput,
  RefreshSessionInput,
  RequestPasswordResetInput,
  ResetPasswordInput,
  ResetPasswordPayload,
  SignedInPayload,
  SignInInput,
  SignInPayload,
  toSignedIn,
} from "./sign-in.types.js";

interface Ticket {
  readonly ticket: string;
}

export interface EntranceUseCases {
  readonly signIn: (call: Call, input: SignInAs) => Promise<Entered>;
  readonly finishSignIn: (call: Call, input: Ticket) => Promise<SignedIn>;
  readonly refreshSession: (call: Call, input: { readonly refreshToken: string }) => Promise<SignedIn>;
  readonly acceptInvitation: (call: Call, input: AcceptInput) => Promise<Accepted>;
  readonly requestPasswordReset: (call: Call, input: { readonly email: string }) => Promise<void>;
  readonly resetPassword: (call: Call, input: ResetInput) => Promise<string>;
  readonly beginSecondFactor: (call: Call, input: Ticket) => Promise<Enrolment>;
  readonly completeSecondFactor: (
    call: Call,
    input: Ticket & { readonly code: string },
  ) => Promise<SignedIn & { readonly recoveryCodes: readonly string[] }>;
}

type Given<T> = { [K in keyof T]?: NonNullable<T[K]> };
const given = <T extends object>(values: T): Given<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined)) as Given<T>;

const asVisitor = "Asked without a token.";

/** The ways in: what somebody without a token may ask. */
@Resolver()
export class EntranceResolver {
  constructor(private readonly use: EntranceUseCases) {}

  @Requires("identity:enter")
  @Mutation(() => SignInPayload, {
    description: `Signs a person in. ${asVisitor} Fails with UNAUTHENTICATED/wrong_credentials, the same for an unknown address; UNAUTHENTICATED/second_factor_needed: ask again with \`code\`; RATE_LIMITED/too_many_attempts and RATE_LIMITED/sign_in_busy with \`retryAfterSeconds\`; FORBIDDEN/no_role_in_tenant.`,
  })
  async signIn(@Ctx() call: Call, @Arg("input") input: SignInInput): Promise<SignInPayload> {
    const { email, password, code, tenantId, deviceToken } = input;
    const entered = await this.use.signIn(call, { email, password, ...given({ code, tenantId, deviceToken }) });
    if (entered.kind === "must_enrol") return { enrolmentTicket: entered.ticket };
    return { signedIn: toSignedIn(entered.signedIn), ...given({ deviceToken: entered.deviceToken }) };
  }

  @Requires("identity:enter")
  @Mutation(() => SignedInPayload, {
    description: `Turns the ticket of a sign-in through an identity provider into a session. ${asVisitor} Fails with NOT_FOUND/link_not_good.`,
  })
  async finishSignIn(@Ctx() call: Call, @Arg("input") input: FinishSignInInput): Promise<SignedInPayload> {
    return { signedIn: toSignedIn(await this.use.finishSignIn(call, input)) };
  }

  @Requires("identity:enter")
  @Mutation(() => SignedInPayload, {
    description: `The next pair of tokens of a session. A refresh token works once: shown again it ends the session, because somebody has a copy. ${asVisitor} Fails with UNAUTHENTICATED/session_over.`,
  })
  async refreshSession(@Ctx() call: Call, @Arg("input") input: RefreshSessionInput): Promise<SignedInPayload> {
    return { signedIn: toSignedIn(await this.use.refreshSession(call, input)) };
  }

  @Requires("identity:enter")
  @Mutation(() => AcceptInvitationPayload, {
    description: `Joins the tenant of an invitation. ${asVisitor} Fails with NOT_FOUND/link_not_good, BAD_USER_INPUT/password_refused, and as \`signIn\` where the address has an account.`,
  })
  async acceptInvitation(
    @Ctx() call: Call,
    @Arg("input") input: AcceptInvitationInput,
  ): Promise<AcceptInvitationPayload> {
    const { token, password, name, code } = input;
    const { tenant, personId } = await this.use.acceptInvitation(call, { token, password, ...given({ name, code }) });
    return { tenantId: tenant.id, tenantName: tenant.name, personId };
  }

  @Requires("identity:enter")
  @Mutation(() => DonePayload, {
    description: `Sends a link for a new password if the address is somebody's; the answer is the same if not. ${asVisitor} Fails with RATE_LIMITED/too_many_attempts.`,
  })
  async requestPasswordReset(@Ctx() call: Call, @Arg("input") input: RequestPasswordResetInput): Promise<DonePayload> {
    await this.use.requestPasswordReset(call, input);
    return { done: true };
  }

  @Requires("identity:enter")
  @Mutation(() => ResetPasswordPayload, {
    description: `Sets a new password by a link; every session of the person ends. ${asVisitor} Fails with NOT_FOUND/link_not_good, BAD_USER_INPUT/password_refused, UNAUTHENTICATED/second_factor_needed, BAD_USER_INPUT/code_not_good.`,
  })
  async resetPassword(@Ctx() call: Call, @Arg("input") input: ResetPasswordInput): Promise<ResetPasswordPayload> {
    const { token, password, code } = input;
    const deviceToken = await this.use.resetPassword(call, { token, password, ...given({ code }) });
    return { done: true, deviceToken };
  }

  @Requires("identity:enter")
  @Mutation(() => EnrolmentPayload, {
    description: `A secret for an authenticator, for a sign-in that must enrol one. ${asVisitor} Fails with NOT_FOUND/link_not_good.`,
  })
  async beginSecondFactor(@Ctx() call: Call, @Arg("input") input: EnrolmentTicketInput): Promise<EnrolmentPayload> {
    return this.use.beginSecondFactor(call, input);
  }

  @Requires("identity:enter")
  @Mutation(() => CompleteSecondFactorPayload, {
    description: `Confirms the authenticator and signs in. ${asVisitor} Fails with NOT_FOUND/link_not_good, BAD_USER_INPUT/code_not_good.`,
  })
  async completeSecondFactor(
    @Ctx() call: Call,
    @Arg("input") input: CompleteSecondFactorInput,
  ): Promise<CompleteSecondFactorPayload> {
    const { recoveryCodes, ...signedIn } = await this.use.completeSecondFactor(call, input);
    return { signedIn: toSignedIn(signedIn), recoveryCodes };
  }
}
