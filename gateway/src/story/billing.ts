import { microsFromDecimal, microsPerMinor } from "@greentick/kernel";
import { type Client } from "./clients.js";
import { ask, type Target } from "./target.js";

export interface PlanTerms {
  readonly effectiveFrom: string;
  readonly percentBasisPoints?: number;
  /** Per month, in units of the currency. */
  readonly platformFee?: string;
  /** Meta's markets that get invoice lines of their own. */
  readonly markets?: readonly string[];
}

interface Amount {
  readonly currency: string;
  readonly amount: string;
}

const setPlan = `mutation SetPricePlan($input: SetPricePlanInput!) { setPricePlan(input: $input) { plan { id } } }`;
const open = `mutation OpenBillingAccount($input: OpenBillingAccountInput!) { openBillingAccount(input: $input) { account { id } } }`;

/** Gives the client a price plan and opens its billing; Stripe's customer and subscription are under way. */
export async function orderBilling(target: Target, client: Client, terms: PlanTerms): Promise<void> {
  const { effectiveFrom, percentBasisPoints, platformFee, markets } = terms;
  const plan = {
    effectiveFrom,
    currency: client.currency,
    ...(percentBasisPoints !== undefined && { percent: { basisPoints: percentBasisPoints } }),
    ...(platformFee !== undefined && { platformFee }),
    idempotencyKey: `story:plan:${client.tenantId}`,
  };
  await ask(target, client.token, setPlan, { input: plan });
  await ask(target, client.token, open, {
    input: { ...(markets && { markets }), idempotencyKey: `story:billing:${client.tenantId}` },
  });
}

/** Gives the client a price plan and opens its billing, at Stripe too. */
export async function openBilling(target: Target, client: Client, terms: PlanTerms): Promise<void> {
  await orderBilling(target, client, terms);
  await target.settle();
}

export interface MonthFigures {
  readonly messages: number;
  readonly charged: number;
  readonly free: number;
  readonly failed: number;
  readonly undelivered: number;
  readonly duplicatesIgnored: number;
  readonly late: number;
  readonly reordered: number;
  readonly unrated: number;
  readonly unratedReasons: readonly { readonly reason: string; readonly count: number }[];
}

const figures =
  "messages charged free failed undelivered duplicatesIgnored late reordered unrated unratedReasons { reason count }";
const allMonth = `query AllMonth($month: String!) { allMonthSummary(month: $month) { ${figures} } }`;

const ownMonth = `query OwnMonth($month: String!) { monthSummary(month: $month) { ${figures} } }`;

/** A client's own month of deliveries. */
export const ownFigures = async (target: Target, token: string, month: string): Promise<MonthFigures> =>
  (await ask<{ monthSummary: MonthFigures }>(target, token, ownMonth, { month })).monthSummary;

/** Several months or clients together. */
export function addUp(figures: readonly MonthFigures[]): MonthFigures {
  const sum = (of: (one: MonthFigures) => number): number => figures.reduce((total, one) => total + of(one), 0);
  return {
    messages: sum((one) => one.messages),
    charged: sum((one) => one.charged),
    free: sum((one) => one.free),
    failed: sum((one) => one.failed),
    undelivered: sum((one) => one.undelivered),
    duplicatesIgnored: sum((one) => one.duplicatesIgnored),
    late: sum((one) => one.late),
    reordered: sum((one) => one.reordered),
    unrated: sum((one) => one.unrated),
    unratedReasons: figures.flatMap((one) => one.unratedReasons),
  };
}

/** A month of deliveries over all clients. */
export const monthFigures = async (target: Target, month: string): Promise<MonthFigures> =>
  (await ask<{ allMonthSummary: MonthFigures }>(target, target.tokens.billing_admin, allMonth, { month }))
    .allMonthSummary;

/** One client's month in money. `ledgerMicros` is the charge side with platform fees; it equals the invoice plus what rounding left. */
export interface ClientMonth {
  readonly currency: string;
  readonly costMicros: bigint;
  /** Meta's price of deliveries that came too late for this invoice and stand in the next one. */
  readonly laterCostMicros: bigint;
  readonly ledgerMicros: bigint;
  readonly invoiceMinor: bigint;
  readonly carryMicros: bigint;
  readonly invoiceStatus: string;
}

const clientMonth = `query ClientMonth($month: String!, $next: String!) {
  monthSummary(month: $month) { totals { bucket charge { currency amount } cost { currency amount } } }
  later: monthSummary(month: $next) { totals { bucket charge { currency amount } cost { currency amount } } }
  invoices(first: 10, month: $month) { nodes { status { raw } total { currency amount } } }
  carried: ledgerEntries(first: 100, filter: { month: $next, kind: CARRY }) { nodes { charge { currency amount } } }
}`;

interface ClientMonthAnswer {
  readonly monthSummary: { readonly totals: readonly { readonly charge: Amount; readonly cost: Amount }[] };
  readonly later: ClientMonthAnswer["monthSummary"];
  readonly invoices: {
    readonly nodes: readonly { readonly status: { readonly raw: string }; readonly total: Amount }[];
  };
  readonly carried: { readonly nodes: readonly { readonly charge: Amount }[] };
}

const sumOf = (amounts: readonly Amount[]): bigint =>
  amounts.reduce((sum, { amount }) => sum + microsFromDecimal(amount), 0n);

/** @throws Error when the month has no invoice, or more than one. */
export async function readClientMonth(
  target: Target,
  client: Client,
  token: string,
  month: { readonly month: string; readonly next: string },
): Promise<ClientMonth> {
  const answer = await ask<ClientMonthAnswer>(target, token, clientMonth, month);
  const [invoice, another] = answer.invoices.nodes;
  if (invoice === undefined || another !== undefined)
    throw new Error(
      `${client.name} has ${String(answer.invoices.nodes.length)} invoices for ${month.month} instead of one.`,
    );
  return {
    currency: client.currency,
    costMicros: sumOf(answer.monthSummary.totals.map((one) => one.cost)),
    laterCostMicros: sumOf(answer.later.totals.map((one) => one.cost)),
    ledgerMicros: sumOf(answer.monthSummary.totals.map((one) => one.charge)),
    invoiceMinor: sumOf([invoice.total]) / microsPerMinor(client.currency),
    carryMicros: sumOf(answer.carried.nodes.map((one) => one.charge)),
    invoiceStatus: invoice.status.raw,
  };
}

export interface Difference {
  readonly level: string;
  readonly key: string;
  readonly expected: string;
  readonly found: string;
  readonly units: number;
  readonly cause: string;
  readonly explained: boolean;
  readonly note: string;
}
export interface Reconciliation {
  readonly status: string;
  readonly unexplained: number;
  readonly differences: readonly Difference[];
  readonly notes: readonly string[];
}

const run = `mutation RunReconciliation($input: RunReconciliationInput!) { runReconciliation(input: $input) { run { id } } }`;
const readRun = `query ReconciliationRun($id: ID!) { reconciliationRun(id: $id) { status unexplained notes differences { level key expected found units cause explained note } } }`;

/** Compares the month: Meta's count and invoice, our ledger, Stripe's meters and invoices. */
export async function reconcile(target: Target, month: string): Promise<Reconciliation> {
  const { runReconciliation } = await ask<{ runReconciliation: { run: { id: string } } }>(
    target,
    target.tokens.billing_admin,
    run,
    { input: { month } },
  );
  await target.settle();
  const { reconciliationRun } = await ask<{ reconciliationRun: Reconciliation }>(
    target,
    target.tokens.billing_admin,
    readRun,
    { id: runReconciliation.run.id },
  );
  return reconciliationRun;
}

const someEntries = `query SomeEntries($month: String!) { ledgerEntries(first: 50, filter: { month: $month, kind: USAGE }) { nodes { id free webhook { id } } } }`;
const explain = `query ExplainCharge($id: ID!) { explainCharge(entryId: $id) {
  entry { id bucket day charge { currency amount } rate { rateCard line rate { currency amount } } }
  invoice { number stripeInvoiceId month } line { description quantity amount { currency amount } }
  reasons { rule says } rerated { matches amount { currency amount } }
  webhook { id bodySha256 receivedAt fragment }
} }`;

export interface Explanation {
  readonly entry: {
    readonly id: string;
    readonly bucket: string;
    readonly day: string;
    readonly charge: Amount;
    readonly rate: { readonly rateCard: string; readonly line: number; readonly rate: Amount } | null;
  };
  readonly invoice: { readonly number: string | null; readonly stripeInvoiceId: string; readonly month: string } | null;
  readonly line: { readonly description: string; readonly quantity: string; readonly amount: Amount } | null;
  readonly reasons: readonly { readonly rule: string; readonly says: string }[];
  readonly rerated: { readonly matches: boolean; readonly amount: Amount } | null;
  readonly webhook: {
    readonly id: string;
    readonly bodySha256: string;
    readonly receivedAt: string;
    readonly fragment: string;
  } | null;
}

/** Opens one charge of the month from its invoice line down to the bytes. @throws Error when the client has no charged message in it. */
export async function explainOne(target: Target, client: Client, token: string, month: string): Promise<Explanation> {
  const { ledgerEntries } = await ask<{ ledgerEntries: { nodes: { id: string; free: boolean }[] } }>(
    target,
    token,
    someEntries,
    { month },
  );
  const charged = ledgerEntries.nodes.find((one) => !one.free);
  if (charged === undefined) throw new Error(`${client.name} has no charged message in ${month}.`);
  return (await ask<{ explainCharge: Explanation }>(target, token, explain, { id: charged.id })).explainCharge;
}
