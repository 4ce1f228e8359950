import { moneyOf } from "@greentick/graphql";
import { badInput, microsFromDecimal } from "@greentick/kernel";
import { type ExchangeRate } from "../../domain/exchange.js";
import { marginBasisPoints } from "../../domain/margin.js";
import { type MonthTerms, type TierStep, type VolumeTiers } from "../../domain/month-terms.js";
import { clauseOf, type FeeTerms, type PlanClause, type PlanTerms, type PricePlan } from "../../domain/price-plan.js";
import { type PricingSettings } from "../../domain/pricing-settings.js";
import { unratedReasons } from "../../domain/rate.js";
import { type WhatIfLine } from "../../domain/what-if.js";
import { type CardCategory, isCardCategory } from "../../domain/words.js";
import { type WhatIfAnswer, type WhatIfAsk } from "../../usecases/what-if.js";
import {
  type BundleInput,
  type PlanClauseInput,
  type PlanTermsInput,
  type SetPricePlanInput,
  type TierStepInput,
  type VolumeTiersInput,
} from "./pricing-inputs.js";
import {
  type ExchangeRateNode,
  type MarginFloorNode,
  type PlanClauseNode,
  type PricePlanNode,
  type VolumeTiersNode,
  type WhatIfLineNode,
  type WhatIfNode,
} from "./pricing-types.js";
import {} from "./wire.js";
import { amount } from "./amounts.js";

/** @throws BAD_USER_INPUT naming the field. */
export function micros(field: string, text: string): bigint {
  if (/^-?\d{10}/.test(text))
    throw badInput(field, `"${text.slice(0, 40)}" is larger than any price: at most nine digits`);
  try {
    return microsFromDecimal(text);
  } catch {
    throw badInput(field, `"${text}" is not a plain decimal number with at most six places`);
  }
}

const maybe = <K extends string, V>(key: K, value: V | null | undefined): Partial<Record<K, V>> =>
  value == null ? {} : ({ [key]: value } as Record<K, V>);

function category(field: string, text: string): CardCategory {
  if (!isCardCategory(text)) throw badInput(field, `"${text}" is no category of a rate card`);
  return text;
}

/** @throws BAD_USER_INPUT when more than one kind of terms is given. */
function termsOf({ percent, fixed, ownList }: Pick<PlanTermsInput, "percent" | "fixed" | "ownList">): PlanTerms {
  if ([percent, fixed, ownList].filter((one) => one != null).length > 1)
    throw badInput("percent", "give at most one of percent, fixed and ownList");
  if (percent != null) return { kind: "percent", basisPoints: percent.basisPoints };
  if (fixed != null)
    return {
      kind: "fixed",
      microsPerMessage: micros("fixed.perMessage", fixed.perMessage),
      freeToo: fixed.freeToo ?? false,
    };
  if (ownList == null) return { kind: "pass_through" };
  const prices = ownList.map((one) => ({
    market: one.market,
    category: category("ownList.category", one.category),
    micros: micros("ownList.price", one.price),
  }));
  return { kind: "own_list", prices };
}

function clauseFrom({ market, category: word, price, ...terms }: PlanClauseInput): PlanClause {
  if (price != null && (terms.percent != null || terms.fixed != null))
    throw badInput("clauses.price", "give at most one of percent, fixed and price");
  return {
    ...maybe("market", market),
    ...(word != null && { category: category("clauses.category", word) }),
    terms: price == null ? termsOf(terms) : { kind: "own_price", micros: micros("clauses.price", price) },
  };
}

const selectionOf = (
  field: string,
  { categories, markets }: Pick<BundleInput, "categories" | "markets">,
): Pick<VolumeTiers, "categories" | "markets"> => ({
  ...(categories != null && { categories: categories.map((one) => category(`${field}.categories`, one)) }),
  ...maybe("markets", markets),
});

const stepOf = ({ above, basisPoints, lessPerMessage }: TierStepInput): TierStep => ({
  above,
  ...maybe("basisPoints", basisPoints),
  ...(lessPerMessage != null && { lessMicros: micros("volumeTiers.steps.lessPerMessage", lessPerMessage) }),
});

function monthOf({ bundles, volumeTiers, minimum }: PlanTermsInput): MonthTerms | undefined {
  if (bundles == null && volumeTiers == null && minimum == null) return undefined;
  return {
    bundles: (bundles ?? []).map((one) => ({ ...selectionOf("bundles", one), messages: one.messages })),
    tiers: (volumeTiers ?? []).map((one: VolumeTiersInput) => ({
      ...selectionOf("volumeTiers", one),
      steps: one.steps.map(stepOf),
    })),
    minimumMicros: minimum == null ? 0n : micros("minimum", minimum),
  };
}

/** What a plan says, out of either input. @throws BAD_USER_INPUT naming the field. */
export function offerOf(input: PlanTermsInput): WhatIfAsk["offer"] {
  const { clauses, exchange } = input;
  return {
    terms: termsOf(input),
    platformFeeMicros: 0n,
    ...(clauses != null && clauses.length > 0 && { clauses: clauses.map(clauseFrom) }),
    ...maybe("volumeDiscounts", input.volumeDiscounts),
    ...maybe("month", monthOf(input)),
    ...(exchange != null && {
      exchange: {
        source: exchange.source,
        markupBasisPoints: exchange.markupBasisPoints ?? 0,
        maxAgeDays: exchange.maxAgeDays ?? 7,
      },
    }),
    ...maybe("floorBasisPoints", input.marginFloorBasisPoints),
  };
}

export function feesOf({ wabaFee, numberFee, feesByDays }: SetPricePlanInput): FeeTerms | undefined {
  if (wabaFee == null && numberFee == null && feesByDays == null) return undefined;
  return {
    wabaMicros: wabaFee == null ? 0n : micros("wabaFee", wabaFee),
    numberMicros: numberFee == null ? 0n : micros("numberFee", numberFee),
    byDays: feesByDays ?? false,
  };
}

const noFees: FeeTerms = { wabaMicros: 0n, numberMicros: 0n, byDays: false };
const noTerms: MonthTerms = { bundles: [], tiers: [], minimumMicros: 0n };

export function toPlan(plan: PricePlan): PricePlanNode {
  const { currency, month = noTerms, fees = noFees, clauses = [], volumeDiscounts = "keep" } = plan;
  return {
    id: plan.id,
    livemode: plan.livemode,
    number: plan.number,
    effectiveFrom: plan.effectiveFrom,
    currency,
    ...toTerms(currency, plan.terms),
    clauses: clauses.map(toClause),
    volumeDiscounts,
    platformFee: amount(currency, plan.platformFeeMicros),
    wabaFee: amount(currency, fees.wabaMicros),
    numberFee: amount(currency, fees.numberMicros),
    feesByDays: fees.byDays,
    bundles: month.bundles.map(({ messages, ...one }) => ({ messages, ...toSelection(one) })),
    volumeTiers: month.tiers.map((one) => toTiers(currency, one)),
    minimum: amount(currency, month.minimumMicros),
    exchange: plan.exchange ?? null,
  };
}

type TermFields = Pick<PricePlanNode, "kind" | "clause" | "basisPoints" | "perMessage" | "ownPrices">;

function toTerms(currency: string, terms: PlanTerms): TermFields {
  const fields = { kind: terms.kind, clause: clauseOf(terms), basisPoints: null, perMessage: null, ownPrices: [] };
  if (terms.kind === "percent") return { ...fields, basisPoints: terms.basisPoints };
  if (terms.kind === "fixed") return { ...fields, perMessage: amount(currency, terms.microsPerMessage) };
  if (terms.kind !== "own_list") return fields;
  const ownPrices = terms.prices.map(({ micros: price, ...place }) => ({ ...place, price: amount(currency, price) }));
  return { ...fields, ownPrices };
}

const toClause = ({ market, category: word, terms }: PlanClause): PlanClauseNode => ({
  market: market ?? null,
  category: word ?? null,
  kind: terms.kind,
  clause: clauseOf(terms),
});

const toSelection = ({
  categories = [],
  markets = [],
}: Pick<VolumeTiers, "categories" | "markets">): Pick<VolumeTiersNode, "categories" | "markets"> => ({
  categories: [...categories],
  markets: [...markets],
});

const toTiers = (currency: string, { steps, ...selection }: VolumeTiers): VolumeTiersNode => ({
  ...toSelection(selection),
  steps: steps.map(({ above, basisPoints, lessMicros }) => ({
    above,
    basisPoints: basisPoints ?? null,
    lessPerMessage: lessMicros === undefined ? null : amount(currency, lessMicros),
  })),
});

export const toExchangeRate = (rate: ExchangeRate): ExchangeRateNode => ({
  id: rate.id,
  livemode: rate.livemode,
  from: rate.from,
  to: rate.to,
  rate: rate.rate,
  effectiveFrom: rate.effectiveFrom,
  number: rate.number,
  source: rate.source,
  at: rate.at,
});

export const toFloor = ({
  id,
  floorBasisPoints,
}: Pick<PricingSettings, "id" | "floorBasisPoints">): MarginFloorNode => ({
  id,
  basisPoints: floorBasisPoints ?? null,
});

function toWhatIfLine({ market, category: word, messages, before, after, cost, unpriced }: WhatIfLine): WhatIfLineNode {
  return {
    market,
    category: word,
    messages,
    before: moneyOf(before),
    after: moneyOf(after),
    cost: cost === undefined ? null : moneyOf(cost),
    marginBasisPoints: (cost && marginBasisPoints(after, cost)) ?? null,
    unpricedMessages: unpriced.reduce((sum, one) => sum + one.messages, 0),
    unpricedBecause: unpriced.map((one) => `${one.messages} ${one.reason}: ${unratedReasons[one.reason]}`).join(" "),
  };
}

export const toWhatIf = (answer: WhatIfAnswer): WhatIfNode => ({
  month: answer.month,
  before: moneyOf(answer.before),
  after: moneyOf(answer.after),
  adjustments: moneyOf(answer.adjustments),
  cost: answer.cost === undefined ? null : moneyOf(answer.cost),
  marginBasisPoints: answer.marginBasisPoints ?? null,
  floorBasisPoints: answer.floorBasisPoints ?? null,
  belowFloor: [...answer.belowFloor],
  lines: answer.lines.map(toWhatIfLine),
});
