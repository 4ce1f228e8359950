import { type Connection, pageOf, Requires, toConnection } from "@greentick/graphql";
import { badInput, type Call } from "@greentick/kernel";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type CodeMethod, type SignupCase } from "../../domain/signup-case.js";
import { type OpenSignupCase } from "../../usecases/open-signup-case.js";
import { type Reader } from "../../usecases/read-onboarding.js";
import { type PhoneNumber } from "../../domain/phone-number.js";
import { type Waba } from "../../domain/waba.js";
import { PhoneNumberType, toPhoneNumber, toWaba, WabaType } from "./account.types.js";
import { given, metaIdOf, textOf } from "./shared.types.js";
import {
  AbandonSignupCaseInput,
  OpenSignupCaseInput,
  RequestCodeAgainInput,
  RetrySignupStepInput,
  SignupCaseConnection,
  SignupCasePayload,
  SignupCasesArgs,
  SignupCaseType,
  SubmitVerificationCodeInput,
  toSignupCase,
} from "./signup.types.js";

type Move<I> = (call: Call, input: I & { readonly caseId: string }) => Promise<SignupCase>;

export interface SignupUseCases {
  readonly cases: Reader<SignupCase>;
  readonly wabas: Reader<Waba>;
  readonly numbers: Reader<PhoneNumber>;
  readonly open: OpenSignupCase;
  readonly submitCode: Move<{ readonly code: string }>;
  readonly requestCode: Move<{ readonly codeMethod?: CodeMethod }>;
  readonly retry: Move<{ readonly code?: string }>;
  readonly abandon: Move<{ readonly reason: string }>;
}

const payload = (one: SignupCase): SignupCasePayload => ({ signupCase: toSignupCase(one) });

@Resolver(() => SignupCaseType)
export class SignupResolver {
  constructor(private readonly use: SignupUseCases) {}

  @Requires("onboarding:read")
  @Query(() => SignupCaseType, { description: "Fails with NOT_FOUND/signup_case_not_found." })
  async signupCase(@Arg("id", () => ID) id: string, @Ctx() call: Call): Promise<SignupCaseType> {
    return toSignupCase(await this.use.cases.get(call, id));
  }

  @Requires("onboarding:read")
  @Query(() => SignupCaseConnection, { description: "Newest first; the provider's staff see all clients below them." })
  async signupCases(@Args() args: SignupCasesArgs, @Ctx() call: Call): Promise<Connection<SignupCaseType>> {
    const filter = { ...given({ status: args.status, "waiting.actor": args.waitingOn }) };
    return toConnection(await this.use.cases.list(call, pageOf(args), filter), toSignupCase);
  }

  @Requires("onboarding:write")
  @Mutation(() => SignupCasePayload, {
    description:
      "Takes what Embedded Signup hands over and begins. Fails with BAD_USER_INPUT/phone_number_invalid, BAD_USER_INPUT/display_name_invalid, CONFLICT/signup_case_exists, CONFLICT/tenant_not_active, CONFLICT/idempotency_mismatch.",
  })
  async openSignupCase(@Arg("input") input: OpenSignupCaseInput, @Ctx() call: Call): Promise<SignupCasePayload> {
    const { phoneNumberId, phone, idempotencyKey } = given(input);
    const once = idempotencyKey === undefined ? call : { ...call, idempotencyKey };
    const opened = await this.use.open(once, {
      code: textOf("code", input.code, 4_000),
      wabaId: metaIdOf("wabaId", input.wabaId),
      metaBusinessId: metaIdOf("businessId", input.businessId),
      ...(phoneNumberId !== undefined && { phoneNumberId: metaIdOf("phoneNumberId", phoneNumberId) }),
      ...(phone !== undefined && { phone }),
      codeMethod: input.codeMethod,
    });
    return payload(opened);
  }

  @Requires("onboarding:write")
  @Mutation(() => SignupCasePayload, {
    description:
      "Hands in the six digits Meta sent. Fails with CONFLICT/signup_not_at_step, CONFLICT/verification_in_progress.",
  })
  async submitVerificationCode(
    @Arg("input") input: SubmitVerificationCodeInput,
    @Ctx() call: Call,
  ): Promise<SignupCasePayload> {
    const code = input.code.replace(/[\s-]/g, "");
    if (!/^\d{6}$/.test(code)) throw badInput("code", "the code has six digits");
    return payload(await this.use.submitCode(call, { caseId: input.caseId, code }));
  }

  @Requires("onboarding:write")
  @Mutation(() => SignupCasePayload, {
    description: "Has Meta send another code. Fails with CONFLICT/signup_not_at_step.",
  })
  async requestCodeAgain(@Arg("input") input: RequestCodeAgainInput, @Ctx() call: Call): Promise<SignupCasePayload> {
    return payload(
      await this.use.requestCode(call, { caseId: input.caseId, ...given({ codeMethod: input.codeMethod }) }),
    );
  }

  @Requires("onboarding:write")
  @Mutation(() => SignupCasePayload, {
    description: "Tries a refused step again. Fails with CONFLICT/signup_not_blocked, CONFLICT/signup_code_needed.",
  })
  async retrySignupStep(@Arg("input") input: RetrySignupStepInput, @Ctx() call: Call): Promise<SignupCasePayload> {
    return payload(await this.use.retry(call, { caseId: input.caseId, ...given({ code: input.code }) }));
  }

  @Requires("onboarding:write")
  @Mutation(() => SignupCasePayload, {
    description: "Gives a case up; what exists at Meta stays. Fails with CONFLICT/signup_over.",
  })
  async abandonSignupCase(@Arg("input") input: AbandonSignupCaseInput, @Ctx() call: Call): Promise<SignupCasePayload> {
    return payload(
      await this.use.abandon(call, { caseId: input.caseId, reason: textOf("reason", input.reason, 1_000) }),
    );
  }

  @Requires("onboarding:read")
  @FieldResolver(() => WabaType, { nullable: true, description: "The account, once it is linked." })
  async waba(@Root() one: SignupCaseType, @Ctx() call: Call): Promise<WabaType | null> {
    const [found] = one.wabaRecordId === undefined ? [] : await this.use.wabas.getMany(call, [one.wabaRecordId]);
    return found === undefined ? null : toWaba(found);
  }

  @Requires("onboarding:read")
  @FieldResolver(() => PhoneNumberType, { nullable: true, description: "The number, once it is added." })
  async phoneNumber(@Root() one: SignupCaseType, @Ctx() call: Call): Promise<PhoneNumberType | null> {
    const [found] = one.numberRecordId === undefined ? [] : await this.use.numbers.getMany(call, [one.numberRecordId]);
    return found === undefined ? null : toPhoneNumber(found);
  }
}
