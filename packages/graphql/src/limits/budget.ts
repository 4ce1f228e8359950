import { AppError, type Clock } from "@greentick/kernel";
import { type Context, isVisitor } from "../server/visitor.js";
import { type BucketRule, type Buckets, buckets, type Level, type Withdrawal } from "./buckets.js";
import { rateLimits } from "./table.js";

/** What is counted: every request, those that change something, and the fields an operation can touch. */
export type Quantity = keyof typeof rateLimits;
export type RateLimits = Readonly<Record<Quantity, BucketRule>>;

/** What a tenant, and within it each credential, may ask for; a credential has half of what its tenant has. */
export interface Budget {
  /** @throws AppError RATE_LIMITED/rate_limited naming the quantity, whose it is, and when to come again. */
  readonly spend: (caller: Context, amounts: Partial<Readonly<Record<Quantity, number>>>) => Spent;
}

export interface Spent {
  /** `RateLimit-Policy` and `RateLimit` (IETF httpapi draft "RateLimit header fields for HTTP"). */
  readonly headers: Readonly<Record<string, string>>;
}

const half = ({ burst, perSecond }: BucketRule): BucketRule => ({ burst: burst / 2, perSecond: perSecond / 2 });

interface Payer {
  readonly who: "tenant" | "credential" | "address";
  readonly key: string;
  readonly rule: (rule: BucketRule) => BucketRule;
}

const addressOf = (caller: object): string => ("ip" in caller && typeof caller.ip === "string" ? caller.ip : "unknown");

/** A tenant and one of its keys or people; somebody unknown pays by address. */
function payersOf(caller: Context): readonly Payer[] {
  const tenth = ({ burst, perSecond }: BucketRule): BucketRule => ({ burst: burst / 10, perSecond: perSecond / 10 });
  if (isVisitor(caller)) return [{ who: "address", key: `address:${addressOf(caller)}`, rule: tenth }];
  const credential = caller.keyId ?? caller.actor.id;
  return [
    { who: "tenant", key: `tenant:${caller.tenantId}`, rule: (rule) => rule },
    { who: "credential", key: `credential:${caller.tenantId}:${credential}`, rule: half },
  ];
}

/** Levels in the memory of this process: with several gateways each gives out the whole budget. */
export function budget(parts: { readonly now: Clock; readonly limits?: RateLimits; readonly kept?: Buckets }): Budget {
  const { now, limits = rateLimits, kept = buckets() } = parts;
  return {
    spend: (caller, amounts) => {
      const payers = payersOf(caller);
      const wanted = Object.entries(amounts).flatMap(([name, amount]) => {
        const quantity = name as Quantity;
        return payers.map(({ who, key, rule }) => ({
          quantity,
          who,
          withdrawal: { key: `${key}:${quantity}`, rule: rule(limits[quantity]), amount },
        }));
      });
      const levels = kept.take(
        wanted.map(({ withdrawal }) => withdrawal),
        now().getTime(),
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
    },
  };
}

interface Charged {
  readonly quantity: Quantity;
  readonly who: Payer["who"];
  readonly withdrawal: Withdrawal;
  readonly level: Level;
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
