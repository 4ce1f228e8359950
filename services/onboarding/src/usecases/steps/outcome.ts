import { type Call } from "@greentick/kernel";
import { type Evidence, type SignupCase } from "../../domain/signup-case.js";
import { type WaitActor } from "../../domain/signup-steps.js";
import { type OnboardingPorts } from "../../ports.js";

/**
 * What became of the work on a step: it is done, with what the check showed and what the case now knows; somebody else has to act; or our own check
 * found what must be put right first.
 */
export type StepOutcome =
  | { readonly done: Evidence; readonly learnt?: (one: SignupCase) => SignupCase }
  | { readonly wait: true }
  | { readonly refused: { readonly actor: WaitActor; readonly message: string; readonly remedy: string } };

/** The work on one step: looks whether it is done already, does it, and looks again. Safe to repeat. Throws MetaRefusal. */
export type StepWork = (ports: OnboardingPorts, call: Call, one: SignupCase) => Promise<StepOutcome>;

export const refused = (actor: WaitActor, message: string, remedy: string): StepOutcome => ({
  refused: { actor, message, remedy },
});
