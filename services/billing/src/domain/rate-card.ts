import { type LocalDate, money, type Money } from "@greentick/kernel";
import { inForce } from "./markets.js";
import { type Reason } from "./reason.js";
import { type CardCategory } from "./words.js";

/**
 * Which rules of Meta's a delivery falls under, by its day in the account's zone: conversations until 2025-06-30, then messages with
 * utility free inside a service window, then (2026-10-01) messages with utility and service charged (Meta: pricing).
 */
export type Regime = "CBP" | "PMP_FREE_WINDOW" | "PMP_CHARGED_WINDOW";
const firstDayOfMessages = "2025-07-01" as LocalDate;
const firstDayOfChargedWindow = "2026-10-01" as LocalDate;

export function regimeOn(date: LocalDate): Regime {
  if (date < firstDayOfMessages) return "CBP";
  return date < firstDayOfChargedWindow ? "PMP_FREE_WINDOW" : "PMP_CHARGED_WINDOW";
}

export interface RateRow {
  readonly market: string;
  readonly category: CardCategory;
  /** Position in the month of the first message of the tier; Meta prints 0 for the first tier. */
  readonly tierFrom: number;
  /** Inclusive; absent for the open tier. */
  readonly tierTo?: number;
  /** Micros of the currency unit per delivered message, or per conversation under conversation-based pricing. */
  readonly rateMicros: bigint;
  /** Line of the file it was read from, the header being line 1. */
  readonly line: number;
}

/** A published card: immutable, named by the hash of its bytes. A list card holds list rates, a tier card the volume tiers beside it. */
export interface RateCard {
  readonly id: string;
  readonly sha256: string;
  readonly name: string;
  readonly kind: "list" | "tiers";
  readonly currency: string;
  readonly regime: Regime;
  readonly effectiveFrom: LocalDate;
  readonly effectiveTo?: LocalDate;
  readonly rows: readonly RateRow[];
}

export interface RateQuery {
  readonly currency: string;
  readonly date: LocalDate;
  readonly market: string;
  readonly category: CardCategory;
  /** Position of the message in its counter, when Meta has told us; absent: the list rate. */
  readonly position?: number;
}

/** The row of a card that a price comes from. */
export interface RateRef {
  readonly cardId: string;
  readonly cardName: string;
  readonly line: number;
  readonly rateMicros: bigint;
}

/** A row as it is found: made once, and shared by all that it prices. */
export interface FoundRate extends RateRef {
  readonly ref: RateRef;
  readonly price: Money;
  readonly reason: Reason;
}

/** Why there is no rate. Never to be read as zero. */
export type RateGap = "no_card_in_force" | "no_rate_in_card";

export interface Placed {
  readonly card: RateCard;
  readonly row: RateRow;
  readonly found: FoundRate;
}
export interface RateIndex {
  readonly cards: readonly RateCard[];
  /** By currency, market and category; cards that begin later first, since most that is asked happened lately. */
  readonly rows: ReadonlyMap<string, readonly Placed[]>;
}

export function placedIn(card: RateCard, row: RateRow): Placed {
  const { currency, id: cardId, name: cardName } = card;
  const { line, rateMicros } = row;
  const ref = { cardId, cardName, line, rateMicros };
  const says = `Card ${cardName}, line ${line}, ${tierWords(row)}: ${rateMicros} micros of ${currency}.`;
  return { card, row, found: { ...ref, ref, price: money(currency, rateMicros), reason: { rule: "card", says } } };
}

const tierWords = ({ tierFrom, tierTo }: RateRow): string =>
  tierFrom <= 1 && tierTo === undefined ? "list rate" : `messages ${tierFrom} to ${tierTo ?? "open"}`;

const cell = (currency: string, market: string, category: string): string => `${currency}|${market}|${category}`;

/** @throws RangeError when two cards would answer the same question: same kind, currency, cell and tier on the same day. */
export function rateIndex(cards: readonly RateCard[]): RateIndex {
  const rows = new Map<string, Placed[]>();
  for (const card of cards)
    for (const row of card.rows) {
      const key = cell(card.currency, row.market, row.category);
      const placed = rows.get(key) ?? [];
      const mine = placedIn(card, row);
      const other = placed.find((one) => collides(one, mine));
      if (other !== undefined)
        throw new RangeError(
          `The rate cards ${other.card.name} and ${card.name} both price ${key} from ${card.effectiveFrom}: their rows ${other.row.line} and ${row.line} overlap.`,
        );
      placed.push(mine);
      rows.set(key, placed);
    }
  for (const placed of rows.values()) placed.sort((a, b) => latestFirst(a.card.effectiveFrom, b.card.effectiveFrom));
  return { cards, rows };
}

const later = (a: LocalDate, b: LocalDate): LocalDate => (a > b ? a : b);
const latestFirst = (a: LocalDate, b: LocalDate): number => (a === b ? 0 : a > b ? -1 : 1);

function collides(a: Placed, b: Placed): boolean {
  const start = later(a.card.effectiveFrom, b.card.effectiveFrom);
  const sameDays = inForce(a.card, start) && inForce(b.card, start);
  const sameTier =
    a.row.tierFrom <= (b.row.tierTo ?? Number.MAX_SAFE_INTEGER) &&
    b.row.tierFrom <= (a.row.tierTo ?? Number.MAX_SAFE_INTEGER);
  return a.card.kind === b.card.kind && sameDays && sameTier;
}

/**
 * The rate of a cell on a day. Without a position: the list rate, which for `service` is the row above the free tier, because Meta says by
 * the pricing type when the free tier is used up. With a position: the tier that holds it, from the tier card when there is one.
 */
export function findRate(index: RateIndex, query: RateQuery): FoundRate | RateGap {
  const { currency, date, market, category, position } = query;
  const placed = index.rows.get(cell(currency, market, category)) ?? [];
  const best = position === undefined ? listRow(placed, date) : tierRow(placed, date, position);
  if (best !== undefined) return best.found;
  const anyCard = index.cards.some((card) => card.kind === "list" && card.currency === currency && inForce(card, date));
  return anyCard ? "no_rate_in_card" : "no_card_in_force";
}

const listRow = (placed: readonly Placed[], date: LocalDate): Placed | undefined =>
  placed.find(({ card, row }) => card.kind === "list" && row.tierTo === undefined && inForce(card, date));

function tierRow(placed: readonly Placed[], date: LocalDate, position: number): Placed | undefined {
  const holds = ({ card, row }: Placed): boolean =>
    row.tierFrom <= position && position <= (row.tierTo ?? position) && inForce(card, date);
  return placed.find((one) => one.card.kind === "tiers" && holds(one)) ?? placed.find(holds);
}
