/**
 * How many refusals may stand in a trail where whoever is refused costs nothing: without a bound, a loop would fill it for ever. In each hour, for each
 * trail:
 * - of one kind from one source twenty, and of "too many attempts" one, which tells of the lock-out;
 * - of one source a hundred altogether, where `ofOneSource` says so;
 * - a thousand altogether, so that many sources do not do what one may not.
 * Each process counts for itself. What is left out is refused, and counted by the limits, all the same.
 */
export const trailQuotaRules = { windowMs: 3_600_000, ofOneKind: 20, ofRateLimited: 1, ofOneTrail: 1_000 } as const;

/** Those of somebody who is known: a person, a key. */
export const callerQuotaRules = { ...trailQuotaRules, ofOneSource: 100 } as const;

export interface TrailQuotaRules {
  readonly windowMs: number;
  readonly ofOneKind: number;
  readonly ofRateLimited: number;
  readonly ofOneSource?: number;
  readonly ofOneTrail: number;
}

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

export type TrailQuota = (refusal: TrailedRefusal, now: Date) => Trailing;

/** Counts of the current hour; their number is bounded by what is kept in it. */
export function trailQuota(rules: TrailQuotaRules = trailQuotaRules): TrailQuota {
  const counts = new Map<string, number>();
  let current = 0;
  const isFull = ({ key, most }: Bound): Trailing | undefined => {
    const count = counts.get(key) ?? 0;
    if (count < most) return undefined;
    counts.set(key, most + 1);
    return count === most ? "left out first" : "left out";
  };
  return (refusal, now) => {
    const hour = Math.floor(now.getTime() / rules.windowMs);
    if (hour !== current) counts.clear();
    current = hour;
    const bounds = boundsOf(rules, refusal);
    for (const bound of bounds) {
      const full = isFull(bound);
      if (full !== undefined) return full;
    }
    for (const { key } of bounds) counts.set(key, (counts.get(key) ?? 0) + 1);
    return "kept";
  };
}

interface Bound {
  readonly key: string;
  readonly most: number;
}

/** From the widest to the narrowest. */
function boundsOf(
  { ofOneTrail, ofOneSource, ofOneKind, ofRateLimited }: TrailQuotaRules,
  { tenantId, action, reason, source, isRateLimited }: TrailedRefusal,
): readonly Bound[] {
  const key = (...parts: readonly string[]): string => JSON.stringify(parts);
  return [
    { key: key(tenantId), most: ofOneTrail },
    ...(ofOneSource === undefined ? [] : [{ key: key(tenantId, source), most: ofOneSource }]),
    { key: key(tenantId, source, action, reason), most: isRateLimited ? ofRateLimited : ofOneKind },
  ];
}
