import { allow, type Call, tenantScope } from "@greentick/kernel";
import {
  type BookCard,
  bookOf,
  cardOf,
  daysInForce,
  lastDayOf,
  sameBook,
  tariffsOf,
  tariffsWith,
} from "../domain/card-book.js";
import { dayBefore } from "../domain/calendar.js";
import { type CardDifference, compareRates, type MovedMarket, movedMarkets } from "../domain/card-comparison.js";
import { type Finding } from "../domain/card-checks.js";
import { type RateCard, type RateRow } from "../domain/rate-card.js";
import { isReleased, type RateCardImport } from "../domain/rate-card-import.js";
import { type Page, type PageRequest, type RateCardStore } from "../ports.js";
import { type CardPorts, findingsFor, releasedImports } from "./card-situation.js";
import { allowCards } from "./provider-only.js";

export interface ReadCardPorts extends CardPorts {
  readonly cards: RateCardStore;
}

/** A card beside the one that is in force before it. */
export interface CardComparison extends CardDifference {
  readonly currency: string;
  readonly predecessor?: { readonly id: string; readonly name: string };
  /** Prefixes that are in another market from the card's first day on. */
  readonly moved: readonly MovedMarket[];
}

export interface ReadRateCards {
  /** What is published: shipped, or imported and released; newest first by currency. */
  readonly cards: (call: Call, filter: { readonly currency?: string }) => Promise<readonly RateCard[]>;
  /** @throws NOT_FOUND/rate_card_not_found, also for a draft. */
  readonly card: (call: Call, id: string) => Promise<RateCard>;
  /** The provider's own imports, newest first. */
  readonly imports: (call: Call, page: PageRequest) => Promise<Page<RateCardImport>>;
  readonly importsById: (call: Call, ids: readonly string[]) => Promise<readonly (RateCardImport | undefined)[]>;
  readonly findings: (call: Call, card: RateCardImport, supersedes: readonly string[]) => Promise<readonly Finding[]>;
  /** @throws NOT_FOUND/rate_card_not_found. */
  readonly comparison: (call: Call, id: string) => Promise<CardComparison>;
}

/** What people ask about rate cards. Drafts are the provider's own: others are refused with FORBIDDEN/staff_only. */
export function readRateCards(ports: ReadCardPorts): ReadRateCards {
  const { imports } = ports;
  return {
    cards: async (call, { currency }) => {
      allow(call, "billing:read");
      const all = await publishedCards(ports);
      return all.filter((card) => currency === undefined || card.currency === currency).sort(inOrder);
    },
    card: async (call, id) => {
      allow(call, "billing:read");
      const found = (await publishedCards(ports)).find((card) => card.id === id);
      return found ?? ports.cards.get(id);
    },
    imports: (call, page) => {
      allowCards(call, "billing:list");
      return imports.list(tenantScope(call), page);
    },
    importsById: (call, ids) => {
      allowCards(call, "billing:list");
      return imports.getMany(tenantScope(call), ids);
    },
    findings: (call, card, supersedes) => {
      allowCards(call, "billing:list");
      return findingsFor(ports, call, { card, supersedes });
    },
    comparison: async (call, id) => {
      allowCards(call, "billing:list");
      return comparisonOf(ports, await ports.imports.get(tenantScope(call), id));
    },
  };
}

/** Each with the last day on which it rates. */
async function publishedCards(ports: ReadCardPorts): Promise<RateCard[]> {
  const [kept, released] = await Promise.all([ports.cards.list({}), releasedImports(ports)]);
  const book = bookOf({ ...ports.published, cards: kept }, released);
  const imported = released.filter(({ kind }) => kind !== "markets").map(cardOf);
  return [...kept, ...imported].map((card) => {
    const place = book.find(({ id }) => id === card.id);
    const effectiveTo = place && lastDayOf(book, place);
    return { ...card, ...(effectiveTo !== undefined && { effectiveTo }) };
  });
}

const inOrder = (a: RateCard, b: RateCard): number =>
  a.currency.localeCompare(b.currency, "en") ||
  b.effectiveFrom.localeCompare(a.effectiveFrom, "en") ||
  a.name.localeCompare(b.name, "en");

async function comparisonOf(ports: ReadCardPorts, card: RateCardImport): Promise<CardComparison> {
  const others = (await releasedImports(ports)).filter(({ id }) => id !== card.id);
  const predecessor = predecessorOf(bookOf(ports.published, others), card);
  const before = {
    rows: tariffsOf(ports.published, others).markets.rows,
    date: dayBefore(card.effectiveFrom),
  };
  const supersedes = isReleased(card) ? card.release.supersedes : [];
  const after = tariffsWith(ports.published, others, { card, supersedes }).markets.rows;
  return {
    currency: card.currency,
    ...(predecessor && { predecessor: { id: predecessor.id, name: predecessor.name } }),
    ...compareRates(predecessor === undefined ? [] : ratesOf(ports, others, predecessor.id), card.rates),
    moved: movedMarkets(before, { rows: after, date: card.effectiveFrom }),
  };
}

/** The card of the same book that began last, on the card's first day or before it. */
function predecessorOf(book: readonly BookCard[], card: RateCardImport): BookCard | undefined {
  const inForce = daysInForce(book);
  return book
    .filter((one) => sameBook(one, card) && inForce.has(one.id) && one.effectiveFrom <= card.effectiveFrom)
    .reduce<BookCard | undefined>(
      (best, one) => (best === undefined || one.effectiveFrom >= best.effectiveFrom ? one : best),
      undefined,
    );
}

function ratesOf({ published }: ReadCardPorts, others: readonly RateCardImport[], id: string): readonly RateRow[] {
  return published.cards.find((one) => one.id === id)?.rows ?? others.find((one) => one.id === id)?.rates ?? [];
}
