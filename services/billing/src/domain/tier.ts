import { type LocalDate } from "@greentick/kernel";
import { type CardCategory } from "./words.js";

/**
 * What counts together towards volume tiers: both kinds of authentication are one counter. Marketing and service have no tiers (Meta: pricing,
 * volume tiers).
 */
export type TierSeries = "utility" | "authentication";

export function seriesOf(category: CardCategory): TierSeries | undefined {
  if (category === "utility") return "utility";
  return category === "authentication" || category === "authentication_international" ? "authentication" : undefined;
}

export interface TierBounds {
  /** Position in the month of the first message of the tier. */
  readonly from: number;
  /** Inclusive; absent for the open tier. */
  readonly to?: number;
}

/** Meta's news that a portfolio reached a tier: of one month, market and series. Only Meta knows, because other providers' messages count too. */
export interface TierNews extends TierBounds {
  /** The month in the zones of the portfolio's accounts. */
  readonly month: string;
  /** Meta's name of the market, in any case of letters. */
  readonly market: string;
  readonly series: TierSeries;
  /** When it was reached, by Meta's clock. */
  readonly at: Date;
}

const bounds = /^(\d{1,12}):(\d{1,12}|MAX)$/;

/** Reads Meta's `250001:2000000` or `30000001:MAX`; undefined for anything else. */
export function readTier(text: string): TierBounds | undefined {
  const [, from, to] = bounds.exec(text) ?? [];
  if (from === undefined || to === undefined) return undefined;
  return { from: Number(from), ...(to !== "MAX" && { to: Number(to) }) };
}

export interface TierQuestion {
  readonly localDate: LocalDate;
  readonly market: string;
  readonly category: CardCategory;
  readonly deliveredAt: Date;
}

/** The highest tier that was reached when a message was delivered. Each message is priced by the tier it falls in; earlier ones keep theirs. */
export function tierAt(news: readonly TierNews[], asked: TierQuestion): TierNews | undefined {
  const series = seriesOf(asked.category);
  let best: TierNews | undefined;
  for (const one of news)
    if (one.series === series && covers(one, asked) && (best === undefined || isBetter(one, best))) best = one;
  return best;
}

const covers = ({ at, month, market }: TierNews, { deliveredAt, localDate, market: asked }: TierQuestion): boolean =>
  at <= deliveredAt && localDate.startsWith(month) && sameMarket(market, asked);
const isBetter = (one: TierNews, other: TierNews): boolean =>
  one.from > other.from || (one.from === other.from && one.at < other.at);

/** Meta writes the same market as `India` and as `INDIA` (Meta: webhooks, account_update). */
const sameMarket = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** A half hour in which deliveries were counted in a tier. */
export interface CountedTier extends Omit<TierNews, "at"> {
  readonly start: Date;
}

/**
 * What the counts prove of tiers that were reached: from the first half hour on after which no lower tier was counted any more. A tier that so far
 * shares its half hours with a lower one proves nothing yet, and the first tier is reached by nobody.
 */
export function provenTiers(counts: readonly CountedTier[]): readonly TierNews[] {
  const lastOf = new Map<string, Map<number, Date>>();
  for (const count of counts) {
    const tiers = lastOf.get(keyOf(count)) ?? new Map<number, Date>();
    const last = tiers.get(count.from);
    if (last === undefined || count.start > last) tiers.set(count.from, count.start);
    lastOf.set(keyOf(count), tiers);
  }
  const isShared = ({ from, start, ...of }: CountedTier): boolean =>
    [...(lastOf.get(keyOf(of)) ?? [])].some(([lower, last]) => lower < from && last >= start);
  const proven = new Map<string, TierNews>();
  for (const count of counts) {
    if (count.from <= 1 || isShared(count)) continue;
    const { start, ...tier } = count;
    const key = `${keyOf(tier)}/${tier.from}`;
    const before = proven.get(key);
    if (before === undefined || start < before.at) proven.set(key, { ...tier, at: start });
  }
  return [...proven.values()];
}

const keyOf = ({ month, market, series }: Pick<TierNews, "month" | "market" | "series">): string =>
  [month, market.toLowerCase(), series].join("/");
