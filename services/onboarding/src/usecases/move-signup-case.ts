import { allow, type Call, tenantScope } from "@greentick/kernel";
import {
  abandonCase,
  type CodeMethod,
  requestDigitsAgain,
  retryStep,
  type SignupCase,
  submitDigits,
} from "../domain/signup-case.js";
import { type OnboardingPorts } from "../ports.js";
import { about } from "./secrets.js";
import { abandoned, advanced } from "./signup-events.js";

type Ports = Pick<OnboardingPorts, "cases" | "vault">;
type Move<I> = (call: Call, input: I & { readonly caseId: string }) => Promise<SignupCase>;

/** The six digits Meta sent. @throws CONFLICT/signup_not_at_step, CONFLICT/verification_in_progress. */
export const submitVerificationCode =
  ({ cases, vault }: Ports): Move<{ readonly code: string }> =>
  async (call, { caseId, code }) => {
    allow(call, "onboarding:write");
    const one = await cases.get(tenantScope(call), caseId);
    const next = submitDigits(one, await vault.seal(about.digits(one), code), call.now());
    return cases.save(call, next, [advanced(next, undefined, "digits submitted")]);
  };

/** Has Meta send another code, by the same or the other method. @throws CONFLICT/signup_not_at_step. */
export const requestCodeAgain =
  ({ cases }: Ports): Move<{ readonly codeMethod?: CodeMethod }> =>
  async (call, { caseId, codeMethod }) => {
    allow(call, "onboarding:write");
    const next = requestDigitsAgain(await cases.get(tenantScope(call), caseId), codeMethod, call.now());
    return cases.save(call, next, [advanced(next, undefined, "another verification code asked for")]);
  };

/** Tries the refused step again; the exchange needs a fresh code. @throws CONFLICT/signup_not_blocked, CONFLICT/signup_code_needed. */
export const retrySignupStep =
  ({ cases, vault }: Ports): Move<{ readonly code?: string }> =>
  async (call, { caseId, code }) => {
    allow(call, "onboarding:write");
    const one = await cases.get(tenantScope(call), caseId);
    const sealed = code === undefined ? undefined : await vault.seal(about.signupCode(one), code);
    const next = retryStep(one, call.now(), sealed);
    return cases.save(call, next, [advanced(next, undefined, "step retried")]);
  };

/** Gives the case up; what exists at Meta stays. @throws CONFLICT/signup_over. */
export const abandonSignupCase =
  ({ cases }: Ports): Move<{ readonly reason: string }> =>
  async (call, { caseId, reason }) => {
    allow(call, "onboarding:write");
    const next = abandonCase(await cases.get(tenantScope(call), caseId), reason);
    return cases.save(call, next, [abandoned(next, reason)]);
  };
