import { allow, type Call, tenantScope } from "@greentick/kernel";
import { MetaRefusal, problemOf, problemOfCheck } from "../domain/meta-refusal.js";
import {
  blockStep,
  completeStep,
  isOurTurn,
  type Problem,
  type SignupCase,
  waitOutside,
} from "../domain/signup-case.js";
import { type SignupStep } from "../domain/signup-steps.js";
import { type OnboardingPorts } from "../ports.js";
import { advanced, failed } from "./signup-events.js";
import { exchangeCode, linkAccount, shareCredit, subscribeApp } from "./steps/account-steps.js";
import {
  awaitInbound,
  awaitName,
  goLive,
  putNumber,
  registerNumber,
  requestCode,
  verifyCode,
} from "./steps/number-steps.js";
import { type StepOutcome, type StepWork } from "./steps/outcome.js";

/** Which work belongs to which step. Preflight is done when a case exists. */
const work: Readonly<Record<SignupStep, StepWork>> = {
  preflight: () => Promise.resolve({ done: {} }),
  code_exchanged: exchangeCode,
  waba_linked: linkAccount,
  app_subscribed: subscribeApp,
  credit_shared: shareCredit,
  number_added: putNumber,
  code_requested: requestCode,
  code_verified: verifyCode,
  name_approved: awaitName,
  registered: registerNumber,
  first_inbound: awaitInbound,
  live: goLive,
};

export type RunSignupStep = (call: Call, turn: { readonly caseId: string; readonly step: SignupStep }) => Promise<void>;

/**
 * Works on a step when it is the platform's turn: asks Meta whether it is done, does it, and keeps the outcome, a refusal included. Does nothing
 * for a step that is done or not reached. Safe to repeat.
 */
export const runSignupStep =
  (ports: OnboardingPorts): RunSignupStep =>
  async (call, { caseId, step }) => {
    allow(call, "onboarding:write");
    const one = await ports.cases.get(tenantScope(call), caseId);
    if (!isOurTurn(one, step)) return;
    const outcome = await work[step](ports, call, one).catch((error: unknown) => asProblem(error, step, call.now()));
    const current = await ports.cases.get(tenantScope(call), caseId);
    if (!isOurTurn(current, step)) return;
    await keepOutcome(ports, call, { one: current, step, outcome });
    call.log.info({ caseId, step, outcome: Object.keys(outcome)[0] }, "signup step worked on");
  };

function asProblem(error: unknown, step: SignupStep, now: Date): Problem {
  if (error instanceof MetaRefusal) return problemOf(step, error, now);
  throw error;
}

export interface Worked {
  readonly one: SignupCase;
  readonly step: SignupStep;
  readonly outcome: StepOutcome | Problem;
}

/** Writes what became of a step, with its events. */
export async function keepOutcome(
  { cases }: Pick<OnboardingPorts, "cases">,
  call: Call,
  { one, step, outcome }: Worked,
): Promise<void> {
  const now = call.now();
  if ("done" in outcome) {
    const next = completeStep(outcome.learnt?.(one) ?? one, { step, evidence: outcome.done }, now);
    await cases.save(call, next, [advanced(next, step)]);
    return;
  }
  if ("wait" in outcome) {
    const next = waitOutside(one, now);
    if (next !== one) await cases.save(call, next, [advanced(next)]);
    return;
  }
  const problem = "refused" in outcome ? problemOfCheck(step, outcome.refused, now) : outcome;
  const next = blockStep(one, problem, now);
  await cases.save(call, next, failed(next));
}
