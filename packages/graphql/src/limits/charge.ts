import { AppError } from "@greentick/kernel";
import { type Buckets, type BucketRule, type Level, type Withdrawal } from "./buckets.js";
import { type rateLimits } from "./table.js";

/** What is counted: every request, those that change something, the fields an operation can touch, and callers who could not be identified. */
export type Quantity = keyof typeof rateLimits;
export type RateLimits = Readonly<Record<Quantity, BucketRule>>;

export interface Spent {
  /** `RateLimit-Policy` and `RateLimit` (IETF httpapi draft "RateLimit header fields for HTTP"). */
  readonly headers: Readonly<Record<string, string>>;
}

/** One bucket to be charged, and whose it is. */
export interface Charge {
  readonly quantity: Quantity;
  readonly who: "tenant" | "credential" | "address";
  readonly withdrawal: Withdrawal;
}

type Charged = Charge & { readonly level: Level };

/** Takes from all of them or from none. @throws RateLimitedError naming the one that needs longest. */
export function charge(kept: Buckets, wanted: readonly Charge[], nowMs: number): Spent {
  const levels = kept.take(
    wanted.map(({ withdrawal }) => withdrawal),
    nowMs,
  );
  const charged = wanted.flatMap((one, at) => {
    const level = levels[at];
    return level === undefined ? [] : [{ ...one, level }];
  });
  const headers = headersOf(charged);
  const empty = charged.filter(({ level }) => level.retryAfterSeconds > 0);
  const worst = empty.toSorted((a, b) => b.level.retryAfterSeconds - a.level.retryAfterSeconds)[0];
  if (worst !== undefined) throw tooOften(worst, headers);
  return { headers };
}

/** The refusal carries its headers, so that whoever answers can send them. */
export class RateLimitedError extends AppError {
  constructor(
    message: string,
    details: Readonly<Record<string, string | number>>,
    readonly headers: Readonly<Record<string, string>>,
  ) {
    super("RATE_LIMITED", "rate_limited", message, details);
  }
}

function tooOften({ quantity, who, withdrawal, level }: Charged, headers: Spent["headers"]): RateLimitedError {
  const { burst, perSecond } = withdrawal.rule;
  const { retryAfterSeconds } = level;
  const whose = { tenant: "this tenant", credential: "this key or person", address: "this address" }[who];
  return new RateLimitedError(
    `Too many ${quantity} of ${whose}: ${String(perSecond)} a second are allowed, ${String(burst)} at once. Come again in ${String(retryAfterSeconds)} s.`,
    { limit: quantity, of: who, perSecond, burst, retryAfterSeconds },
    { ...headers, "retry-after": String(retryAfterSeconds) },
  );
}

/** For each quantity the payer with the least left. */
function headersOf(charged: readonly Charged[]): Readonly<Record<string, string>> {
  const tightest = new Map<Quantity, Charged>();
  for (const one of charged) {
    const before = tightest.get(one.quantity);
    if (before === undefined || one.level.remaining < before.level.remaining) tightest.set(one.quantity, one);
  }
  const all = [...tightest.values()];
  return {
    "ratelimit-policy": all
      .map(
        ({ quantity, withdrawal: { rule } }) =>
          `"${quantity}";q=${String(Math.floor(rule.burst))};w=${String(Math.ceil(rule.burst / rule.perSecond))}`,
      )
      .join(", "),
    ratelimit: all
      .map(({ quantity, level }) => `"${quantity}";r=${String(level.remaining)};t=${String(level.resetSeconds)}`)
      .join(", "),
  };
}
