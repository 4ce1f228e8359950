import { type Answer, type Asked, graphql, type GraphqlBody } from "../asking/answers.js";
import { type Deployment, type Exchange } from "./interview.js";
import { type Ids } from "./known.js";

const mutation = (name: string, inputType: string, selection: string, input: object): Asked => ({
  query: `mutation Ask($input: ${inputType}!) { ${name}(input: $input) { ${selection} } }`,
  variables: { input },
});

const template = "template { __typename id name status body { text } category { raw } }";
const tenant = "tenant { __typename id name legalName status statusReason country currency timeZone }";
const badge =
  "badgeRequest { __typename id status evidence { __typename id url note checks { __typename rule verdict proof } } }";

type Step = readonly [what: string, caller: string, asked: Asked];

/** Requests that meet a state, a key that was used, or a rule: some change something, and the next one meets it. In this order. */
const steps = (ids: Ids): readonly Step[] => {
  const { tenantId, templateId, caseId, badgeRequestId, phoneNumberId, wabaId } = ids;
  const create = (input: object): Asked => mutation("createTenant", "CreateTenantInput", tenant, input);
  const draft = (input: object): Asked => mutation("draftTemplate", "DraftTemplateInput", template, input);
  const on = (name: string, more: object = {}): Asked => mutation(name, name === "decideTemplateReview" ? "DecideTemplateReviewInput" : "TemplateInput", template, { templateId, ...more }); // prettier-ignore
  const status = (name: string): Asked =>
    mutation(name, "TenantStatusInput", tenant, { tenantId, reason: "A trial of the states" });
  const acting = (minutes: number): Asked =>
    mutation("actFor", "ActForInput", "__typename", { tenantId, reason: "A look", minutes });
  const content = { category: "UTILITY", body: { text: "Your table is ready." } };
  const other = { name: "Nuevo", legalName: "Nuevo S.A.", country: "CO", currency: "COP", timeZone: "America/Bogota" };
  const drafted = { wabaId, name: "table_ready", language: "en_US", content, idempotencyKey: "apart:draft" };
  return [
    ["a tenant", "onboarding_agent", create({ ...other, idempotencyKey: "apart:tenant" })],
    ["the same again", "onboarding_agent", create({ ...other, idempotencyKey: "apart:tenant" })],
    ["another under the same key", "onboarding_agent", create({ ...other, name: "Otro", idempotencyKey: "apart:tenant" })],
    ["the same key of somebody else", "platform_admin", create({ ...other, idempotencyKey: "apart:tenant" })],
    ["a country that is none", "platform_admin", create({ ...other, country: "Colombia" })],
    ["a currency that is none", "platform_admin", create({ ...other, currency: "PESO" })],
    ["a zone that is none", "platform_admin", create({ ...other, timeZone: "Bogota" })],
    ["a provider below the provider", "platform_admin", create({ ...other, kind: "PROVIDER" })],
    ["a draft", "lumen", draft(drafted)],
    ["the same draft again", "lumen", draft(drafted)],
    ["another draft under the same key", "lumen", draft({ ...drafted, name: "table_taken" })],
    ["the draft under another key", "lumen", draft({ ...drafted, idempotencyKey: "apart:other" })],
    ["a draft on another's account", "andes", draft({ ...drafted, idempotencyKey: "apart:foreign" })],
    ["a name that is none", "lumen", draft({ ...drafted, name: "Table Ready!", idempotencyKey: "apart:name" })],
    ["a check of what Meta has", "lumen", on("checkTemplate")],
    ["a review that is over", "template_reviewer", on("decideTemplateReview", { decision: "APPROVED" })],
    ["a refusal without a reason", "template_reviewer", on("decideTemplateReview", { decision: "REFUSED" })],
    ["a code for a live number", "lumen", mutation("submitVerificationCode", "SubmitVerificationCodeInput", "__typename", { caseId, code: "123456" })],
    ["a code that is none", "lumen", mutation("submitVerificationCode", "SubmitVerificationCodeInput", "__typename", { caseId, code: "one" })],
    ["another code for a live number", "lumen", mutation("requestCodeAgain", "RequestCodeAgainInput", "__typename", { caseId })],
    ["a retry where nothing is wrong", "lumen", mutation("retrySignupStep", "RetrySignupStepInput", "__typename", { caseId })],
    ["giving up a live number", "lumen", mutation("abandonSignupCase", "AbandonSignupCaseInput", "__typename", { caseId, reason: "No" })],
    ["evidence that is no link", "lumen", mutation("addBadgeEvidence", "AddBadgeEvidenceInput", badge, { badgeRequestId, url: "ftp://x" })],
    ["evidence", "lumen", mutation("addBadgeEvidence", "AddBadgeEvidenceInput", badge, { badgeRequestId, url: "https://www.bbc.com/news/coffee", note: "More press" })],
    ["a badge too early", "lumen", mutation("submitBadgeForReview", "SubmitBadgeForReviewInput", badge, { badgeRequestId })],
    ["a decision nobody asked for", "lumen", mutation("decideBadgeReview", "DecideBadgeReviewInput", badge, { badgeRequestId, approve: true, reason: "Fine" })],
    ["a second badge", "lumen", mutation("openBadgeRequest", "OpenBadgeRequestInput", badge, { phoneNumberId, websiteUrl: "https://casalumen.example", primaryCountry: "Colombia" })],
    ["a second billing account", "lumen", mutation("openBillingAccount", "OpenBillingAccountInput", "account { __typename id }", {})],
    ["a market that is none", "lumen", mutation("openBillingAccount", "OpenBillingAccountInput", "account { __typename id }", { markets: ["Atlantis"] })],
    ["a plan for the past", "lumen", mutation("setPricePlan", "SetPricePlanInput", "plan { __typename id }", { effectiveFrom: "2026-11-01", currency: "USD" })],
    ["a plan for a day that is none", "lumen", mutation("setPricePlan", "SetPricePlanInput", "plan { __typename id }", { effectiveFrom: "2026-02-30", currency: "USD" })],
    ["a plan", "lumen", mutation("setPricePlan", "SetPricePlanInput", "plan { __typename id number effectiveFrom currency }", { effectiveFrom: "2027-01-01", currency: "USD", percent: { basisPoints: 500 }, idempotencyKey: "apart:plan" })],
    ["another plan under the same key", "lumen", mutation("setPricePlan", "SetPricePlanInput", "plan { __typename id }", { effectiveFrom: "2027-02-01", currency: "USD", idempotencyKey: "apart:plan" })],
    ["a comparison of a month that is none", "billing_admin", mutation("runReconciliation", "RunReconciliationInput", "run { __typename id }", { month: "2026-00" })],
    ["a comparison by a client", "lumen", mutation("runReconciliation", "RunReconciliationInput", "run { __typename id }", { month: "2026-11" })],
    ["acting for no time", "platform_admin", acting(0)],
    ["acting for too long", "platform_admin", acting(61)],
    ["suspending", "platform_admin", status("suspendTenant")],
    ["suspending twice", "platform_admin", status("suspendTenant")],
    ["activating what is suspended", "platform_admin", status("activateTenant")],
    ["resuming", "platform_admin", status("resumeTenant")],
    ["resuming twice", "platform_admin", status("resumeTenant")],
    ["a dead letter that is none", "platform_admin", mutation("redeliverDeadLetter", "RedeliverDeadLetterInput", "__typename", { id: "nothing" })],
  ]; // prettier-ignore
};

/** Asks them one after the other. */
export async function conflicts(deployment: Deployment, ids: Ids): Promise<readonly Exchange[]> {
  const exchanges: Exchange[] = [];
  for (const [what, caller, asked] of steps(ids)) {
    const answer = await graphql(deployment.url, deployment.callers[caller], asked);
    exchanges.push({ what: `${caller}: ${what}`, answer });
  }
  await deployment.settle();
  return exchanges;
}

const atOnce = 8;
const rounds = 25;

/** Changes one tenant from several sides at once until one side loses, and answers what the loser is told. @throws Error when nobody ever loses. */
export async function lostUpdate({ url, callers }: Deployment, tenantId: string): Promise<Answer> {
  const rename = (name: string): Promise<Answer> =>
    graphql(url, callers["platform_admin"], mutation("renameTenant", "RenameTenantInput", tenant, { tenantId, name }));
  for (let round = 0; round < rounds; round++) {
    const answers = await Promise.all(
      Array.from({ length: atOnce }, (_, at) => rename(`Name ${String(round)}.${String(at)}`)),
    );
    const lost = answers.find(({ body }) => (body as GraphqlBody).errors !== undefined);
    if (lost !== undefined) return lost;
  }
  throw new Error(`${String(rounds)} rounds of ${String(atOnce)} changes at once, and nobody lost.`);
}
