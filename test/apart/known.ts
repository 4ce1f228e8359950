import { graphql, type GraphqlBody } from "../asking/answers.js";
import { type Arguments, byContent, type Deployment } from "./interview.js";
import { contact, months } from "./journey.js";
import { plainly } from "./same.js";

/** Meta's id of the account that most of the samples are about. */
const lumenWabaId = "318274650192837";

const nobodysDecision = "cde_00000000000000000000000000";

const lists = `query Known {
  tenants(first: 20) { nodes { id } }
  reconciliationRuns(first: 5) { nodes { id } }
  ledgerReplays(first: 5) { nodes { id } }
  doorTasks(first: 5) { nodes { id } }
  rateCardImports(first: 5) { nodes { id } }
}`;
const own = `query Known {
  rateCards { id }
  invoices(first: 5) { nodes { id } }
  ledgerEntries(first: 100) { nodes { id kind bucket day deliveredAt charge { amount } webhook { id } pricingWebhook { id } } }
  wabas(first: 5) { nodes { id } }
  phoneNumbers(first: 5) { nodes { id } }
  badgeRequests(first: 5) { nodes { id } }
  signupCases(first: 5) { nodes { id } }
  templates(first: 5) { nodes { id } }
  dataSubjectRequests(first: 5) { nodes { id } }
  webhookEndpoints(first: 5) { nodes { id } }
  webhookDeliveries(first: 5) { nodes { id endpointId } }
  me { tenant { id } }
}`;

interface Node {
  readonly [field: string]: unknown;
  readonly id: string;
  readonly webhook?: Node | null;
  readonly pricingWebhook?: Node | null;
}
type Found = Readonly<Record<string, { readonly nodes: readonly Node[] } | undefined>>;
export interface Known {
  readonly rateCards: readonly Node[];
  readonly me: { readonly tenant: Node };
}

/** What a caller finds in lists: the ids to ask for one by one, the same things in the same order in every deployment. */
export async function knownTo(deployment: Deployment, caller: string): Promise<Found & Known> {
  const answers = await Promise.all(
    [lists, own].map((query) => graphql(deployment.url, deployment.callers[caller], { query })),
  );
  const data = answers.map(({ body }) => (body as GraphqlBody).data ?? {});
  return Object.assign({}, ...data) as Found & Known;
}

const ids = (nodes: readonly (Node | null | undefined)[] = []): readonly string[] => [
  ...new Set(nodes.flatMap((node) => (node == null ? [] : [node.id]))),
];
const asIds = (all: readonly string[]): readonly { readonly id: string }[] => all.map((id) => ({ id }));

const explained = 12;
/** A few of many, from all over the list. */
const some = <T>(items: readonly T[]): readonly T[] =>
  items.filter((_, at) => at % Math.ceil(items.length / explained) === 0);

/** By the name of the input field that takes one. */
export type Ids = Readonly<Record<string, string>>;

/** Ids of somebody's things, as others would have to name them: in inputs, and in fields of Query. */
export function idsIn(known: Found & Known): {
  readonly inputs: Ids;
  readonly queries: Readonly<Record<string, readonly string[]>>;
} {
  const entries = byContent(plainly(), known["ledgerEntries"]?.nodes ?? []);
  const first = (list: string): string => known[list]?.nodes[0]?.id ?? "";
  const queries = {
    tenant: [known.me.tenant.id],
    invoice: [first("invoices")],
    explainCharge: ids(entries).slice(0, 1),
    waba: [first("wabas")],
    phoneNumber: [first("phoneNumbers")],
    badgeRequest: [first("badgeRequests")],
    signupCase: [first("signupCases")],
    template: [first("templates")],
    dataSubjectRequest: [first("dataSubjectRequests")],
    webhookUpdate: ids(entries.map((one) => one.webhook)).slice(0, 1),
    webhookEndpoint: [first("webhookEndpoints")],
    webhookDelivery: [first("webhookDeliveries")],
  };
  const inputs = {
    tenantId: known.me.tenant.id,
    templateId: first("templates"),
    caseId: first("signupCases"),
    badgeRequestId: first("badgeRequests"),
    phoneNumberId: first("phoneNumbers"),
    wabaId: lumenWabaId,
    endpointId: first("webhookEndpoints"),
    deliveryId: first("webhookDeliveries"),
  };
  return { inputs, queries };
}

/** Arguments for the fields of Query that need some. */
export async function argumentsOf(deployment: Deployment, caller: string): Promise<Arguments> {
  const known = await knownTo(deployment, caller);
  const of = (list: string): readonly { readonly id: string }[] => asIds(ids(known[list]?.nodes));
  const entries = some(byContent(plainly(), known["ledgerEntries"]?.nodes ?? []));
  const updates = asIds(ids(entries.flatMap((one) => [one.webhook, one.pricingWebhook])));
  const deliveries = known["webhookDeliveries"]?.nodes ?? [];
  const each = months.map((month) => ({ month }));
  return {
    usage: each,
    statement: each,
    whatIf: months.map((month) => ({
      input: { tenantId: known.me.tenant.id, month, percent: { basisPoints: 1_000 } },
    })),
    estimateCharge: [{ wabaId: lumenWabaId, categories: [{ enum: "UTILITY" }, { enum: "MARKETING" }], country: "BR" }],
    monthSummary: each,
    allMonthSummary: each,
    billingMonth: each,
    tenant: [...of("tenants"), { id: known.me.tenant.id }],
    invoice: of("invoices"),
    explainCharge: ids(entries).map((entryId) => ({ entryId })),
    rateCard: asIds(ids(known.rateCards)).slice(0, 2),
    rateCardImport: of("rateCardImports"),
    rateCardComparison: of("rateCardImports"),
    reconciliationRun: of("reconciliationRuns"),
    ledgerReplay: of("ledgerReplays"),
    correctionProposals: of("ledgerReplays").map(({ id }) => ({ replayId: id })),
    // No request brings one into being: corrections are proposed where the ledger is wrong.
    correctionDecision: [{ id: nobodysDecision }],
    waba: of("wabas"),
    phoneNumber: of("phoneNumbers"),
    badgeRequest: of("badgeRequests"),
    signupCase: of("signupCases"),
    template: of("templates"),
    dataSubjectRequest: of("dataSubjectRequests"),
    consentOf: [{ identity: contact, purpose: { enum: "MARKETING" } }],
    webhookUpdate: updates,
    webhookUpdates: updates.slice(0, 2),
    webhookEndpoint: of("webhookEndpoints"),
    webhookDelivery: of("webhookDeliveries"),
    webhookPreview: deliveries.map(({ id, endpointId }) => ({ endpointId, deliveryId: id })),
    doorTask: of("doorTasks"),
  };
}

/** Lists narrowed, one way each. */
export const filters: Arguments = {
  ledgerEntries: [{ filter: { month: "2026-11", kind: { enum: "USAGE" } } }, { filter: { category: "marketing" } }],
  allLedgerEntries: [{ filter: { kind: { enum: "CARRY" } } }],
  invoices: [{ month: "2026-11" }, { month: "2026-10" }],
  rateCards: [{ currency: "COP" }],
  wabas: [{ wabaId: lumenWabaId }],
  badgeRequests: [{ status: { enum: "EVIDENCE" } }],
  signupCases: [{ status: { enum: "LIVE" } }, { waitingOn: { enum: "CLIENT" } }],
  templates: [{ status: { enum: "APPROVED" } }, { name: "aviso_de_pedido", language: "pt_BR" }],
  tenants: [{ status: { enum: "ACTIVE" } }, { kind: { enum: "CLIENT" } }],
  auditTrail: [{ action: "template.advanced" }],
};
