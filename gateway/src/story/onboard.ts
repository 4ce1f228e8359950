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
  const caseId = opened.openSignupCase.signupCase.id;
  const look = async (): Promise<Case> =>
    (await ask<{ signupCase: Case }>(target, client.token, read, { id: caseId })).signupCase;
  await target.settle();
  const waiting = await look();
  if (waiting.phoneNumberId === null || waiting.waitingOn?.actor !== "CLIENT")
    throw stuck("to the verification code", waiting);
  const { phoneNumberId } = waiting;
  const { code } = await control<{ code: string }>(target.metaUrl, `phone-numbers/${phoneNumberId}/code`);
  await ask(target, client.token, verify, { input: { caseId, code } });
  await target.settle();
  await target.moveClock(new Date(now.getTime() + 2 * hourMs));
  await control(target.metaUrl, "inbound", { phoneNumberId, from: plan.firstWriter, text: "Hola" });
  await target.settle();
  const live = await look();
  if (live.status !== "LIVE") throw stuck("live", live);
  return { caseId, wabaId: signup.wabaId, phoneNumberId };
}
