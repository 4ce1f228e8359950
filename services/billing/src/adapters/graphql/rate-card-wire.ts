import { decimalFromMicros } from "@greentick/kernel";
import { type RateRow } from "../../domain/rate-card.js";
import { type RateCardImport, type Rehearsal, type Release } from "../../domain/rate-card-import.js";
import { type CardComparison } from "../../usecases/read-rate-cards.js";
import { type RateCardRowNode } from "./month-types.js";
import { type RateCardComparisonNode, type RateCardImportNode, type RateCardRehearsalNode } from "./rate-card-types.js";
import { amount } from "./amounts.js";

export const toRateRow = (currency: string, row: RateRow): RateCardRowNode => ({
  market: row.market,
  category: row.category,
  tierFrom: row.tierFrom,
  tierTo: row.tierTo ?? null,
  rate: amount(currency, row.rateMicros),
  line: row.line,
});

const toRehearsal = (rehearsal: Rehearsal): RateCardRehearsalNode => ({
  month: rehearsal.month,
  status: rehearsal.status,
  requestedBy: rehearsal.requestedBy,
  requestedAt: rehearsal.requestedAt,
  finishedAt: rehearsal.finishedAt ?? null,
  cells: rehearsal.cells.map(({ currency, units, beforeMicros, afterMicros, ...cell }) => ({
    market: cell.market,
    category: cell.category,
    messages: units,
    before: amount(currency, beforeMicros),
    after: afterMicros === undefined ? null : amount(currency, afterMicros),
    difference: afterMicros === undefined ? null : amount(currency, afterMicros - beforeMicros),
    unratable: cell.unratable ?? null,
  })),
});

type ReleaseFields = Pick<RateCardImportNode, "releasedBy" | "releasedAt" | "supersedes" | "acceptedWarnings">;
const releaseFields = (release: Release | undefined): ReleaseFields =>
  release === undefined
    ? { releasedBy: null, releasedAt: null, supersedes: [], acceptedWarnings: [] }
    : {
        releasedBy: release.by,
        releasedAt: release.at,
        supersedes: [...release.supersedes],
        acceptedWarnings: [...release.accepted],
      };

/** An import on the wire keeps what it was made of: its findings are worked out when they are asked for. */
export type ImportNode = RateCardImportNode & { readonly card: RateCardImport };

export const toImport = (card: RateCardImport): ImportNode => ({
  id: card.id,
  livemode: card.livemode,
  status: card.status,
  kind: card.kind,
  currency: card.currency === "" ? null : card.currency,
  name: card.name,
  sha256: card.sha256,
  effectiveFrom: card.effectiveFrom,
  effectiveTo: card.effectiveTo ?? null,
  rates: card.rates.map((row) => toRateRow(card.currency, row)),
  markets: card.markets.map((row) => ({ ...row, effectiveTo: row.effectiveTo ?? null })),
  importedBy: card.importedBy,
  importedAt: card.importedAt,
  rehearsal: card.rehearsal === undefined ? null : toRehearsal(card.rehearsal),
  ...releaseFields(card.release),
  withdrawnBy: card.withdrawnBy ?? null,
  withdrawnAt: card.withdrawnAt ?? null,
  card,
});

export const toComparison = (found: CardComparison): RateCardComparisonNode => ({
  predecessorId: found.predecessor?.id ?? null,
  predecessor: found.predecessor?.name ?? null,
  appeared: [...found.appeared],
  disappeared: [...found.disappeared],
  moved: [...found.moved],
  changes: found.changes.map(({ oldMicros, newMicros, percentMicros, ...cell }) => ({
    ...cell,
    old: oldMicros === undefined ? null : amount(found.currency, oldMicros),
    new: newMicros === undefined ? null : amount(found.currency, newMicros),
    percent: percentMicros === undefined ? null : decimalFromMicros(percentMicros),
  })),
  unchanged: found.unchanged,
});
