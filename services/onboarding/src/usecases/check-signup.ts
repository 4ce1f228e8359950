import { after, allow, type Call, hourMs, tenantScope } from "@greentick/kernel";
import { isOver, markOverdue, retryStep, type SignupCase } from "../domain/signup-case.js";
import { type OnboardingPorts } from "../ports.js";
import { advanced, overdue } from "./signup-events.js";
import { keepOutcome } from "./run-signup-step.js";
import { awaitName } from "./steps/number-steps.js";

/** One durable timer per case: the next look at Meta, the next retry, or the deadline, whichever comes first. */
export const signupTimer = "onboarding.signup";
/** Meta decides a name within days and may lose a webhook: this is how often we look ourselves. */
const nameLookEveryMs = 6 * hourMs;

type Ports = OnboardingPorts;

/** Sets the case's timer to what is due next; none once it is over. Safe to repeat. */
export const scheduleSignup =
  ({ cases, reminders }: Pick<Ports, "cases" | "reminders">) =>
  async (call: Call, caseId: string): Promise<void> => {
    allow(call, "onboarding:write");
    const one = await cases.get(tenantScope(call), caseId);
    const dueAt = nextCheck(one, call.now());
    const timer = { kind: signupTimer, about: caseId };
    await (dueAt === undefined ? reminders.cancel(call, timer) : reminders.set(call, { ...timer, dueAt }));
  };

function nextCheck(one: SignupCase, now: Date): Date | undefined {
  const { waiting, problem } = one;
  if (isOver(one) || waiting === undefined) return undefined;
  const deadline = waiting.overdueSince === undefined ? [waiting.deadline] : [];
  const look = waiting.actor === "meta" && one.next === "name_approved" ? [after(now, nameLookEveryMs)] : [];
  const retry = problem?.retryAt === undefined ? [] : [problem.retryAt];
  return [...deadline, ...look, ...retry].sort((a, b) => a.getTime() - b.getTime())[0];
}

/** What is due on a case now: a retry by the platform, a look at the name's decision, a deadline that passed. */
export const checkSignup =
  (ports: Ports) =>
  async (call: Call, caseId: string): Promise<void> => {
    allow(call, "onboarding:write");
    const one = await ports.cases.find(tenantScope(call), caseId);
    if (one === undefined || isOver(one)) return;
    await (isRetryDue(one, call.now()) ? retryByItself(ports, call, one) : lookOrMark(ports, call, one));
    await scheduleSignup(ports)(call, caseId);
  };

const isRetryDue = (one: SignupCase, now: Date): boolean =>
  one.problem?.retryAt !== undefined && one.problem.retryAt <= now;

async function retryByItself({ cases }: Ports, call: Call, one: SignupCase): Promise<void> {
  const next = retryStep(one, call.now());
  await cases.save(call, next, [advanced(next, undefined, "retried by the platform")]);
}

async function lookOrMark(ports: Ports, call: Call, one: SignupCase): Promise<void> {
  const late = markOverdue(one, call.now());
  const current = late === undefined ? one : await ports.cases.save(call, late, overdue(late));
  if (current.status !== "open" || current.next !== "name_approved") return;
  await keepOutcome(ports, call, {
    one: current,
    step: "name_approved",
    outcome: await awaitName(ports, call, current),
  });
}
