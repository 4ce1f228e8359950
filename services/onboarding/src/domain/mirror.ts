/** Where a word of Meta's came from: a webhook, our own look at the Graph API, or a step of a signup case. */
export const mirrorSources = ["webhook", "sync", "signup"] as const;
export type MirrorSource = (typeof mirrorSources)[number];

/** Meta's word for one property, and when Meta said so (webhook) or showed it (look). */
export interface Observed {
  readonly value: string;
  readonly at: Date;
}

/** A copy of what Meta says of an object, property by property. Words are Meta's own, unknown ones included. */
export type Mirror<K extends string> = Readonly<Partial<Record<K, Observed>>>;

export interface Change {
  readonly field: string;
  readonly from?: string;
  readonly to: string;
  readonly at: Date;
  readonly source: MirrorSource;
}

/** How many changes an object keeps; every one of them is an event as well. */
export const historyLength = 100;

/** When and how a word was learnt. */
export interface Sighting {
  readonly at: Date;
  readonly source: MirrorSource;
}

export interface Observation<K extends string> {
  readonly mirror: Mirror<K>;
  readonly changes: readonly Change[];
}

/**
 * Takes what Meta says into the mirror. A word older than the one kept is left out, so that webhooks may come in any order; the first word of a
 * property is no change of it, but the start.
 */
export function observe<K extends string>(
  mirror: Mirror<K>,
  facts: Readonly<Partial<Record<K, string>>>,
  { at, source }: Sighting,
): Observation<K> {
  const news = (Object.entries(facts) as [K, string | undefined][]).filter(
    (fact): fact is [K, string] => fact[1] !== undefined && (mirror[fact[0]]?.at ?? at) <= at,
  );
  const changed = news.filter(([field, value]) => mirror[field]?.value !== value);
  return {
    mirror: { ...mirror, ...Object.fromEntries(news.map(([field, value]) => [field, { value, at }])) },
    changes: changed.map(([field, to]) => ({ field, ...fromOf(mirror[field]), to, at, source })),
  };
}

const fromOf = (before: Observed | undefined): { from?: string } =>
  before === undefined ? {} : { from: before.value };

/** The history with new changes at its end, bounded. */
export const remember = (history: readonly Change[], changes: readonly Change[]): readonly Change[] =>
  [...history, ...changes].slice(-historyLength);
