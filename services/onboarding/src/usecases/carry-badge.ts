import { after, allow, type Call, dayMs, tenantScope } from "@greentick/kernel";
import {
  type BadgeRequest,
  beginAttempt,
  coolOff,
  decided,
  refusedAtSubmission,
  reopen,
  submitted,
} from "../domain/badge-request.js";
import { MetaRefusal, retryAfterMs } from "../domain/meta-refusal.js";
import { type OnboardingPorts } from "../ports.js";
import { badgeMoved } from "./badge-events.js";
import { tokenOf, wabaOf } from "./look.js";

/** One durable timer per badge request: the next try, the next look for a decision, or the end of the cooling off. */
export const badgeTimer = "onboarding.badge";

/**
 * Does what the platform owes a badge request in its present state: submits it, looks for Meta's decision, lets a refused one cool off, and makes it a
 * draft again after 30 days. Safe to repeat; states in which people act are left alone.
 */
export const carryBadge =
  (ports: OnboardingPorts) =>
  async (call: Call, badgeRequestId: string): Promise<void> => {
    allow(call, "badge:write");
    const one = await ports.badges.find(tenantScope(call), badgeRequestId);
    if (one === undefined) return;
    if (one.status === "submitting") await submit(ports, call, one);
    else if (one.status === "submitted") await lookForDecision(ports, call, one);
    else if (one.status === "rejected") await keep(ports, call, { next: coolOff(one, call.now()) });
    else if (one.status === "cooling_off") await endCooling(ports, call, one);
  };

interface Moving {
  readonly next: BadgeRequest;
  readonly reason?: string;
}

const keep = (ports: OnboardingPorts, call: Call, { next, reason }: Moving): Promise<BadgeRequest> =>
  ports.badges.save(call, next, [badgeMoved(next, reason)]);

const wake = (ports: OnboardingPorts, call: Call, { about, dueAt }: { about: string; dueAt: Date }): Promise<void> =>
  ports.reminders.set(call, { kind: badgeTimer, about, dueAt });

async function tokenFor(ports: OnboardingPorts, call: Call, one: BadgeRequest): Promise<string> {
  const number = await ports.numbers.get(tenantScope(call), one.numberRecordId);
  return tokenOf(ports, await wabaOf(ports, call, number.wabaId));
}

/** What is sent is on record first; then Meta is asked whether it has the request already, and only then it is sent. */
async function submit(ports: OnboardingPorts, call: Call, one: BadgeRequest): Promise<void> {
  const begun = beginAttempt(one, call.now());
  const kept = begun === one ? one : await ports.badges.save(call, begun, []);
  try {
    await keep(ports, call, { next: await send(ports, call, kept) });
  } catch (error) {
    if (!(error instanceof MetaRefusal)) throw error;
    if (error.facts.passing) return wake(ports, call, { about: one.id, dueAt: after(call.now(), retryAfterMs) });
    const next = refusedAtSubmission(kept, JSON.stringify(wordsOf(error)), call.now());
    await keep(ports, call, { next, reason: error.facts.words ?? error.message });
  }
}

async function send(ports: OnboardingPorts, call: Call, one: BadgeRequest): Promise<BadgeRequest> {
  const token = await tokenFor(ports, call, one);
  const before = await ports.meta.readBadge(call, token, one.phoneNumberId);
  const word = before.status.toUpperCase();
  if (word === "APPROVED")
    return decided(one, { outcome: "approved", decision: JSON.stringify(before), at: call.now() });
  if (word === "PENDING") return submitted(one, JSON.stringify(before));
  await ports.meta.requestBadge(call, token, one);
  return submitted(one, JSON.stringify({ success: true }));
}

const wordsOf = ({ facts, message }: MetaRefusal): Record<string, string> => ({
  ...(facts.code !== undefined && { code: facts.code }),
  ...(facts.subcode !== undefined && { error_subcode: facts.subcode }),
  ...(facts.words !== undefined && { error_user_msg: facts.words }),
  ...(facts.traceId !== undefined && { fbtrace_id: facts.traceId }),
  message,
});

/** Meta sends an alert with its decision; the daily look is for the alert that got lost. */
async function lookForDecision(ports: OnboardingPorts, call: Call, one: BadgeRequest): Promise<void> {
  await wake(ports, call, { about: one.id, dueAt: after(call.now(), dayMs) });
  const seen = await statusAtMeta(ports, call, one);
  const outcome = ({ APPROVED: "approved", REJECTED: "rejected" } as const)[seen.status.toUpperCase()];
  if (outcome === undefined) return;
  const next = decided(one, { outcome, decision: JSON.stringify(seen), at: call.now() });
  await keep(ports, call, { next, reason: "Meta's decision, seen by a look" });
}

/** When Meta is away there is nothing to learn now; tomorrow's look is set already. */
async function statusAtMeta(ports: OnboardingPorts, call: Call, one: BadgeRequest): Promise<{ status: string }> {
  try {
    return await ports.meta.readBadge(call, await tokenFor(ports, call, one), one.phoneNumberId);
  } catch (error) {
    if (!(error instanceof MetaRefusal)) throw error;
    call.log.warn(
      { badgeRequestId: one.id, operation: error.facts.operation, code: error.facts.code },
      "badge status could not be read",
    );
    return { status: "UNREAD" };
  }
}

async function endCooling(ports: OnboardingPorts, call: Call, one: BadgeRequest): Promise<void> {
  const next = reopen(one, call.now());
  if (next === one) return wake(ports, call, { about: one.id, dueAt: one.coolingUntil ?? call.now() });
  await keep(ports, call, { next, reason: "the 30 days after Meta's refusal are over" });
}
