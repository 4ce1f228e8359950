import { control } from "@greentick/gateway";
import { type Recipes, type SideName } from "../subject.js";
import { embeddedSignup } from "../world/onboarding.js";
import { asking, counted, type Making, recipe } from "./making.js";

const openCase = `mutation Open($input: OpenSignupCaseInput!) { openSignupCase(input: $input) { signupCase { id } } }`;
const readCase = `query Case($id: ID!) { signupCase(id: $id) { phoneNumberId next problem { message } } }`;
const addEvidence = `mutation Add($input: AddBadgeEvidenceInput!) { addBadgeEvidence(input: $input) { badgeRequest { evidence { id } } } }`;
const submitBadge = `mutation Submit($input: SubmitBadgeForReviewInput!) { submitBadgeForReview(input: $input) { badgeRequest { id } } }`;
const withdraw = `mutation Withdraw($input: WithdrawBadgeEvidenceInput!) { withdrawBadgeEvidence(input: $input) { badgeRequest { id } } }`;
const decide = `mutation Decide($input: DecideBadgeReviewInput!) { decideBadgeReview(input: $input) { badgeRequest { id } } }`;
const badges = `query Badges { badgeRequests(first: 20) { nodes { id status evidence { id } } } }`;
const numbers = `query Numbers { phoneNumbers(first: 50) { nodes { id } } badgeRequests(first: 50) { nodes { phoneNumber { id } } } }`;

interface Badge {
  readonly id: string;
  readonly status: string;
  readonly evidence: readonly { readonly id: string }[];
}

/** Signup cases and badge requests. */
export function onboardingRecipes(making: Making): Recipes {
  const { target, sides } = making;
  const as = asking(making);
  const newCase = async (side: SideName): Promise<Readonly<Record<string, unknown>>> => {
    const number = `60155${side === "ours" ? "6" : "7"}${counted(side, "number").padStart(4, "0")}`;
    return { ...(await embeddedSignup(target, sides[side], number)), idempotencyKey: `case:${number}` };
  };
  const opened = async (side: SideName, more: object = {}): Promise<string> => {
    const input = { ...(await newCase(side)), ...more };
    const caseId = (await as<{ openSignupCase: { signupCase: { id: string } } }>(side, "owner", openCase, { input }))
      .openSignupCase.signupCase.id;
    await target.settle();
    return caseId;
  };
  const codeOf = async (side: SideName, caseId: string): Promise<string> => {
    const { signupCase } = await as<{ signupCase: { phoneNumberId: string } }>(side, "owner", readCase, { id: caseId });
    return (await control<{ code: string }>(target.metaUrl, `phone-numbers/${signupCase.phoneNumberId}/code`)).code;
  };
  const collecting = async (side: SideName): Promise<Badge> => {
    const { badgeRequests } = await as<{ badgeRequests: { nodes: Badge[] } }>(side, "owner", badges);
    const found = badgeRequests.nodes.find(
      ({ status }) => status === "EVIDENCE" || status === "READY" || status === "DRAFT",
    );
    if (found !== undefined) return found;
    const reviewed = badgeRequests.nodes.find(({ status }) => status === "INTERNAL_REVIEW");
    if (reviewed === undefined) throw new Error(`${side} has no badge request that collects evidence`);
    await as(side, "visiting_staff", decide, {
      input: { badgeRequestId: reviewed.id, approve: false, reason: "More press" },
    });
    return reviewed;
  };
  const evidenced = async (side: SideName): Promise<{ badgeRequestId: string; evidenceId: string }> => {
    const { id: badgeRequestId, evidence } = await collecting(side);
    if (evidence.length >= 4)
      await as(side, "owner", withdraw, { input: { badgeRequestId, evidenceId: evidence[0]?.id } });
    const input = { badgeRequestId, url: `https://www.elpais.com/negocios/${counted(side, "press")}`, note: "Press" };
    const added = await as<{ addBadgeEvidence: { badgeRequest: Badge } }>(side, "owner", addEvidence, { input });
    return { badgeRequestId, evidenceId: added.addBadgeEvidence.badgeRequest.evidence.at(-1)?.id ?? "" };
  };
  const reviewed = async (side: SideName): Promise<string> => {
    const { id: badgeRequestId } = await collecting(side);
    await as(side, "owner", submitBadge, { input: { badgeRequestId, acceptRisks: true } });
    return badgeRequestId;
  };
  return {
    openSignupCase: recipe("owner", newCase),
    submitVerificationCode: recipe("owner", async (side) => {
      const caseId = await opened(side);
      return { caseId, code: await codeOf(side, caseId) };
    }),
    requestCodeAgain: recipe("owner", async (side) => ({ caseId: await opened(side) })),
    retrySignupStep: recipe("owner", async (side) => {
      const caseId = await opened(side, { code: `AQ${"0".repeat(40)}` });
      return { caseId, code: (await newCase(side))["code"] };
    }),
    abandonSignupCase: recipe("owner", async (side) => ({ caseId: await opened(side), reason: "Another plan" })),
    openBadgeRequest: recipe("owner", async (side) => ({ ...badge, phoneNumberId: await freeNumber(side) })),
    addBadgeEvidence: recipe("owner", async (side) => {
      const { badgeRequestId, evidenceId } = await evidenced(side);
      await as(side, "owner", withdraw, { input: { badgeRequestId, evidenceId } });
      return { badgeRequestId, url: `https://www.elpais.com/negocios/${counted(side, "press")}`, note: "Press" };
    }),
    withdrawBadgeEvidence: recipe("owner", (side) => evidenced(side)),
    submitBadgeForReview: recipe("owner", async (side) => ({
      badgeRequestId: (await collecting(side)).id,
      acceptRisks: true,
    })),
    decideBadgeReview: recipe("visiting_staff", async (side) => ({
      badgeRequestId: await reviewed(side),
      approve: false,
      reason: "More press",
    })),
  };
  async function freeNumber(side: SideName): Promise<string> {
    await opened(side);
    const found = await as<{
      phoneNumbers: { nodes: { id: string }[] };
      badgeRequests: { nodes: { phoneNumber: { id: string } }[] };
    }>(side, "owner", numbers);
    const taken = new Set(found.badgeRequests.nodes.map(({ phoneNumber }) => phoneNumber.id));
    return found.phoneNumbers.nodes.find(({ id }) => !taken.has(id))?.id ?? "";
  }
}

const badge = { websiteUrl: "https://casa.example", primaryCountry: "Colombia" } as const;
