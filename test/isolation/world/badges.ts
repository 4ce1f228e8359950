import { ask, type Target } from "@greentick/gateway";
import { type Side } from "./sides.js";

const numbers = `query Numbers { phoneNumbers(first: 20) { nodes { id phoneNumberId } } }`;
const open = `mutation OpenBadge($input: OpenBadgeRequestInput!) { openBadgeRequest(input: $input) { badgeRequest { id } } }`;
const evidence = `mutation Evidence($input: AddBadgeEvidenceInput!) { addBadgeEvidence(input: $input) { badgeRequest { id } } }`;
const submit = `mutation Submit($input: SubmitBadgeForReviewInput!) { submitBadgeForReview(input: $input) { badgeRequest { id } } }`;
const decide = `mutation Decide($input: DecideBadgeReviewInput!) { decideBadgeReview(input: $input) { badgeRequest { id } } }`;

const press = ["eltiempo.com/economia", "folha.uol.com.br/mercado", "bbc.com/news/business"];

/** Our id of the side's first or second number. */
async function numberId(target: Target, side: Side, at: 0 | 1): Promise<string> {
  const { phoneNumbers } = await ask<{ phoneNumbers: { nodes: { id: string; phoneNumberId: string }[] } }>(
    target,
    side.tokens.owner,
    numbers,
  );
  return phoneNumbers.nodes.find((one) => one.phoneNumberId === side.phoneNumberIds[at])?.id ?? "";
}

const adding =
  (target: Target, side: Side, badgeRequestId: string) =>
  (url: string): Promise<unknown> =>
    ask(target, side.tokens.owner, evidence, { input: { badgeRequestId, url, note: `${side.canary} in the press` } });

/**
 * Asks for the badge of a number and hands it on to Meta. Too early, Meta does not take it; later Meta refuses it, since the simulated Meta refuses what
 * says so. @returns the request's id.
 */
export async function askForBadge(target: Target, side: Side, at: 0 | 1): Promise<string> {
  const input = {
    phoneNumberId: await numberId(target, side, at),
    websiteUrl: `https://${side.canary.toLowerCase()}.example`,
    primaryCountry: "Colombia",
    primaryLanguage: "Spanish",
    parentBrand: `${side.canary} Holding`,
    additionalInformation: `${side.canary}: please refuse`,
    idempotencyKey: `badge:${String(at)}`,
  };
  const opened = await ask<{ openBadgeRequest: { badgeRequest: { id: string } } }>(target, side.tokens.owner, open, {
    input,
  });
  const badgeRequestId = opened.openBadgeRequest.badgeRequest.id;
  for (const url of press) await adding(target, side, badgeRequestId)(`https://www.${url}/${side.canary}`);
  await ask(target, side.tokens.owner, submit, { input: { badgeRequestId, acceptRisks: true } });
  await ask(target, side.tokens.visiting_staff, decide, {
    input: { badgeRequestId, approve: true, reason: `${side.canary} is known` },
  });
  await target.settle();
  return badgeRequestId;
}

/** Something that differs from what Meta refused. */
export const betterBadge = (target: Target, side: Side, badgeRequestId: string): Promise<unknown> =>
  adding(target, side, badgeRequestId)(`https://www.elpais.com/negocios/${side.canary}`);
