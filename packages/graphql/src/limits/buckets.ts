/** A token bucket: it holds `burst` at most and refills by `perSecond`. */
export interface BucketRule {
  readonly burst: number;
  readonly perSecond: number;
}

/** What is taken from one bucket. */
export interface Withdrawal {
  /** Whose and which, e.g. "tenant:ten_…:writes". */
  readonly key: string;
  readonly rule: BucketRule;
  readonly amount: number;
}

/** A bucket after a withdrawal, or why there was none. */
export interface Level {
  readonly key: string;
  /** Whole units left. */
  readonly remaining: number;
  /** Seconds until it is full again, rounded up. */
  readonly resetSeconds: number;
  /** Seconds until the amount would be there, rounded up; 0 when it was. */
  readonly retryAfterSeconds: number;
}

export interface Buckets {
  /**
   * Takes all of them or none. An amount above a bucket's burst waits for a full bucket and leaves a debt, so that a large request is slow, never
   * impossible. `nowMs` is system time; a clock that jumps back refills nothing, and from there on
   * it refills as before.
   */
  readonly take: (withdrawals: readonly Withdrawal[], nowMs: number) => readonly Level[];
  /** Puts back what turned out not to be needed; never more than a bucket holds. */
  readonly giveBack: (withdrawal: Withdrawal, nowMs: number) => void;
  /** Buckets in memory: those that are not full. */
  readonly size: () => number;
}

interface Bucket {
  level: number;
  at: number;
}

/** A full bucket needs no memory: it is made anew when somebody takes from it. Of `most` others the longest unused is forgotten first. */
export function buckets(most = 100_000): Buckets {
  const known = new Map<string, Bucket>();
  const levelOf = ({ key, rule }: Withdrawal, nowMs: number): number => {
    const bucket = known.get(key);
    if (bucket === undefined) return rule.burst;
    if (nowMs < bucket.at) bucket.at = nowMs;
    const passed = nowMs - bucket.at;
    return Math.min(rule.burst, bucket.level + (passed / 1_000) * rule.perSecond);
  };
  const keep = (key: string, bucket: Bucket): void => {
    known.delete(key);
    known.set(key, bucket);
    for (const oldest of known.keys()) {
      if (known.size <= most) break;
      known.delete(oldest);
    }
  };
  const forgetFull = (nowMs: number): void => {
    const first = known.entries().next().value;
    if (first !== undefined && nowMs - first[1].at > forgetAfterMs) known.delete(first[0]);
  };
  return {
    size: () => known.size,
    giveBack: (withdrawal, nowMs) => {
      const { key, rule, amount } = withdrawal;
      const bucket = known.get(key);
      if (bucket === undefined) return;
      keep(key, {
        level: Math.min(rule.burst, levelOf(withdrawal, nowMs) + amount),
        at: nowMs,
      });
    },
    take: (withdrawals, nowMs) => {
      const before = withdrawals.map((one) => ({ ...one, level: levelOf(one, nowMs) }));
      const lacking = before.map(({ amount, rule, level }) => Math.max(0, Math.min(amount, rule.burst) - level));
      const taken = lacking.every((missing) => missing === 0);
      forgetFull(nowMs);
      return before.map(({ key, rule, amount, level }, at) => {
        const left = taken ? level - amount : level;
        if (taken) keep(key, { level: left, at: nowMs });
        return {
          key,
          remaining: Math.max(0, Math.floor(left)),
          resetSeconds: Math.ceil((rule.burst - left) / rule.perSecond),
          retryAfterSeconds: Math.ceil((lacking[at] ?? 0) / rule.perSecond),
        };
      });
    },
  };
}

/** By then every bucket of the table is full again. */
const forgetAfterMs = 600_000;
