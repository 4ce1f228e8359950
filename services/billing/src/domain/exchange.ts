import {
  after,
  dayMs,
  type LocalDate,
  type Money,
  startOfUtcDay,
  type TenantId,
  type UtcDay,
  utcDayOf,
} from "@greentick/kernel";
import { type Exact, exactly, rounded, times, withBasisPoints } from "./exact.js";
import { type Reason } from "./reason.js";

/** What a unit of one currency was worth in another, as somebody published it. Never changed; a later number of the same day replaces it. */
export interface ExchangeRate {
  readonly id: string;
  /** It counts for this organisation and for every one below it. */
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly from: string;
  readonly to: string;
  /** By the day of delivery in the account's zone. */
  readonly effectiveFrom: LocalDate;
  /** 1 for the first rate of that pair, source and day, and so on: the last one counts. */
  readonly number: number;
  /** Units of `to` for one of `from`, as decimal digits. */
  readonly rate: string;
  /** Who published it, e.g. `ECB`. */
  readonly source: string;
  /** When it was published. */
  readonly at: Date;
}

/** How a plan brings Meta's prices into the client's currency. */
export interface ExchangeRule {
  readonly source: string;
  /** On top of the published rate: 100 is 1 %. */
  readonly markupBasisPoints: number;
  /** A rate counts from its day on, until another one comes, and for at most so many days after its own. */
  readonly maxAgeDays: number;
}

/** The rate an entry was made with. The entry keeps it, so that it can be rated again for ever. */
export interface AppliedRate extends Pick<ExchangeRate, "from" | "to" | "rate" | "source" | "at" | "effectiveFrom"> {
  readonly rateId: string;
  readonly markupBasisPoints: number;
}

const readableRate = /^\d{1,9}(\.\d{1,12})?$/;

/** Above zero, at most nine digits before the point and twelve behind it. */
export const isRate = (text: string): boolean => readableRate.test(text) && /[1-9]/.test(text);

/** The digits as a fraction; no float in between. */
export function ratioOf(rate: string): Exact {
  const [whole = "0", fraction = ""] = rate.split(".");
  return { numerator: BigInt(whole + fraction), denominator: 10n ** BigInt(fraction.length) };
}

/** Published rate and mark-up in one. */
export const factorOf = ({ rate, markupBasisPoints }: AppliedRate): Exact =>
  times(ratioOf(rate), withBasisPoints(markupBasisPoints));

/** What a cost comes to in a client's currency at the published rate, without a mark-up; undefined without a rate. Micros. */
export function costIn(currency: string, cost: Money, rate: AppliedRate | undefined): bigint | undefined {
  if (cost.currency === currency || cost.amountMicros === 0n) return cost.amountMicros;
  return rate === undefined ? undefined : rounded(times(exactly(cost.amountMicros), ratioOf(rate.rate)));
}

/** The days whose rates may still count on a day. */
export const daysThatCount = (date: LocalDate, { maxAgeDays }: ExchangeRule): readonly LocalDate[] =>
  Array.from(
    { length: maxAgeDays + 1 },
    (_, age) => utcDayOf(after(startOfUtcDay(date as string as UtcDay), -age * dayMs)) as string as LocalDate,
  );

export interface RateQuestion {
  readonly from: string;
  readonly to: string;
  readonly date: LocalDate;
  readonly rule: ExchangeRule;
  /** The client first, then those above it, the nearest first. */
  readonly owners: readonly TenantId[];
}

/**
 * The rate in force on a day: of the nearest organisation that has one young enough, the one that began last, and of the same day the last
 * number.
 */
export function rateOn(rates: readonly ExchangeRate[], question: RateQuestion): AppliedRate | undefined {
  const { from, to, date, rule, owners } = question;
  const oldest = daysThatCount(date, rule).at(-1) ?? date;
  const fits = (one: ExchangeRate): boolean =>
    one.from === from &&
    one.to === to &&
    one.source === rule.source &&
    one.effectiveFrom <= date &&
    one.effectiveFrom >= oldest;
  for (const owner of owners) {
    const best = rates.filter((one) => one.tenantId === owner && fits(one)).reduce(later, undefined);
    if (best !== undefined) return applied(best, rule);
  }
  return undefined;
}

function later(best: ExchangeRate | undefined, one: ExchangeRate): ExchangeRate {
  if (best === undefined || one.effectiveFrom > best.effectiveFrom) return one;
  return one.effectiveFrom === best.effectiveFrom && one.number > best.number ? one : best;
}

const applied = (rate: ExchangeRate, { markupBasisPoints }: ExchangeRule): AppliedRate => ({
  rateId: rate.id,
  from: rate.from,
  to: rate.to,
  rate: rate.rate,
  source: rate.source,
  at: rate.at,
  effectiveFrom: rate.effectiveFrom,
  markupBasisPoints,
});

export const exchangeReason = ({
  rateId,
  from,
  to,
  rate,
  source,
  at,
  effectiveFrom,
  ...rule
}: AppliedRate): Reason => ({
  rule: "exchange",
  says: `1 ${from} = ${rate} ${to} by ${source} of ${at.toISOString()}, in force from ${effectiveFrom} (${rateId}), plus ${rule.markupBasisPoints} basis points.`,
});
