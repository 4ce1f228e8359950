/** A word of Meta's or Stripe's: their lists grow without notice, so the raw word is kept and the known one may be UNKNOWN. */
export interface Word<K extends string> {
  readonly known: K | "UNKNOWN";
  readonly raw: string;
}

/** Matches a raw word against the known ones, ignoring case. Never throws. */
export function word<K extends string>(known: readonly K[], raw: string): Word<K> {
  const folded = raw.toUpperCase();
  return { known: known.find((candidate) => candidate.toUpperCase() === folded) ?? "UNKNOWN", raw };
}
