/**
 * How many refusals of people who are nobody yet may stand in a trail: without a bound, whoever tries passwords, links and tickets by the thousand
 * would fill it for ever. In each hour, for each trail:
 * - of one kind from one source twenty, and of "too many attempts" one, which tells of the lock-out;
 * - a thousand altogether, so that many sources do not do what one may not.
 * Each process counts for itself. What is left out is counted by the limits of sign-in all the same.
 */
export const trailQuotaRules = { windowMs: 3_600_000, ofOneKind: 20, ofRateLimited: 1, ofOneTrail: 1_000 } as const;

export interface TrailedRefusal {
  /** Whose trail. */
  readonly tenantId: string;
  readonly action: string;
  readonly reason: string;
  /** Who, and from where. */
  readonly source: string;
  readonly isRateLimited: boolean;
}

/** The first one that is left out in an hour is worth a line in the log. */
export type Trailing = "kept" | "left out first" | "left out";

/** Counts of the current hour; their number is bounded by what is kept in it. */
export function trailQuota(): (refusal: TrailedRefusal, now: Date) => Trailing {
  const { windowMs, ofOneKind, ofRateLimited, ofOneTrail } = trailQuotaRules;
  const counts = new Map<string, number>();
  let current = 0;
  const isFull = (key: string, most: number): Trailing | undefined => {
    const count = counts.get(key) ?? 0;
    if (count < most) return undefined;
    counts.set(key, most + 1);
    return count === most ? "left out first" : "left out";
  };
  return ({ tenantId, action, reason, source, isRateLimited }, now) => {
    const hour = Math.floor(now.getTime() / windowMs);
    if (hour !== current) counts.clear();
    current = hour;
    const kind = JSON.stringify([tenantId, action, reason, source]);
    const full = isFull(tenantId, ofOneTrail) ?? isFull(kind, isRateLimited ? ofRateLimited : ofOneKind);
    if (full !== undefined) return full;
    for (const key of [tenantId, kind]) counts.set(key, (counts.get(key) ?? 0) + 1);
    return "kept";
  };
}
