import { type LocalDate, type Month, type Scope, type TenantId } from "@greentick/kernel";
import { type AppliedRate } from "../domain/exchange.js";
import { type StatementRow } from "../domain/invoice.js";
import { statementRows } from "../domain/statement.js";
import { type DraftTerms, type ListRate, trafficOf, type TrafficCell } from "../domain/what-if.js";
import { findRate } from "../domain/rate-card.js";
import { type BalanceStore, type ExchangeRateStore, type TariffSource } from "../ports.js";
import { ratesFor } from "./known-rates.js";
import { rateOn } from "../domain/exchange.js";

export interface TrafficPorts {
  readonly balances: BalanceStore;
  readonly rates: ExchangeRateStore;
  readonly tariffs: TariffSource;
}

/** Meta's list in force on a day. */
const listRateOn =
  (tariffs: TariffSource, date: LocalDate): ListRate =>
  ({ market, category, currency }) => {
    const found = findRate(tariffs().rates, { currency, date, market, category });
    return typeof found === "string" ? undefined : found.rateMicros;
  };

/** The messages of a month, by market, category, type and rate; list rates are those of its last day. */
export async function trafficOfMonth(
  { balances, tariffs }: Pick<TrafficPorts, "balances" | "tariffs">,
  scope: Scope,
  month: Month,
): Promise<{ readonly rows: readonly StatementRow[]; readonly traffic: readonly TrafficCell[] }> {
  const rows = statementRows(await balances.ofMonth(scope, month));
  return { rows, traffic: trafficOf(rows, listRateOn(tariffs, `${month}-28` as LocalDate)) };
}

export interface DraftAsk {
  readonly draft: DraftTerms;
  readonly currencies: readonly string[];
  readonly date: LocalDate;
  readonly owners: readonly TenantId[];
}

/** The rates that would bring each of these currencies into the draft's, on a day. */
export async function exchangeInto(
  { rates }: Pick<TrafficPorts, "rates">,
  { draft, currencies, date, owners }: DraftAsk,
): Promise<(from: string) => AppliedRate | undefined> {
  const { currency: to, exchange: rule } = draft;
  if (rule === undefined) return () => undefined;
  const foreign = currencies.filter((one) => one !== to);
  const known = await ratesFor(
    rates,
    foreign.map((from) => ({ from, to, date, rule })),
  );
  return (from) => rateOn(known, { from, to, date, rule, owners });
}
