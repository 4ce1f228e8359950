import { allow, type Call, tenantScope } from "@greentick/kernel";
import { type BadgeApplication, type BadgeRequest, openBadge } from "../domain/badge-request.js";
import { type OnboardingPorts } from "../ports.js";
import { badgeMoved } from "./badge-events.js";
import { ownerOf } from "./open-signup-case.js";

interface OpenBadgeInput extends BadgeApplication {
  /** Our id of the number. */
  readonly numberRecordId: string;
}
export type OpenBadgeRequest = (call: Call, input: OpenBadgeInput) => Promise<BadgeRequest>;

/** A draft of a request for an Official Business Account. @throws NOT_FOUND/phone_number_not_found, CONFLICT/badge_request_exists. */
export const openBadgeRequest =
  ({ badges, numbers }: Pick<OnboardingPorts, "badges" | "numbers">): OpenBadgeRequest =>
  async (call, input) => {
    allow(call, "badge:write");
    const { numberRecordId, ...application } = input;
    const number = await numbers.get(tenantScope(call), numberRecordId);
    const facts = {
      ...ownerOf(call),
      id: call.newId("badgeRequest"),
      numberRecordId: number.id,
      phoneNumberId: number.phoneNumberId,
      application,
    };
    const draft = openBadge(facts, call.now());
    return badges.insert(call, draft, [badgeMoved(draft)], { mutation: "openBadgeRequest", input });
  };
