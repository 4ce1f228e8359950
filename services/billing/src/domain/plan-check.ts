import { badInput } from "@greentick/kernel";
import { isMarket } from "./bucket.js";
import { billingErrors } from "./errors.js";
import { type ExchangeRule } from "./exchange.js";
import { type MonthTerms, type Selection, type VolumeTiers } from "./month-terms.js";
import { type PlanOffer } from "./plan-release.js";
import { type FeeTerms, type OwnPrice, type PlanClause, type PlanTerms } from "./price-plan.js";

const most = {
  basisPoints: 100_000,
  clauses: 200,
  bundles: 10,
  tiers: 10,
  steps: 20,
  messages: 1_000_000_000,
  ageDays: 31,
};

/** Whether a plan can be read at all. @throws BAD_USER_INPUT naming the field, BAD_USER_INPUT/unknown_market. */
export function checkOffer(offer: Omit<PlanOffer, "effectiveFrom">): void {
  if (!isCurrency(offer.currency)) throw badInput("currency", "must be a code of three letters such as USD");
  notNegative("platformFee", offer.platformFeeMicros);
  checkTerms(offer.terms, "");
  checkClauses(offer.clauses ?? []);
  if (offer.fees !== undefined) checkFees(offer.fees);
  if (offer.month !== undefined) checkMonth(offer.month);
  if (offer.exchange !== undefined) checkExchange(offer.exchange);
  if (offer.floorBasisPoints !== undefined) checkFloor("marginFloorBasisPoints", offer.floorBasisPoints);
}

/** @throws BAD_USER_INPUT naming the field. */
export const checkFloor = (field: string, basisPoints: number): void => {
  within(field, basisPoints, 0, 9_999);
};

function within(field: string, value: number, from: number, to: number): void {
  if (!Number.isInteger(value) || value < from || value > to) throw badInput(field, `must be from ${from} to ${to}`);
}

function notNegative(field: string, micros: bigint): void {
  if (micros < 0n) throw badInput(field, "must not be negative");
}

function checkTerms(terms: PlanTerms, at: string): void {
  if (terms.kind === "percent") within(`${at}percent.basisPoints`, terms.basisPoints, 0, most.basisPoints);
  if (terms.kind === "fixed") notNegative(`${at}fixed.perMessage`, terms.microsPerMessage);
  if (terms.kind === "own_price") notNegative(`${at}price`, terms.micros);
  if (terms.kind === "own_list") checkList(terms.prices);
}

function checkClauses(clauses: readonly PlanClause[]): void {
  if (clauses.length > most.clauses) throw badInput("clauses", `must be at most ${most.clauses}`);
  const places = clauses.map(({ market = "*", category = "*" }) => `${market}, ${category}`);
  for (const [at, clause] of clauses.entries()) {
    if (clause.market !== undefined) knownMarket(clause.market, "clauses.market");
    checkTerms(clause.terms, "clauses.");
    if (places.indexOf(places[at] ?? "") !== at)
      throw badInput(
        "clauses",
        `has two clauses for ${places[at] ?? ""}; leave one, because only the first would hold`,
      );
  }
}

function checkList(prices: readonly OwnPrice[]): void {
  if (prices.some(({ micros }) => micros < 0n)) throw badInput("ownList.price", "must not be negative");
  for (const { market } of prices) if (market !== "*") knownMarket(market, "ownList.market");
  const cells = prices.map(({ market, category }) => `${market}, ${category}`);
  const twice = cells.find((cell, at) => cells.indexOf(cell) !== at);
  if (twice !== undefined) throw badInput("ownList", `has two prices for ${twice}; leave one`);
}

function knownMarket(market: string, field: string): void {
  if (!isMarket(market)) throw billingErrors.unknownMarket(market, field);
}

function checkFees({ wabaMicros, numberMicros }: FeeTerms): void {
  notNegative("wabaFee", wabaMicros);
  notNegative("numberFee", numberMicros);
}

function checkMonth({ bundles, tiers, minimumMicros }: MonthTerms): void {
  notNegative("minimum", minimumMicros);
  if (bundles.length > most.bundles) throw badInput("bundles", `must be at most ${most.bundles}`);
  if (tiers.length > most.tiers) throw badInput("volumeTiers", `must be at most ${most.tiers}`);
  for (const bundle of bundles) {
    checkSelection(bundle, "bundles");
    within("bundles.messages", bundle.messages, 1, most.messages);
  }
  for (const one of tiers) checkTiers(one);
}

function checkSelection({ categories, markets }: Selection, field: string): void {
  if (categories?.length === 0 || markets?.length === 0)
    throw badInput(field, "must name something, or leave categories and markets out for all of them");
  for (const market of markets ?? []) knownMarket(market, `${field}.markets`);
}

function checkTiers(tiers: VolumeTiers): void {
  checkSelection(tiers, "volumeTiers");
  if (tiers.steps.length === 0 || tiers.steps.length > most.steps)
    throw badInput("volumeTiers.steps", `must be from 1 to ${most.steps}`);
  for (const [at, { above, basisPoints, lessMicros }] of tiers.steps.entries()) {
    within("volumeTiers.steps.above", above, 0, most.messages);
    if (at > 0 && above <= (tiers.steps[at - 1]?.above ?? 0))
      throw badInput("volumeTiers.steps.above", "must rise from step to step");
    if ((basisPoints === undefined) === (lessMicros === undefined))
      throw badInput("volumeTiers.steps", "give each step either basisPoints or lessPerMessage");
    within("volumeTiers.steps.basisPoints", basisPoints ?? 0, 0, 10_000);
    notNegative("volumeTiers.steps.lessPerMessage", lessMicros ?? 0n);
  }
}

function checkExchange({ source, markupBasisPoints, maxAgeDays }: ExchangeRule): void {
  if (!isSource(source)) throw badInput("exchange.source", sourceForm);
  within("exchange.markupBasisPoints", markupBasisPoints, 0, 5_000);
  within("exchange.maxAgeDays", maxAgeDays, 0, most.ageDays);
}

export const isSource = (text: string): boolean => /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,39}$/u.test(text);
export const sourceForm = "must be a name of at most forty letters and digits, such as ECB";

/** ISO 4217 by its form. */
export const isCurrency = (text: string): boolean => /^[A-Z]{3}$/.test(text);
