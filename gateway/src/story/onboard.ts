import { hourMs } from "@greentick/kernel";
import { type Client } from "./clients.js";
import { ask, control, type Target } from "./target.js";

export interface NumberPlan {
  readonly wabaName: string;
  /** IANA zone of the account: its price days and months. */
  readonly timezone: string;
  readonly currency: string;
  readonly countryCode: string;
  readonly number: string;
  readonly displayName: string;
  /** Someone who writes the first message, digits only. */
  readonly firstWriter: string;
  readonly ids?: { readonly businessId?: string; readonly wabaId?: string; readonly phoneNumberId?: string };
}

export interface OnboardedNumber {
  readonly caseId: string;
  readonly wabaId: string;
  readonly phoneNumberId: string;
}

interface Case {
  readonly id: string;
  readonly status: string;
  readonly phoneNumberId: string | null;
  readonly waitingOn: { readonly for: string; readonly actor: string } | null;
  readonly problem: { readonly message: string; readonly whatToDo: string } | null;
}

const fields = "id status phoneNumberId waitingOn { for actor } problem { message whatToDo }";
const open = `mutation OpenSignupCase($input: OpenSignupCaseInput!) { openSignupCase(input: $input) { signupCase { ${fields} } } }`;
const verify = `mutation SubmitVerificationCode($input: SubmitVerificationCodeInput!) { submitVerificationCode(input: $input) { signupCase { id } } }`;
const read = `query SignupCase($id: ID!) { signupCase(id: $id) { ${fields} } }`;

/** A signup that stands still where the story expects it to move. */
const stuck = (at: string, one: Case): Error =>
  new Error(
    `The signup case ${one.id} did not get ${at}: status ${one.status}; ${one.problem === null ? `waits for ${one.waitingOn?.for ?? "nothing"}` : `${one.problem.message} ${one.problem.whatToDo}`}`,
  );

/** A case that has got as far as the client's verification code. */
export interface OpenedSignup {
  readonly caseId: string;
  readonly wabaId: string;
}

/** The client finishes Embedded Signup, staff open the case; what follows by itself, up to the verification code, is under way. */
export async function openSignup(target: Target, client: Client, plan: NumberPlan): Promise<OpenedSignup> {
  const phone = { cc: plan.countryCode, number: plan.number, verifiedName: plan.displayName };
  const signup = await control<{ code: string; wabaId: string; businessId: string; phoneNumberId?: string }>(
    target.metaUrl,
    "embedded-signup",
    {
      businessName: client.legalName,
      wabaName: plan.wabaName,
      currency: plan.currency,
      timezone: plan.timezone,
      country: client.country,
      businessVerified: true,
      phone,
      ...(plan.ids && { ids: plan.ids }),
    },
  );
  const input = {
    code: signup.code,
    wabaId: signup.wabaId,
    businessId: signup.businessId,
    ...(signup.phoneNumberId !== undefined && { phoneNumberId: signup.phoneNumberId }),
    phone: { countryCode: plan.countryCode, number: plan.number, displayName: plan.displayName },
    idempotencyKey: `story:${signup.wabaId}:${plan.number}`,
  };
  const opened = await ask<{ openSignupCase: { signupCase: Case } }>(target, client.token, open, { input });
  return { caseId: opened.openSignupCase.signupCase.id, wabaId: signup.wabaId };
}

const look = async (target: Target, client: Client, id: string): Promise<Case> =>
  (await ask<{ signupCase: Case }>(target, client.token, read, { id })).signupCase;

/** The client reads the code from a text message and hands it in. Answers Meta's id of the number. @throws Error when the case does not wait for the code. */
export async function enterCode(target: Target, client: Client, caseId: string): Promise<string> {
  const waiting = await look(target, client, caseId);
  if (waiting.phoneNumberId === null || waiting.waitingOn?.actor !== "CLIENT")
    throw stuck("to the verification code", waiting);
  const { phoneNumberId } = waiting;
  const { code } = await control<{ code: string }>(target.metaUrl, `phone-numbers/${phoneNumberId}/code`);
  await ask(target, client.token, verify, { input: { caseId, code } });
  return phoneNumberId;
}

/** Somebody writes the first message to the number. */
export async function writeFirst(target: Target, plan: NumberPlan, phoneNumberId: string): Promise<void> {
  await control(target.metaUrl, "inbound", { phoneNumberId, from: plan.firstWriter, text: "Hola" });
}

/** @throws Error saying what the case waits for when it is not live. */
export async function expectLive(target: Target, client: Client, caseId: string): Promise<void> {
  const live = await look(target, client, caseId);
  if (live.status !== "LIVE") throw stuck("live", live);
}

/**
 * Brings a number live the way people do it: the client finishes Embedded Signup, staff open the case, the client reads the code from a
 * text message, Meta decides on the name, and somebody writes the first message. Moves the clock on by two hours from `now`.
 */
export async function onboardNumber(
  target: Target,
  client: Client,
  plan: NumberPlan,
  now: Date,
): Promise<OnboardedNumber> {
  const { caseId, wabaId } = await openSignup(target, client, plan);
  await target.settle();
  const phoneNumberId = await enterCode(target, client, caseId);
  await target.settle();
  await target.moveClock(new Date(now.getTime() + 2 * hourMs));
  await writeFirst(target, plan, phoneNumberId);
  await target.settle();
  await expectLive(target, client, caseId);
  return { caseId, wabaId, phoneNumberId };
}
