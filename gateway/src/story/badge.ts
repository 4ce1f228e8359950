import { type Client } from "./clients.js";
import { ask, type Target } from "./target.js";

export interface DecidedBadge {
  readonly status: string;
  readonly scorePercent: number;
}

const number = `query PhoneNumbers { phoneNumbers(first: 100) { nodes { id phoneNumberId } } }`;
const open = `mutation OpenBadgeRequest($input: OpenBadgeRequestInput!) { openBadgeRequest(input: $input) { badgeRequest { id } } }`;
const evidence = `mutation AddBadgeEvidence($input: AddBadgeEvidenceInput!) { addBadgeEvidence(input: $input) { badgeRequest { id } } }`;
const submit = `mutation SubmitBadgeForReview($input: SubmitBadgeForReviewInput!) { submitBadgeForReview(input: $input) { badgeRequest { id } } }`;
const decide = `mutation DecideBadgeReview($input: DecideBadgeReviewInput!) { decideBadgeReview(input: $input) { badgeRequest { id } } }`;
const read = `query BadgeRequest($id: ID!) { badgeRequest(id: $id) { status readiness { scorePercent } } }`;

const press = [
  "https://www.eltiempo.com/economia/casas-de-cafe-que-exportan",
  "https://www.folha.uol.com.br/mercado/cafe-de-origem",
  "https://www.bbc.com/news/business-coffee-origins",
];

/** Asks for the badge with press as evidence and has staff approve it; Meta decides two days later. */
export async function beginBadge(target: Target, client: Client, metaPhoneNumberId: string): Promise<string> {
  const { phoneNumbers } = await ask<{ phoneNumbers: { nodes: { id: string; phoneNumberId: string }[] } }>(
    target,
    client.token,
    number,
  );
  const phoneNumberId = phoneNumbers.nodes.find((one) => one.phoneNumberId === metaPhoneNumberId)?.id;
  if (phoneNumberId === undefined) throw new Error(`The client ${client.name} has no number ${metaPhoneNumberId}.`);
  const input = {
    phoneNumberId,
    websiteUrl: "https://lumbrecafe.example",
    primaryCountry: "Brazil",
    idempotencyKey: `story:${phoneNumberId}`,
  };
  const opened = await ask<{ openBadgeRequest: { badgeRequest: { id: string } } }>(target, client.token, open, {
    input,
  });
  const badgeRequestId = opened.openBadgeRequest.badgeRequest.id;
  for (const url of press)
    await ask(target, client.token, evidence, { input: { badgeRequestId, url, note: "Organic press" } });
  await ask(target, client.token, submit, { input: { badgeRequestId } });
  await ask(target, client.token, decide, {
    input: { badgeRequestId, approve: true, reason: "Three organic articles, every rule passes" },
  });
  await target.settle();
  return badgeRequestId;
}

/** How Meta decided. */
export async function readBadge(target: Target, client: Client, id: string): Promise<DecidedBadge> {
  const { badgeRequest } = await ask<{ badgeRequest: { status: string; readiness: { scorePercent: number } } }>(
    target,
    client.token,
    read,
    { id },
  );
  return { status: badgeRequest.status, scorePercent: badgeRequest.readiness.scorePercent };
}
