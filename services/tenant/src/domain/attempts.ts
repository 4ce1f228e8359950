import { after, dayMs, hourMs, minuteMs } from "@greentick/kernel";

/**
 * Why guessing is slow and nobody can lock somebody else out.
 *
 * Three counts of failures are kept; a right password from where it failed clears the first.
 * 1. Person × source address: five are free, then each doubles the wait, up to fifteen minutes. Others are not touched by it.
 * 2. Source address: sixty an hour are free, then the wait doubles with every ten, up to fifteen minutes; one is forgotten a minute.
 * 3. Person, from anywhere: a hundred are free, then one attempt a minute. It is what slows a crowd of sources down. It never refuses a device
 *    from which the person signed in before, nor a request that brings a second factor's code along: with a wrong code no password is right,
 *    and codes have a count of their own (`codeRule`).
 * A known device is asked the first only, counted for itself. An address that belongs to nobody is counted like any other.
 */
export const attemptRules = {
  pair: { free: 5, doubleEvery: 1, firstMs: 1_000, longestMs: 15 * minuteMs, forgetEveryMs: hourMs },
  source: { free: 60, doubleEvery: 10, firstMs: 1_000, longestMs: 15 * minuteMs, forgetEveryMs: minuteMs },
  person: {
    free: 100,
    doubleEvery: Number.POSITIVE_INFINITY,
    firstMs: minuteMs,
    longestMs: minuteMs,
    forgetEveryMs: 15 * minuteMs,
  },
} as const satisfies Record<string, AttemptRule>;

/**
 * Wrong codes of one person's second factor, wherever they are shown: only who has proved the password, holds a link or a session comes so far.
 * Ten are free, then each doubles the wait, from a minute to a day. After a hundred the next one waits until one is forgotten (NIST SP 800-63B
 * §3.2.2: no more than a hundred failures in a row), and a right code clears them all. A device from which the person signed in with
 * a code before has a count of its own, so that somebody who has stolen the password does not keep her from it.
 */
export const codeRule = {
  free: 10,
  doubleEvery: 1,
  firstMs: minuteMs,
  longestMs: dayMs,
  forgetEveryMs: 7 * dayMs,
  most: 100,
} as const satisfies AttemptRule;

/** Wrong codes shown with one link for a new password: ten, and the link is over. Nothing is forgotten while a link lives. */
export const linkCodeRule = {
  free: 10,
  doubleEvery: Number.POSITIVE_INFINITY,
  firstMs: hourMs,
  longestMs: hourMs,
  forgetEveryMs: hourMs,
} as const satisfies AttemptRule;

export interface AttemptRule {
  readonly free: number;
  readonly doubleEvery: number;
  readonly firstMs: number;
  readonly longestMs: number;
  /** One failure is forgotten after each such time without another. */
  readonly forgetEveryMs: number;
  /** With so many remembered there is no attempt until one is forgotten. */
  readonly most?: number;
}

/** What is remembered of failures: each moves `forgottenAt` away by one `forgetEveryMs`. System time. */
export interface Failures {
  readonly forgottenAt: Date;
  readonly last: Date;
}

/** How many are still remembered now. */
export const remembered = ({ forgottenAt }: Failures, rule: AttemptRule, now: Date): number =>
  Math.max(0, Math.ceil((forgottenAt.getTime() - now.getTime()) / rule.forgetEveryMs));

/** From when the next attempt may be made; undefined when at once. */
export function nextAttemptAt(failures: Failures | undefined, rule: AttemptRule, now: Date): Date | undefined {
  if (failures === undefined) return undefined;
  const count = remembered(failures, rule, now);
  if (rule.most !== undefined && count >= rule.most)
    return after(failures.forgottenAt, -(rule.most - 1) * rule.forgetEveryMs);
  const over = count - rule.free;
  if (over < 0) return undefined;
  const doubled = rule.firstMs * 2 ** Math.min(30, Math.floor(over / rule.doubleEvery));
  const at = after(failures.last, Math.min(doubled, rule.longestMs));
  return at > now ? at : undefined;
}

/** Of many attempts at once, those beyond the free ones go one at a time: true when another one got in between. */
export const isCrowded = (
  before: Failures | undefined,
  counted: Failures,
  { rule, now }: { readonly rule: AttemptRule; readonly now: Date },
): boolean => {
  const count = remembered(counted, rule, now);
  return count > rule.free && count > (before === undefined ? 0 : remembered(before, rule, now)) + 1;
};

/** How long a count is kept after its last failure. */
export const keptMs = (rule: AttemptRule): number => rule.forgetEveryMs * Math.max(rule.free + 64, rule.most ?? 0);
