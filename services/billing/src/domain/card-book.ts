import { type LocalDate } from "@greentick/kernel";
import { dayAfter, dayBefore, earlier, later } from "./calendar.js";
import { marketIndex, type MarketRow } from "./markets.js";
import { type Tariffs } from "./rate.js";
import { type RateCard, type RateIndex, rateIndex, regimeOn } from "./rate-card.js";
import { type CardKind, isReleased, type RateCardImport, type ReleasedImport } from "./rate-card-import.js";
import { without } from "./without.js";

/** Days with both ends included; without an end they go on. */
export interface Days {
  readonly effectiveFrom: LocalDate;
  readonly effectiveTo?: LocalDate;
}

/** A card among those of its kind and currency, as far as it matters which of them is in force. */
export interface BookCard extends Days {
  readonly id: string;
  readonly name: string;
  readonly kind: CardKind;
  /** Empty for a grouping of countries. */
  readonly currency: string;
  /** Of the shipped folder: whatever is imported for the same days stands in for it. */
  readonly shipped: boolean;
  /** Cards that end, for good, on the day before this one begins. */
  readonly supersedes: readonly string[];
}

/** The shipped grouping has no card of its own. */
const shippedGroupingId = "markets.csv";
const dawn = "0001-01-01" as LocalDate;

export const sameBook = (a: Pick<BookCard, "kind" | "currency">, b: Pick<BookCard, "kind" | "currency">): boolean =>
  a.kind === b.kind && a.currency === b.currency;

export const overlap = (a: Days, b: Days): boolean =>
  (b.effectiveTo === undefined || a.effectiveFrom <= b.effectiveTo) &&
  (a.effectiveTo === undefined || b.effectiveFrom <= a.effectiveTo);

const toBook = ({ release, ...card }: ReleasedImport): BookCard => ({
  id: card.id,
  name: card.name,
  kind: card.kind,
  currency: card.currency,
  effectiveFrom: card.effectiveFrom,
  ...(card.effectiveTo !== undefined && { effectiveTo: card.effectiveTo }),
  shipped: false,
  supersedes: release.supersedes,
});

const shippedCard = (card: RateCard): BookCard => ({
  id: card.id,
  name: card.name,
  kind: card.kind,
  currency: card.currency,
  effectiveFrom: card.effectiveFrom,
  ...(card.effectiveTo !== undefined && { effectiveTo: card.effectiveTo }),
  shipped: true,
  supersedes: [],
});

const shippedGrouping: BookCard = {
  id: shippedGroupingId,
  name: shippedGroupingId,
  kind: "markets",
  currency: "",
  effectiveFrom: dawn,
  shipped: true,
  supersedes: [],
};

/** Meta's published prices and its grouping of countries, as they lie in the shipped folder. */
export interface PublishedPrices {
  readonly cards: readonly RateCard[];
  readonly markets: readonly MarketRow[];
}

/** Every card that is published: shipped, or imported and released. */
export const bookOf = (shipped: PublishedPrices, imports: readonly RateCardImport[]): readonly BookCard[] => [
  shippedGrouping,
  ...shipped.cards.map(shippedCard),
  ...imports.filter(isReleased).map(toBook),
];

/** Whether `next` ends `card` for good. */
const ends = (next: BookCard, card: BookCard): boolean =>
  sameBook(next, card) && (next.supersedes.includes(card.id) || (card.shipped && !next.shipped && overlap(next, card)));

/**
 * The last day on which a card may rate: its own, or the day before the first card that replaces it, which can lie before its own first day.
 * Undefined without an end. A replaced card never comes back, not even when the one that replaced it ends or is replaced itself.
 */
export function lastDayOf(book: readonly BookCard[], card: BookCard): LocalDate | undefined {
  const cuts = book
    .filter((next) => next.id !== card.id && ends(next, card))
    .map((next) => dayBefore(next.effectiveFrom));
  return cuts.reduce<LocalDate | undefined>(
    (end, cut) => (end === undefined ? cut : earlier(end, cut)),
    card.effectiveTo,
  );
}

/** The days on which each card rates. A card that is not named rates on no day. */
export function daysInForce(book: readonly BookCard[]): ReadonlyMap<string, Days> {
  const found = new Map<string, Days>();
  for (const card of book) {
    const { effectiveFrom } = card;
    const last = lastDayOf(book, card);
    if (last === undefined) found.set(card.id, { effectiveFrom });
    else if (last >= effectiveFrom) found.set(card.id, { effectiveFrom, effectiveTo: last });
  }
  return found;
}

/** An imported list or tier card as the rater knows it. */
export const cardOf = (card: RateCardImport): RateCard => ({
  id: card.id,
  sha256: card.sha256,
  name: card.name,
  kind: card.kind === "tiers" ? "tiers" : "list",
  currency: card.currency,
  regime: regimeOn(card.effectiveFrom),
  effectiveFrom: card.effectiveFrom,
  ...(card.effectiveTo !== undefined && { effectiveTo: card.effectiveTo }),
  rows: card.rates,
});

/** The card cut to the days on which it rates. */
const within = <T extends Days>(card: T, days: Days): Omit<T, "effectiveTo"> & Days => ({
  ...without(card, "effectiveTo"),
  ...days,
});

/** Rows of a grouping on the days on which it is in force. */
function rowsWithin(rows: readonly MarketRow[], days: Days): readonly MarketRow[] {
  return rows
    .filter((row) => overlap(row, days))
    .map((row) => {
      const ends = [row.effectiveTo, days.effectiveTo].filter((end) => end !== undefined);
      const effectiveFrom = later(row.effectiveFrom, days.effectiveFrom);
      return within(row, { effectiveFrom, ...(ends.length > 0 && { effectiveTo: ends.reduce(earlier) }) });
    });
}

/** The same with a card that is not released, as if it replaced whatever is in force on its days. */
export function tariffsWith(
  shipped: PublishedPrices,
  imports: readonly RateCardImport[],
  { card, supersedes }: { readonly card: RateCardImport; readonly supersedes: readonly string[] },
): Tariffs {
  const others = imports.filter(({ id }) => id !== card.id);
  const book = bookOf(shipped, others).filter((one) => sameBook(one, card));
  const inForce = daysInForce(book);
  const replaced = book.filter(({ id }) => {
    const days = inForce.get(id);
    return days !== undefined && overlap(days, card);
  });
  const release = {
    by: "",
    at: card.importedAt,
    supersedes: [...supersedes, ...replaced.map(({ id }) => id)],
    accepted: [],
  };
  return tariffsOf(shipped, [...others, { ...card, status: "released", release }]);
}

/** What rates: every published card on the days on which it is in force. */
export function tariffsOf(shipped: PublishedPrices, imports: readonly RateCardImport[]): Tariffs {
  const released = imports.filter(isReleased);
  const inForce = daysInForce(bookOf(shipped, released));
  const cards = [...shipped.cards, ...released.filter(({ kind }) => kind !== "markets").map(cardOf)];
  const groupings = [
    { id: shippedGroupingId, markets: shipped.markets },
    ...released.filter(({ kind }) => kind === "markets"),
  ];
  const indexes = new Map<string, RateIndex>();
  return {
    named: (cardIds) => {
      const key = cardIds.join();
      const known = indexes.get(key);
      const found = known === undefined ? cards.filter(({ id }) => cardIds.includes(id)) : [];
      if (known !== undefined || found.length < new Set(cardIds).size) return known;
      const index = rateIndex(found);
      indexes.set(key, index);
      return index;
    },
    rates: rateIndex(
      cards.flatMap((card) => {
        const days = inForce.get(card.id);
        return days === undefined ? [] : [within(card, days)];
      }),
    ),
    markets: marketIndex(
      groupings.flatMap(({ id, markets }) => {
        const days = inForce.get(id);
        return days === undefined ? [] : rowsWithin(markets, days);
      }),
    ),
  };
}

/** Days between the cards of a book, and behind the last one that ends, on which nothing is in force; empty for a book without cards. */
export function gapsOf(inForce: readonly Days[]): readonly Days[] {
  const ordered = [...inForce].sort((a, b) => (a.effectiveFrom < b.effectiveFrom ? -1 : 1));
  const gaps: Days[] = [];
  let covered: LocalDate | undefined | "open";
  for (const { effectiveFrom, effectiveTo } of ordered) {
    if (covered === "open") break;
    if (covered !== undefined && dayBefore(effectiveFrom) > covered)
      gaps.push({ effectiveFrom: dayAfter(covered) as string as LocalDate, effectiveTo: dayBefore(effectiveFrom) });
    covered = effectiveTo === undefined ? "open" : covered === undefined ? effectiveTo : later(covered, effectiveTo);
  }
  return covered === undefined || covered === "open"
    ? gaps
    : [...gaps, { effectiveFrom: dayAfter(covered) as string as LocalDate }];
}
