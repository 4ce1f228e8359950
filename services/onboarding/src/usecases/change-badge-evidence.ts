import { allow, type Call } from "@greentick/kernel";
import { type BadgeEvidence, checkLink } from "../domain/badge-evidence.js";
import { addEvidence, type BadgeRequest, withdrawEvidence } from "../domain/badge-request.js";
import { type OnboardingPorts } from "../ports.js";
import { badgeMoved } from "./badge-events.js";
import { badgeOf, judgeOf } from "./badge-parts.js";

type Ports = Pick<OnboardingPorts, "badges" | "numbers" | "wabas">;

export interface EvidenceInput {
  readonly badgeRequestId: string;
  readonly url: string;
  readonly note: string;
}

/** Adds press about the business, with the checks run on it. @throws CONFLICT/badge_wrong_state, CONFLICT/badge_evidence_full. */
export const addBadgeEvidence =
  (ports: Ports) =>
  async (call: Call, { badgeRequestId, url, note }: EvidenceInput): Promise<BadgeRequest> => {
    allow(call, "badge:write");
    const one = await badgeOf(ports, call, badgeRequestId);
    const others = one.evidence.map((item) => item.url);
    const added: BadgeEvidence = {
      id: `${one.id}/${String(nextNumber(one))}`,
      url,
      note,
      addedAt: call.now(),
      addedBy: call.actor.id,
      checks: checkLink(url, one.application.websiteUrl, others),
    };
    const next = addEvidence(one, added, await judgeOf(ports, call, one));
    return ports.badges.save(call, next, [badgeMoved(next, "evidence added")]);
  };

const nextNumber = (one: BadgeRequest): number =>
  Math.max(0, ...one.evidence.map((item) => Number(item.id.slice(item.id.lastIndexOf("/") + 1)))) + 1;

/** @throws CONFLICT/badge_wrong_state, NOT_FOUND/badge_evidence_not_found. */
export const withdrawBadgeEvidence =
  (ports: Ports) =>
  async (
    call: Call,
    input: { readonly badgeRequestId: string; readonly evidenceId: string },
  ): Promise<BadgeRequest> => {
    allow(call, "badge:write");
    const one = await badgeOf(ports, call, input.badgeRequestId);
    const next = withdrawEvidence(one, input.evidenceId, await judgeOf(ports, call, one));
    return ports.badges.save(call, next, [badgeMoved(next, "evidence withdrawn")]);
  };
