import { allow, type Call } from "@greentick/kernel";
import { type BadgeRequest, decideReview, submitForReview } from "../domain/badge-request.js";
import { type OnboardingPorts } from "../ports.js";
import { badgeMoved } from "./badge-events.js";
import { badgeOf, judgeOf } from "./badge-parts.js";

type Ports = Pick<OnboardingPorts, "badges" | "numbers" | "wabas">;

/** Hands the request to our own reviewers. @throws CONFLICT/badge_wrong_state, CONFLICT/badge_not_ready naming the failing rules. */
export const submitBadgeForReview =
  (ports: Ports) =>
  async (
    call: Call,
    input: { readonly badgeRequestId: string; readonly acceptRisks: boolean },
  ): Promise<BadgeRequest> => {
    allow(call, "badge:write");
    const one = await badgeOf(ports, call, input.badgeRequestId);
    const judge = await judgeOf(ports, call, one);
    const next = submitForReview(one, judge(one.evidence), input.acceptRisks);
    return ports.badges.save(call, next, [badgeMoved(next, input.acceptRisks ? "risks accepted" : "ready")]);
  };

/** Our reviewer's decision: on to Meta, or back for better evidence with a reason. @throws CONFLICT/badge_wrong_state. */
export const decideBadgeReview =
  (ports: Ports) =>
  async (
    call: Call,
    input: { readonly badgeRequestId: string; readonly approve: boolean; readonly reason: string },
  ): Promise<BadgeRequest> => {
    allow(call, "badge:review");
    const one = await badgeOf(ports, call, input.badgeRequestId);
    const next = decideReview(one, {
      at: call.now(),
      by: call.actor.id,
      approved: input.approve,
      reason: input.reason,
    });
    return ports.badges.save(call, next, [badgeMoved(next, input.reason)]);
  };
