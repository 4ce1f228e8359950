import { allow, type Call, tenantScope } from "@greentick/kernel";
import { receivedFirst } from "../domain/phone-number.js";
import { type OnboardingPorts } from "../ports.js";
import { keepOutcome } from "./run-signup-step.js";

export type NoteFirstInbound = (
  call: Call,
  message: { readonly phoneNumberId: string; readonly at: Date },
) => Promise<boolean>;

/**
 * A user wrote to a number. The first message is kept on the number and moves the case that waits for it; whichever of the two comes first, neither
 * is lost. True when the number is live, so that nothing more is to be noted of it. Safe to repeat.
 */
export const noteFirstInbound =
  (ports: Pick<OnboardingPorts, "cases" | "numbers">): NoteFirstInbound =>
  async (call, { phoneNumberId, at }) => {
    allow(call, "onboarding:write");
    const number = await ports.numbers.findOne(tenantScope(call), { phoneNumberId });
    if (number === undefined) return false;
    if (number.liveSince !== undefined && number.firstInboundAt !== undefined) return true;
    const noted = receivedFirst(number, at);
    if (noted !== number) await ports.numbers.save(call, noted, []);
    const step = "first_inbound";
    const one = await ports.cases.findOne(tenantScope(call), { phoneNumberId, next: step, status: "open" });
    if (one !== undefined)
      await keepOutcome(ports, call, { one, step, outcome: { done: { firstInboundAt: at.toISOString() } } });
    return number.liveSince !== undefined;
  };
