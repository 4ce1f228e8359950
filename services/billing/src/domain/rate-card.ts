import { type LocalDate } from "@greentick/kernel";
import { inForce } from "./markets.js";
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

export interface FoundRate {
  readonly cardId: string;
  readonly cardName: string;
  readonly line: number;
  readonly rateMicros: bigint;
  readonly tierFrom: number;
  readonly tierTo?: number;
}

/** Why there is no rate. Never to be read as zero. */
export type RateGap = "no_card_in_force" | "no_rate_in_card";

interface Placed {
  readonly card: RateCard;
  readonly row: RateRow;
}
export interface RateIndex {
  readonly cards: readonly RateCard[];
  readonly rows: ReadonlyMap<string, readonly Placed[]>;
}

const cell = (currency: string, market: string, category: string): string => `${currency}|${market}|${category}`;

/** @throws RangeError when two cards would answer the same question: same kind, currency, cell and tier on the same day. */
export function rateIndex(cards: readonly RateCard[]): RateIndex {
  const rows = new Map<string, Placed[]>();
  for (const card of cards)
    for (const row of card.rows) {
      const key = cell(card.currency, row.market, row.category);
      const placed = rows.get(key) ?? [];
      const other = placed.find((one) => collides(one, { card, row }));
      if (other !== undefined)
        throw new RangeError(
          `The rate cards ${other.card.name} and ${card.name} both price ${key} from ${card.effectiveFrom}: their rows ${other.row.line} and ${row.line} overlap.`,
        );
      placed.push({ card, row });
      rows.set(key, placed);
    }
  return { cards, rows };
}

const later = (a: LocalDate, b: LocalDate): LocalDate => (a > b ? a : b);

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
  const placed = (index.rows.get(cell(query.currency, query.market, query.category)) ?? []).filter(({ card }) =>
    inForce(card, query.date),
  );
  const best = query.position === undefined ? listRow(placed) : tierRow(placed, query.position);
  if (best !== undefined) return foundRate(best);
  const anyCard = index.cards.some(
    (card) => card.kind === "list" && card.currency === query.currency && inForce(card, query.date),
  );
  return anyCard ? "no_rate_in_card" : "no_card_in_force";
}

const listRow = (placed: readonly Placed[]): Placed | undefined =>
  placed.find(({ card, row }) => card.kind === "list" && row.tierTo === undefined);

function tierRow(placed: readonly Placed[], position: number): Placed | undefined {
  const holds = ({ row }: Placed): boolean => row.tierFrom <= position && position <= (row.tierTo ?? position);
  return placed.find((one) => one.card.kind === "tiers" && holds(one)) ?? placed.find(holds);
}

const foundRate = ({ card, row }: Placed): FoundRate => ({
  cardId: card.id,
  cardName: card.name,
  line: row.line,
  rateMicros: row.rateMicros,
  tierFrom: row.tierFrom,
  ...(row.tierTo !== undefined && { tierTo: row.tierTo }),
});
