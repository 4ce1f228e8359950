import { divideHalfUp, type LocalDate, money, type Money } from "@greentick/kernel";
import { type AppliedRate, costIn } from "./exchange.js";
import { inForce } from "./markets.js";
import { type PricingTerms, priceUnder } from "./price-plan.js";
import { findRate, type RateIndex } from "./rate-card.js";
import { type WhatIf } from "./what-if.js";

/** What is left of a charge after Meta's cost, in basis points of the charge; undefined where nothing is charged. */
export const marginBasisPoints = (charge: Money, cost: Money): number | undefined =>
  charge.amountMicros === 0n
    ? undefined
    : Number(divideHalfUp((charge.amountMicros - cost.amountMicros) * 10_000n * signOf(charge), magnitude(charge)));

const magnitude = ({ amountMicros }: Money): bigint => (amountMicros < 0n ? -amountMicros : amountMicros);
const signOf = ({ amountMicros }: Money): bigint => (amountMicros < 0n ? -1n : 1n);

/** Less than the floor is left, or would be of what was taken back. Compared as whole numbers: no share is rounded. */
const isBelow = (chargeMicros: bigint, costMicros: bigint, floorBasisPoints: number): boolean =>
  chargeMicros < 0n && costMicros <= 0n
    ? isBelow(-chargeMicros, -costMicros, floorBasisPoints)
    : (chargeMicros - costMicros) * 10_000n < BigInt(floorBasisPoints) * chargeMicros;

/** The strictest of the floors that were set; undefined when none was. */
export function strictestFloor(floors: readonly (number | undefined)[]): number | undefined {
  const set = floors.filter((one) => one !== undefined);
  return set.length === 0 ? undefined : Math.max(...set);
}

/** Cells of past traffic that would fall below the floor, and the whole of it with what its month's terms take back. */
export function trafficBelow({ lines, adjustments }: WhatIf, floorBasisPoints: number): readonly string[] {
  const cells = lines.flatMap(({ market, category, after, cost }) =>
    cost !== undefined && isBelow(after.amountMicros, cost.amountMicros, floorBasisPoints)
      ? [`${category} in ${market}: ${after.amountMicros} micros for a cost of ${cost.amountMicros}`]
      : [],
  );
  const credits = adjustments.filter(({ micros }) => micros < 0n).reduce((sum, { micros }) => sum + micros, 0n);
  const charged = lines.reduce((sum, { after }) => sum + after.amountMicros, credits);
  const costs = lines.reduce((sum, { cost }) => sum + (cost?.amountMicros ?? 0n), 0n);
  const whole = credits !== 0n && isBelow(charged, costs, floorBasisPoints);
  return whole ? [...cells, `all messages: ${charged} micros for a cost of ${costs}`] : cells;
}

export interface CardQuestion {
  readonly draft: PricingTerms;
  readonly rates: RateIndex;
  readonly currency: string;
  readonly date: LocalDate;
  readonly exchange: (from: string) => AppliedRate | undefined;
  readonly floorBasisPoints: number;
}

/**
 * Cells of the list card of one currency that a plan would sell below the floor, at Meta's list rate: a volume discount only makes the cost less. Of
 * accounts in another currency only where a rate into the plan's is known.
 */
export function cardBelow(question: CardQuestion): readonly string[] {
  const { draft, rates, currency, date } = question;
  const lists = rates.cards.filter((card) => card.kind === "list" && card.currency === currency && inForce(card, date));
  const places = new Map(
    lists.flatMap(({ rows }) => rows.map(({ market, category }) => [`${category} in ${market}`, { market, category }])),
  );
  return [...places].flatMap(([name, place]) => {
    const found = findRate(rates, { currency, date, ...place });
    if (typeof found === "string") return [];
    const cost = money(currency, found.rateMicros);
    const exchange = question.exchange(currency);
    const price = priceUnder(draft, { cost, list: cost, free: false, ...place, ...(exchange && { exchange }) });
    const own = costIn(draft.currency, cost, exchange);
    if (typeof price === "string" || own === undefined) return [];
    const { amountMicros } = price.charge;
    return isBelow(amountMicros, own, question.floorBasisPoints)
      ? [`${name} on the card of ${currency}: ${amountMicros} micros for a cost of ${own}`]
      : [];
  });
}
