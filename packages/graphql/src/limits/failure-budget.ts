import { type Clock, sourceOf } from "@greentick/kernel";
import { type BucketRule, buckets, type Withdrawal } from "./buckets.js";
import { charge } from "./charge.js";
import { rateLimits } from "./table.js";

/** How often callers may fail to be identified. All of it throws RateLimitedError RATE_LIMITED/rate_limited when that was too often. */
export interface FailureBudget {
  /** Of somebody unknown, by address. @returns how to take it back when it turns out to be none. */
  readonly ofAddress: (ip: string | undefined) => () => void;
  /** Of a credential that was good once, named by a hash: it harms nobody who shares its address. */
  readonly ofCredential: (hash: string) => void;
}

/** Levels in the memory of this process. */
export function failureBudget(parts: { readonly now: Clock; readonly rule?: BucketRule }): FailureBudget {
  const { now, rule = rateLimits.failures } = parts;
  const kept = buckets();
  const take = (who: "address" | "credential", name: string): Withdrawal => {
    const withdrawal = { key: `${who}:${name}`, rule, amount: 1 };
    charge(kept, [{ quantity: "failures", who, withdrawal }], now().getTime());
    return withdrawal;
  };
  return {
    ofAddress: (ip) => {
      const withdrawal = take("address", sourceOf(ip));
      return () => {
        kept.giveBack(withdrawal, now().getTime());
      };
    },
    ofCredential: (hash) => void take("credential", hash),
  };
}
