import { graphErrors } from "../graph-error.js";
import { reviewDelayMs } from "../reviews.js";
import { type PhoneNode } from "../store.js";
import { type World, change, days, later, requireNode, schedule } from "../world.js";
import { list, optionalText, text, words } from "./params.js";
import { type GraphCall, type Params, type Reply, success } from "./route.js";

export const badgeParams = [
  "business_website_url",
  "primary_country_of_operation",
  "primary_language",
  "parent_business_or_brand",
  "supporting_links",
  "additional_supporting_information",
];

/**
 * Takes a request for an Official Business Account. Meta's rules that a machine can check are enforced here; notability is decided
 * two days later (Meta: official business accounts).
 */
export async function requestBadge({ world, node, params, now }: GraphCall<"phone">): Promise<Reply> {
  const application = readApplication(params);
  const unmet = await unmetRule(world, node, now);
  if (unmet !== undefined) throw graphErrors.refused("Not eligible for an official business account", unmet);
  await change<"phone">(world, node, { badge: { status: "PENDING", requestedAt: now, application } });
  const submission = Math.floor(now.getTime() / 1000);
  await schedule(world, { kind: "badge", about: node._id, dueAt: later(now, reviewDelayMs.badge), submission });
  return success;
}

function readApplication(params: Params): Record<string, unknown> {
  const website = text(params, "business_website_url");
  if (!website.startsWith("https://")) throw graphErrors.invalid("business_website_url", "must be an https URL.");
  text(params, "primary_country_of_operation");
  if ((optionalText(params, "parent_business_or_brand") ?? "").length > 255)
    throw graphErrors.invalid("parent_business_or_brand", "is too long.");
  if ((optionalText(params, "additional_supporting_information") ?? "").length > 1000) {
    throw graphErrors.invalid("additional_supporting_information", "is too long.");
  }
  if ((list(params, "supporting_links") ?? []).length > 10)
    throw graphErrors.invalid("supporting_links", "must hold at most 10 links.");
  return { ...params, supporting_links: words(params, "supporting_links") ?? [] };
}

/** The first eligibility rule that is not met, in words. */
async function unmetRule(world: World, node: PhoneNode, now: Date): Promise<string | undefined> {
  const waba = await requireNode(world, "waba", node.wabaId);
  const business = await requireNode(world, "business", node.businessId);
  const { status, decidedAt } = node.badge;
  const coolingOff = status === "REJECTED" && decidedAt !== undefined && later(decidedAt, days(30)) > now;
  const rules: readonly (readonly [boolean, string])[] = [
    [status === "APPROVED", "This phone number already has an official business account."],
    [status === "PENDING", "A request for this phone number is being reviewed."],
    [coolingOff, "A request was rejected less than 30 days ago."],
    [node.status !== "CONNECTED", "The phone number is not registered."],
    [later(waba.createdAt, days(30)) > now, "The account has been on the platform for less than 30 days."],
    [!business.verified, "The business portfolio is not verified."],
    [node.pin === undefined, "Two-step verification is not enabled."],
    [node.nameStatus !== "APPROVED", "The display name is not approved."],
  ];
  return rules.find(([unmet]) => unmet)?.[1];
}
