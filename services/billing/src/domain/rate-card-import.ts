import { type LocalDate, type Month, type TenantId } from "@greentick/kernel";
import { cardErrors } from "./card-errors.js";
import { type MarketRow } from "./markets.js";
import { type RateRow } from "./rate-card.js";
import { type CardCategory } from "./words.js";

/** `list` and `tiers` hold rates of one currency, `markets` Meta's grouping of countries. */
export const cardKinds = ["list", "tiers", "markets"] as const;
export type CardKind = (typeof cardKinds)[number];

export type ImportStatus = "draft" | "rehearsed" | "released" | "withdrawn";

/** What a file says: rates, or the rows of a grouping. */
export interface CardContent {
  readonly sha256: string;
  readonly rates: readonly RateRow[];
  readonly markets: readonly MarketRow[];
}

/** One market and category of past traffic under a card that is not released yet. Micros of the currency. */
export interface RehearsedCell {
  readonly currency: string;
  readonly market: string;
  readonly category: CardCategory;
  readonly units: number;
  readonly beforeMicros: bigint;
  /** Absent for what would have no price. */
  readonly afterMicros?: bigint;
  /** Why it would have none. */
  readonly unratable?: string;
}

export interface Rehearsal {
  readonly month: Month;
  /** `failed`: the month has more kinds of recipients than can be rehearsed. */
  readonly status: "requested" | "done" | "failed";
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly finishedAt?: Date;
  readonly cells: readonly RehearsedCell[];
}

export interface Release {
  readonly by: string;
  readonly at: Date;
  /** Cards that end on the day before this one begins. */
  readonly supersedes: readonly string[];
  /** Warnings that whoever released it has read. */
  readonly accepted: readonly string[];
}

/**
 * A file that staff of the provider imported: a draft until another person releases it, never changed in what it says. Released, it rates
 * for every client, and its place in its book (kind and currency) is its number.
 */
export interface RateCardImport extends CardContent {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly kind: CardKind;
  /** ISO 4217; empty for a grouping. */
  readonly currency: string;
  readonly name: string;
  readonly effectiveFrom: LocalDate;
  /** Inclusive; absent for a card without a known end. */
  readonly effectiveTo?: LocalDate;
  readonly status: ImportStatus;
  /** Person who imported it; somebody else releases it. */
  readonly importedBy: string;
  readonly importedAt: Date;
  readonly rehearsal?: Rehearsal;
  /** `list:USD`, `tiers:USD`, `markets`. */
  readonly book: string;
  /** 1 for the first release of its book; unique there, so that of two at the same moment one is refused. */
  readonly releaseNumber?: number;
  readonly release?: Release;
  readonly withdrawnBy?: string;
  readonly withdrawnAt?: Date;
}
export type ReleasedImport = RateCardImport & { readonly release: Release };

export const bookName = (kind: CardKind, currency: string): string =>
  kind === "markets" ? kind : `${kind}:${currency}`;

export const isReleased = (card: RateCardImport): card is ReleasedImport =>
  card.status === "released" && card.release !== undefined;

/** @throws CONFLICT/rate_card_settled when it is released or withdrawn. */
function open(card: RateCardImport): RateCardImport {
  if (card.status === "released" || card.status === "withdrawn") throw cardErrors.rateCardSettled(card.id, card.status);
  return card;
}

interface By {
  readonly by: string;
  readonly at: Date;
}

/** Asks for a rehearsal; a later one replaces the one before. @throws CONFLICT/rate_card_settled. */
export const askRehearsal = (card: RateCardImport, month: Month, { by, at }: By): RateCardImport => ({
  ...open(card),
  rehearsal: { month, status: "requested", requestedBy: by, requestedAt: at, cells: [] },
});

/** draft -> rehearsed; without cells the rehearsal failed. A card that was settled meanwhile stays as it is. */
export function rehearsed(
  card: RateCardImport,
  cells: readonly RehearsedCell[] | undefined,
  finishedAt: Date,
): RateCardImport {
  if (card.rehearsal === undefined || card.status === "released" || card.status === "withdrawn") return card;
  const { rehearsal } = card;
  if (cells === undefined) return { ...card, rehearsal: { ...rehearsal, status: "failed", finishedAt } };
  return { ...card, status: "rehearsed", rehearsal: { ...rehearsal, status: "done", finishedAt, cells } };
}

/** draft | rehearsed -> withdrawn. @throws CONFLICT/rate_card_settled. */
export const withdrawn = (card: RateCardImport, { by, at }: By): RateCardImport => ({
  ...open(card),
  status: "withdrawn",
  withdrawnBy: by,
  withdrawnAt: at,
});

/**
 * draft | rehearsed -> released, by another person than the one who imported it.
 * @throws CONFLICT/rate_card_settled, CONFLICT/rate_card_own_release.
 */
export function released(card: RateCardImport, release: Release, releaseNumber: number): ReleasedImport {
  if (open(card).importedBy === release.by) throw cardErrors.rateCardOwnRelease(card.id);
  return { ...card, status: "released", releaseNumber, release };
}
