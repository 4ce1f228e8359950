import { connectionOf, DateTime, PageArgs } from "@greentick/graphql";
import { ArgsType, Directive, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import {
  type CodeMethod,
  codeMethods,
  type Problem,
  type SignupCase,
  type SignupStatus,
  signupStatuses,
  type Waiting,
} from "../../domain/signup-case.js";
import {
  type SignupPath,
  signupPaths,
  type SignupStep,
  signupSteps,
  stepsOf,
  type WaitActor,
  waitActors,
} from "../../domain/signup-steps.js";
import { enumOf, FindingType, TenantRef, toFindings } from "./shared.types.js";

const stepStates = ["done", "now", "refused", "to_do"] as const;
type StepState = (typeof stepStates)[number];

const StepEnum = enumOf("SignupStep", signupSteps, "What must happen to bring a number live, in this order.");
const PathEnum = enumOf(
  "SignupPath",
  signupPaths,
  "NEW_NUMBER brings a number live; WABA_ONLY links an account without a number of its own.",
);
const StatusEnum = enumOf(
  "SignupStatus",
  signupStatuses,
  "BLOCKED: a step was refused, `problem` says by whom and what to do.",
);
const WaitActorEnum = enumOf("WaitActor", waitActors, "Who has to act.");
const CodeMethodEnum = enumOf("CodeMethod", codeMethods, "How Meta sends the verification code.");
const StepStateEnum = enumOf("SignupStepState", stepStates, "Where a step stands.");

@ObjectType("SignupStepRecord", { description: "A step of a signup case with what was found when it was checked." })
export class StepType {
  @Field(() => StepEnum)
  step!: SignupStep;

  @Field(() => StepStateEnum)
  state!: StepState;

  @Field(() => DateTime, { nullable: true, description: "When it was done." })
  at!: Date | null;

  @Field(() => [FindingType])
  evidence!: FindingType[];
}

@ObjectType("SignupWait", { description: "What a case waits for. A case is never just pending." })
export class WaitType {
  @Field(() => String, { description: "What is waited for, in words." })
  for!: string;

  @Field(() => WaitActorEnum)
  actor!: WaitActor;

  @Field(() => DateTime)
  since!: Date;

  @Field(() => Int, { description: "How long it usually takes, in seconds." })
  typicalSeconds!: number;

  @Field(() => DateTime)
  deadline!: Date;

  @Field(() => DateTime, { nullable: true, description: "When the deadline was noticed to have passed." })
  overdueSince!: Date | null;
}

@ObjectType("SignupProblem", { description: "Why a step does not pass, and what to do." })
export class ProblemType {
  @Field(() => StepEnum)
  step!: SignupStep;

  @Field(() => DateTime)
  at!: Date;

  @Field(() => String, { nullable: true, description: "Meta's error code." })
  metaCode!: string | null;

  @Field(() => String, { nullable: true })
  metaSubcode!: string | null;

  @Field(() => String, { description: "What happened, with Meta's words where Meta gave some." })
  message!: string;

  @Field(() => String)
  whatToDo!: string;

  @Field(() => WaitActorEnum, { description: "Who has to do it." })
  actor!: WaitActor;

  @Field(() => DateTime, { nullable: true, description: "When the platform tries again by itself." })
  retryAt!: Date | null;
}

@Directive('@key(fields: "id")')
@ObjectType("SignupCase", { description: "One attempt to bring a number live." })
export class SignupCaseType {
  @Field(() => ID)
  id!: string;

  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;

  @Field(() => TenantRef, { nullable: true })
  tenant!: TenantRef | null;

  @Field(() => PathEnum)
  path!: SignupPath;

  @Field(() => StatusEnum)
  status!: SignupStatus;

  @Field(() => ID, { description: "Meta's id of the account." })
  wabaId!: string;

  @Field(() => ID, { description: "Meta's id of the client's business portfolio." })
  businessId!: string;

  @Field(() => ID, { nullable: true, description: "Meta's id of the number, once it is known." })
  phoneNumberId!: string | null;

  @Field(() => String, { nullable: true, description: "The number in E.164 form." })
  number!: string | null;

  @Field(() => String, { nullable: true })
  displayName!: string | null;

  @Field(() => DateTime)
  openedAt!: Date;

  @Field(() => [StepType], { description: "Every step of the path, in order." })
  steps!: StepType[];

  @Field(() => StepEnum, { nullable: true, description: "The step the case stands at." })
  next!: SignupStep | null;

  @Field(() => WaitType, { nullable: true, description: "Absent once the case is over." })
  waitingOn!: WaitType | null;

  @Field(() => ProblemType, { nullable: true })
  problem!: ProblemType | null;

  @Field(() => [ProblemType], { description: "Every refusal so far, newest first, the last twenty." })
  refusals!: ProblemType[];

  @Field(() => String, { nullable: true, description: "Why it was abandoned." })
  endReason!: string | null;

  wabaRecordId?: string;
  numberRecordId?: string;
}
export const SignupCaseConnection = connectionOf("SignupCase", SignupCaseType);

@ArgsType()
export class SignupCasesArgs extends PageArgs {
  @Field(() => StatusEnum, { nullable: true })
  status?: SignupStatus;

  @Field(() => WaitActorEnum, { nullable: true, description: "Only cases that wait for this side." })
  waitingOn?: WaitActor;
}

@InputType()
export class SignupPhoneInput {
  @Field(() => String, { description: "Calling code, digits only, e.g. 57." })
  countryCode!: string;

  @Field(() => String, { description: "National number, digits only." })
  number!: string;

  @Field(() => String, { description: "The name users shall see; Meta reviews it." })
  displayName!: string;
}

@InputType()
export class OpenSignupCaseInput {
  @Field(() => String, { description: "The code of Embedded Signup: it lives 30 seconds and works once." })
  code!: string;

  @Field(() => ID, { description: "`waba_id` of Embedded Signup's FINISH message." })
  wabaId!: string;

  @Field(() => ID, { description: "`business_id` of Embedded Signup's FINISH message." })
  businessId!: string;

  @Field(() => ID, {
    nullable: true,
    description: "`phone_number_id` of Embedded Signup's FINISH message, where it has one.",
  })
  phoneNumberId?: string;

  @Field(() => SignupPhoneInput, {
    nullable: true,
    description: "The number to bring live. Left out: only the account is linked.",
  })
  phone?: SignupPhoneInput;

  @Field(() => CodeMethodEnum, { defaultValue: "SMS" })
  codeMethod!: CodeMethod;

  @Field(() => String, { nullable: true, description: "The same key with the same input gives the same case." })
  idempotencyKey?: string;
}

@InputType()
export class SubmitVerificationCodeInput {
  @Field(() => ID)
  caseId!: string;

  @Field(() => String, { description: "The six digits Meta sent." })
  code!: string;
}

@InputType()
export class RequestCodeAgainInput {
  @Field(() => ID)
  caseId!: string;

  @Field(() => CodeMethodEnum, { nullable: true, description: "Left out: as before." })
  codeMethod?: CodeMethod;
}

@InputType()
export class RetrySignupStepInput {
  @Field(() => ID)
  caseId!: string;

  @Field(() => String, {
    nullable: true,
    description: "A fresh code of Embedded Signup; needed when the exchange was refused.",
  })
  code?: string;
}

@InputType()
export class AbandonSignupCaseInput {
  @Field(() => ID)
  caseId!: string;

  @Field(() => String, { description: "Why, in words the client may read." })
  reason!: string;
}

@ObjectType()
export class SignupCasePayload {
  @Field(() => SignupCaseType)
  signupCase!: SignupCaseType;
}

const toWait = (waiting: Waiting): WaitType => ({
  for: waiting.for,
  actor: waiting.actor,
  since: waiting.since,
  typicalSeconds: Math.round(waiting.typicalMs / 1000),
  deadline: waiting.deadline,
  overdueSince: waiting.overdueSince ?? null,
});

const toProblem = (problem: Problem): ProblemType => ({
  step: problem.step,
  at: problem.at,
  metaCode: problem.code ?? null,
  metaSubcode: problem.subcode ?? null,
  message: problem.message,
  whatToDo: problem.remedy,
  actor: problem.actor,
  retryAt: problem.retryAt ?? null,
});

const stateOf = (one: SignupCase, step: SignupStep): StepState => {
  if (one.steps.some((done) => done.step === step)) return "done";
  if (one.next !== step || one.status === "abandoned") return "to_do";
  return one.status === "blocked" ? "refused" : "now";
};

const toSteps = (one: SignupCase): StepType[] =>
  stepsOf(one.path).map((step) => {
    const done = one.steps.find((record) => record.step === step);
    return { step, state: stateOf(one, step), at: done?.at ?? null, evidence: toFindings(done?.evidence ?? {}) };
  });

const toNumber = (one: SignupCase): Pick<SignupCaseType, "phoneNumberId" | "number" | "displayName"> => ({
  phoneNumberId: one.phoneNumberId ?? null,
  number: one.number?.e164 ?? null,
  displayName: one.number?.displayName ?? null,
});

const toStanding = (
  one: SignupCase,
): Pick<SignupCaseType, "steps" | "next" | "waitingOn" | "problem" | "refusals" | "endReason"> => ({
  steps: toSteps(one),
  next: one.next ?? null,
  waitingOn: one.waiting ? toWait(one.waiting) : null,
  problem: one.problem ? toProblem(one.problem) : null,
  refusals: one.refusals.map(toProblem).reverse(),
  endReason: one.endReason ?? null,
});

export const toSignupCase = (one: SignupCase): SignupCaseType => ({
  ...toNumber(one),
  ...toStanding(one),
  id: one.id,
  livemode: one.livemode,
  tenant: { id: one.tenantId },
  path: one.path,
  status: one.status,
  wabaId: one.wabaId,
  businessId: one.metaBusinessId,
  openedAt: one.openedAt,
  ...(one.wabaRecordId !== undefined && { wabaRecordId: one.wabaRecordId }),
  ...(one.numberRecordId !== undefined && { numberRecordId: one.numberRecordId }),
});
