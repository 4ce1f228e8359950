import { type Word } from "@greentick/kernel";
import { type Category } from "./content.js";

/**
 * What Meta said about a template, kept in Meta's own order of time. Reports arrive late, twice and in any order; the present state is
 * read from the whole list, so the order of arrival does not matter.
 */
export interface MetaSide {
  /** Meta's answer when it accepted the template: it precedes every report. */
  readonly accepted?: { readonly at: Date; readonly status: Word<string>; readonly category: Word<Category> };
  readonly statuses: readonly StatusReport[];
  readonly categories: readonly CategoryReport[];
  readonly announcements: readonly CategoryAnnouncement[];
  readonly qualities: readonly QualityReport[];
}

export interface StatusReport {
  /** Meta's time. */
  readonly at: Date;
  readonly word: Word<string>;
  readonly reason?: string;
  /** Meta's words about a refusal or a pause, for people. */
  readonly explanation?: string;
}
interface CategoryReport {
  readonly at: Date;
  readonly word: Word<Category>;
  /** A category report outranks a status report of the same second, which names the category in passing. */
  readonly source: "status" | "category";
}
export interface CategoryAnnouncement {
  readonly at: Date;
  readonly to: Word<Category>;
  readonly effectiveAt: Date;
}
interface QualityReport {
  readonly at: Date;
  readonly word: Word<string>;
}

export const nothingFromMeta: MetaSide = { statuses: [], categories: [], announcements: [], qualities: [] };

/** What one webhook adds: any part may be missing. */
export interface MetaReport {
  readonly at: Date;
  readonly status?: { readonly word: Word<string>; readonly reason?: string; readonly explanation?: string };
  readonly category?: { readonly word: Word<Category>; readonly source: CategoryReport["source"] };
  readonly announcement?: { readonly to: Word<Category>; readonly effectiveAt: Date };
  readonly quality?: Word<string>;
}

interface Timed {
  readonly at: Date;
}

/** Puts an item into its place in time; an item that is there already stays there once. */
function placed<T extends Timed>(items: readonly T[], item: T, keyOf: (one: T) => string): readonly T[] {
  const timeKey = (one: T): string => `${one.at.toISOString()}|${keyOf(one)}`;
  if (items.some((one) => timeKey(one) === timeKey(item))) return items;
  return [...items, item].sort((a, b) => (timeKey(a) < timeKey(b) ? -1 : 1));
}

export function withReport(side: MetaSide, report: MetaReport): MetaSide {
  const { at, status, category, announcement, quality } = report;
  return {
    ...side,
    statuses: status ? placed(side.statuses, { at, ...status }, (one) => one.word.raw) : side.statuses,
    categories: category
      ? placed(side.categories, { at, ...category }, (one) => `${one.source === "status" ? "0" : "1"}${one.word.raw}`)
      : side.categories,
    announcements: announcement
      ? placed(side.announcements, { at, ...announcement }, (one) => one.to.raw)
      : side.announcements,
    qualities: quality ? placed(side.qualities, { at, word: quality }, (one) => one.word.raw) : side.qualities,
  };
}

/** Where a template stands at Meta. `unknown`: Meta mentioned it, but never its status. */
export type MetaStatus =
  | "unknown"
  | "pending"
  | "approved"
  | "rejected"
  | "in_appeal"
  | "paused"
  | "limited"
  | "archived"
  | "disabled"
  | "deleting"
  | "deleted";

const meanings: Readonly<Record<string, MetaStatus>> = {
  PENDING: "pending",
  APPROVED: "approved",
  REINSTATED: "approved",
  UNARCHIVED: "approved",
  REJECTED: "rejected",
  IN_APPEAL: "in_appeal",
  PAUSED: "paused",
  DISABLED: "disabled",
  PENDING_DELETION: "deleting",
  DELETED: "deleted",
  LIMIT_EXCEEDED: "limited",
  ARCHIVED: "archived",
};

/** The next state for a word of Meta's. FLAGGED, LOCKED and words we do not know change nothing; nothing leaves deleted. */
function statusAfter(status: MetaStatus, word: Word<string>): MetaStatus {
  const meant = meanings[word.known] ?? status;
  if (status === "deleted" || (status === "deleting" && meant !== "deleted")) return status;
  return meant;
}

export const metaStatusOf = ({ accepted, statuses }: MetaSide): MetaStatus =>
  [...(accepted ? [accepted.status] : []), ...statuses.map((report) => report.word)].reduce(statusAfter, "unknown");

/** Meta's latest word about the status, also when it is one we do not know. */
export const latestWord = ({ accepted, statuses }: MetaSide): Word<string> | undefined =>
  statuses.at(-1)?.word ?? accepted?.status;

export interface CategoryStep {
  readonly at: Date;
  readonly word: Word<Category>;
  /** What we asked for, what Meta answered, what Meta reported. */
  readonly how: "requested" | "accepted" | "reported";
}

const same = (a: Word<string>, b: Word<string>): boolean => a.raw.toUpperCase() === b.raw.toUpperCase();

/** The categories a template had, each from when; repetitions left out. The last one sets the price. */
export function categoryHistory(
  side: MetaSide,
  requested?: { readonly at: Date; readonly word: Word<Category> },
): readonly CategoryStep[] {
  const steps: readonly CategoryStep[] = [
    ...(requested ? [{ ...requested, how: "requested" as const }] : []),
    ...(side.accepted ? [{ at: side.accepted.at, word: side.accepted.category, how: "accepted" as const }] : []),
    ...side.categories.map(({ at, word }) => ({ at, word, how: "reported" as const })),
  ];
  return steps.filter((step, place) => {
    const before = steps[place - 1];
    return before === undefined || !same(before.word, step.word);
  });
}

/** The change that Meta announced and has not made yet. */
export function upcomingCategory(side: MetaSide, current?: Word<Category>): CategoryAnnouncement | undefined {
  const last = side.announcements.at(-1);
  if (last === undefined || (current !== undefined && same(last.to, current))) return undefined;
  const changedSince = side.categories.some(
    (one) => one.source === "category" && one.at > last.at && same(one.word, last.to),
  );
  return changedSince ? undefined : last;
}
