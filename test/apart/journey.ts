import {
  actFor,
  ask,
  bringLive,
  decideTemplates,
  type LiveClient,
  planTraffic,
  postSamples,
  reconcile,
  runTraffic,
  sampleClients,
  type Target,
  twoClients,
} from "@greentick/gateway";

/** Where all clocks start. */
export const journeyStart = new Date("2026-11-22T00:00:00Z");
const traffic = { from: new Date("2026-11-23T00:00:00Z"), to: new Date("2026-11-27T00:00:00Z") };
/** The month is closed and invoiced by then. */
const end = new Date("2026-12-03T12:00:00Z");
export const months = ["2026-10", "2026-11", "2026-12"] as const;

export interface Journeyed {
  readonly andes: LiveClient;
  readonly lumen: LiveClient;
}

/** Approved, moved to another category, refused. */
const templates = [
  { name: "pedido_enviado", language: "pt_BR", category: "UTILITY", body: "Olá {{1}}, seu pedido saiu para entrega hoje." },
  { name: "aviso_de_pedido", language: "pt_BR", category: "UTILITY", body: "Olá {{1}}, com o seu pedido você ganhou um desconto especial de hoje." },
  { name: "noite_de_casino", language: "pt_BR", category: "MARKETING", body: "Olá {{1}}, venha para a noite de casino no centro." },
] as const; // prettier-ignore

const numbers = `query Numbers { phoneNumbers { nodes { id } } }`;
const openBadge = `mutation OpenBadge($input: OpenBadgeRequestInput!) { openBadgeRequest(input: $input) { badgeRequest { id } } }`;
const evidence = `mutation Evidence($input: AddBadgeEvidenceInput!) { addBadgeEvidence(input: $input) { badgeRequest { id } } }`;

const openEndpoint = `mutation Endpoint($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { endpoint { id } } }`;
const sendTest = `mutation Test($input: SendTestWebhookInput!) { sendTestWebhook(input: $input) { delivery { id } } }`;
const replay = `mutation Replay($input: ReplayWebhooksInput!) { replayWebhooks(input: $input) { task { id } } }`;
const replayLedger = `mutation Replay($input: RequestReplayInput!) { requestReplay(input: $input) { replay { id } } }`;
const importCard = `mutation Card($input: ImportRateCardInput!) { importRateCard(input: $input) { rateCard { id } } }`;
/** A draft that nobody releases. */
const card = {
  kind: "list",
  currency: "USD",
  effectiveFrom: "2027-01-01",
  csv: "Market,Currency,Marketing,Utility,Authentication,Authentication-International,Service\nBrazil,USD,0.07,0.0068,0.0068,n/a,0.0068",
};
/** Nothing listens there: what is sent is refused at once, and not tried again before the clock moves. */
const nowhere = "http://127.0.0.1:9/hooks";

/** A contact of the second client: what it agreed to, and what it asked to be told. */
export const contact = { phone: "+573005550001" };
const consent = `mutation Consent($input: ConsentInputType!) { recordConsent(input: $input) { consent { id } } }`;
const dataExport = `mutation DataExport($input: DataSubjectInput!) { requestDataExport(input: $input) { request { id } } }`;

/** Two clients from signup to a reconciled month: the same requests in the same order wherever it runs. */
export async function journey(target: Target): Promise<Journeyed> {
  const clock = { now: journeyStart };
  const [, second] = twoClients("2026-11-22");
  const [first] = sampleClients;
  if (first === undefined) throw new Error("the samples are about a client");
  const andes = await bringLive(target, second, clock);
  const lumen = await bringLive(target, first, clock);
  const plans = templates.map((one) => ({ ...one, samples: [{ variable: "1", value: "Ana" }] }));
  await decideTemplates(target, lumen, lumen.numbers[0]?.wabaId ?? "", plans, clock.now);
  await beginBadge(target, lumen);
  await ask(target, lumen.token, consent, { input: { identity: contact, purpose: "MARKETING", source: "web-form" } });
  await ask(target, lumen.token, dataExport, { input: { identity: contact } });
  const wabaIds = [...andes.numbers, ...lumen.numbers.slice(0, 1)].map((one) => one.wabaId);
  const plan = await planTraffic(target, { ...traffic, seed: 7, messages: 120, wabaIds, lose: 0, double: 0 });
  const span = { from: traffic.from, until: new Date(Math.max(traffic.to.getTime(), plan.lastDueAt.getTime())) };
  await runTraffic(target, plan.id, { ...span, stepHours: 48 }, () => undefined);
  await postSamples(target, 1);
  await target.moveClock(end);
  await reconcile(target, "2026-11");
  await ask(target, target.tokens.billing_admin, importCard, { input: card });
  const range = { from: "2020-01-01T00:00:00Z", to: "2020-01-02T00:00:00Z" };
  await ask(target, target.tokens.billing_admin, replayLedger, { input: { tenantId: lumen.tenantId, ...range } });
  await actFor(target, andes.tenantId, "A question about one charge");
  await beginEndpoint(target, lumen);
  await target.settle();
  return { andes, lumen };
}

/** An endpoint with one delivery in its log, and a replay over a time in which nothing came. */
async function beginEndpoint(target: Target, client: LiveClient): Promise<void> {
  const input = { url: nowhere, description: "Orders", kinds: ["template.*"] };
  const { createWebhookEndpoint } = await ask<{ createWebhookEndpoint: { endpoint: { id: string } } }>(
    target,
    client.token,
    openEndpoint,
    { input },
  );
  const endpointId = createWebhookEndpoint.endpoint.id;
  await ask(target, client.token, sendTest, { input: { endpointId, kind: "template.advanced" } });
  const range = { from: "2020-01-01T00:00:00Z", until: "2020-01-02T00:00:00Z" };
  const look = { mode: "INERT", ...range, reason: "A look at what would be different" };
  await ask(target, target.tokens.platform_admin, replay, { input: look });
}

async function beginBadge(target: Target, client: LiveClient): Promise<void> {
  const { phoneNumbers } = await ask<{ phoneNumbers: { nodes: { id: string }[] } }>(target, client.token, numbers);
  const input = {
    phoneNumberId: phoneNumbers.nodes.at(-1)?.id,
    websiteUrl: "https://casalumen.example",
    primaryCountry: "Colombia",
  };
  const { openBadgeRequest } = await ask<{ openBadgeRequest: { badgeRequest: { id: string } } }>(
    target,
    client.token,
    openBadge,
    { input },
  );
  const badgeRequestId = openBadgeRequest.badgeRequest.id;
  await ask(target, client.token, evidence, {
    input: { badgeRequestId, url: "https://www.eltiempo.com/economia/casas-de-cafe", note: "Organic press" },
  });
  await target.settle();
}
