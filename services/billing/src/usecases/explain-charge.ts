import { allow, type Call, money, type Money, type Scope } from "@greentick/kernel";
import { type Invoice, type InvoiceLine, isFinal } from "../domain/invoice.js";
import { type LedgerEntry } from "../domain/ledger-entry.js";
import { rate, type Tariffs } from "../domain/rate.js";
import { type Reason } from "../domain/reason.js";
import { type PricePlan } from "../domain/price-plan.js";
import {
  type BalanceStore,
  type EntryStore,
  type InvoiceStore,
  type PlanStore,
  type TariffSource,
  type UsageDay,
  type WindowStore,
} from "../ports.js";
import { inSight } from "./in-sight.js";

/** A charge from the invoice line down to the webhook that caused it. */
export interface Explanation {
  readonly entry: LedgerEntry;
  readonly window?: UsageDay;
  readonly invoice?: Invoice;
  readonly line?: InvoiceLine;
  /** `<sha256>:<index>` of the webhook that proved the delivery, and of the one that carried the pricing when it was another. */
  readonly webhookId?: string;
  readonly pricingWebhookId?: string;
  /** Rated again just now from what the entry names; absent for fees and carries. */
  readonly rerated?: Rerated;
}
export interface Rerated {
  readonly cost: Money;
  readonly charge: Money;
  readonly matches: boolean;
  readonly reasons: readonly Reason[];
}

export interface ExplainPorts {
  readonly entries: EntryStore;
  readonly windows: WindowStore;
  readonly balances: BalanceStore;
  readonly invoices: InvoiceStore;
  readonly plans: PlanStore;
  readonly tariffs: TariffSource;
}
export type ExplainCharge = (call: Call, entryId: string) => Promise<Explanation>;

/** Why a charge is what it is; staff may ask about every client below them. @throws NOT_FOUND/ledger_entry_not_found. */
export const explainCharge =
  (ports: ExplainPorts): ExplainCharge =>
  async (call, entryId) => {
    allow(call, "billing:read");
    const entry = await ports.entries.get(inSight(call), entryId);
    const scope: Scope = { tenant: entry.tenantId, ancestors: entry.ancestorIds };
    const [window, balance] = await Promise.all([ports.windows.find(scope, entry), ports.balances.find(scope, entry)]);
    const invoices = await ports.invoices.findAll(scope, { month: entry.month });
    const invoice = invoices.find(isFinal) ?? invoices[0];
    const line = invoice?.lines.find(({ bucket }) => bucket === entry.bucket);
    const plan = entry.service && (await ports.plans.find(scope, entry.service.planId));
    const rerated = plan && rerate(entry, ports.tariffs(), plan);
    return {
      entry,
      ...(window && balance && { window: { window, balance } }),
      ...(invoice && { invoice }),
      ...(line && { line }),
      ...webhooksOf(entry),
      ...(rerated && { rerated }),
    };
  };

function webhooksOf({ service }: LedgerEntry): Pick<Explanation, "webhookId" | "pricingWebhookId"> {
  if (service === undefined) return {};
  const name = ({ sha256, index }: { sha256: string; index: number }): string => `${sha256}:${index}`;
  return {
    webhookId: name(service.webhook),
    ...(service.pricingWebhook && { pricingWebhookId: name(service.pricingWebhook) }),
  };
}

/** The same rater over the entry's own basis, the card and the plan that it names; a reversal is compared with its sign. */
export function rerate(entry: LedgerEntry, tariffs: Tariffs, plan: PricePlan): Rerated | undefined {
  if (entry.service === undefined) return undefined;
  const { rate: row, listRate } = entry.service;
  const cardIds = [row, listRate].flatMap((ref) => ref?.cardId ?? []);
  const rates = (cardIds.length > 0 ? tariffs.named?.(cardIds) : undefined) ?? tariffs.rates;
  const outcome = rate(entry.service.basis, { ...tariffs, rates }, plan);
  if (outcome.kind === "not_ratable") {
    const [cost, charge] = [money(entry.cost.currency, 0n), money(entry.charge.currency, 0n)];
    return { cost, charge, matches: false, reasons: [{ rule: "not_ratable", says: outcome.reason }] };
  }
  const sign = BigInt(entry.units);
  const cost = money(outcome.cost.currency, outcome.cost.amountMicros * sign);
  const charge = money(outcome.charge.currency, outcome.charge.amountMicros * sign);
  const matches = cost.amountMicros === entry.cost.amountMicros && charge.amountMicros === entry.charge.amountMicros;
  return { cost, charge, matches, reasons: outcome.reasons };
}
