import { type LocalDate, systemScope } from "@greentick/kernel";
import { daysThatCount, type ExchangeRate, type ExchangeRule } from "../domain/exchange.js";
import { type Surroundings } from "../domain/decide.js";
import { planOn } from "../domain/price-plan.js";
import { type ExchangeRateStore } from "../ports.js";

/** A pair of currencies on a day, under a plan's rule. */
export interface RateWish {
  readonly from: string;
  readonly to: string;
  readonly date: LocalDate;
  readonly rule: ExchangeRule;
}

const scope = systemScope("price-facts");

/** The rates that may answer these wishes, whosever they are: one question for each pair and source, none where no plan exchanges. */
export async function ratesFor(
  rates: ExchangeRateStore,
  wishes: readonly RateWish[],
): Promise<readonly ExchangeRate[]> {
  const pairs = new Map<string, { wish: RateWish; days: Set<string> }>();
  for (const wish of wishes) {
    const key = `${wish.from}|${wish.to}|${wish.rule.source}`;
    const pair = pairs.get(key) ?? { wish, days: new Set<string>() };
    for (const day of daysThatCount(wish.date, wish.rule)) pair.days.add(day);
    pairs.set(key, pair);
  }
  const found = await Promise.all(
    [...pairs.values()].map(({ wish: { from, to, rule }, days }) =>
      rates.findAll(scope, { from, to, source: rule.source, effectiveFrom: [...days] }),
    ),
  );
  return found.flat();
}

/** The rates that some facts may need, read once for all of them. */
export const ratesAround = (
  rates: ExchangeRateStore,
  around: readonly Surroundings[],
): Promise<readonly ExchangeRate[]> => ratesFor(rates, around.flatMap(wishOf));

function wishOf({ account, client }: Surroundings): readonly RateWish[] {
  if (account === undefined || client === undefined || client.currency === account.currency) return [];
  const plan = planOn(client.plans, account.localDate);
  if (plan?.exchange === undefined || plan.currency === account.currency) return [];
  return [{ from: account.currency, to: plan.currency, date: account.localDate, rule: plan.exchange }];
}
