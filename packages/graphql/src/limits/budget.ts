import { type Clock, sourceOf } from "@greentick/kernel";
import { type Context, isVisitor } from "../server/visitor.js";
import { type BucketRule, type Buckets, buckets } from "./buckets.js";
import { type Charge, charge, type Quantity, type RateLimits, type Spent } from "./charge.js";
import { rateLimits } from "./table.js";

/** What a caller spends; failures are counted before anybody is known (`failureBudget`). */
export type Spendable = Exclude<Quantity, "failures">;

/** What a tenant, and within it each credential, may ask for; a credential has half of what its tenant has. */
export interface Budget {
  /** @throws RateLimitedError RATE_LIMITED/rate_limited naming the quantity, whose it is, and when to come again. */
  readonly spend: (caller: Context, amounts: Amounts) => Spent;
  /** Of somebody unknown, at a door beside GraphQL: from the same buckets as a visitor's. @throws RateLimitedError. */
  readonly spendAt: (ip: string | undefined, amounts: Amounts) => Spent;
}
type Amounts = Partial<Readonly<Record<Spendable, number>>>;

const half = ({ burst, perSecond }: BucketRule): BucketRule => ({ burst: burst / 2, perSecond: perSecond / 2 });
const tenth = ({ burst, perSecond }: BucketRule): BucketRule => ({ burst: burst / 10, perSecond: perSecond / 10 });

interface Payer {
  readonly who: Charge["who"];
  readonly key: string;
  readonly rule: (rule: BucketRule) => BucketRule;
}

const payerAt = (ip: string | undefined): Payer => ({ who: "address", key: `address:${sourceOf(ip)}`, rule: tenth });

/** A tenant and one of its keys or people; somebody unknown pays by address. */
function payersOf(caller: Context): readonly Payer[] {
  if (isVisitor(caller)) return [payerAt(caller.ip)];
  const credential = caller.keyId ?? caller.actor.id;
  return [
    { who: "tenant", key: `tenant:${caller.tenantId}`, rule: (rule) => rule },
    { who: "credential", key: `credential:${caller.tenantId}:${credential}`, rule: half },
  ];
}

/** Levels in the memory of this process: with several gateways each gives out the whole budget. */
export function budget(parts: { readonly now: Clock; readonly limits?: RateLimits; readonly kept?: Buckets }): Budget {
  const { now, limits = rateLimits, kept = buckets() } = parts;
  const spend = (payers: readonly Payer[], amounts: Amounts): Spent => {
    const wanted = Object.entries(amounts).flatMap(([name, amount]) => {
      const quantity = name as Spendable;
      return payers.map(({ who, key, rule }) => ({
        quantity,
        who,
        withdrawal: { key: `${key}:${quantity}`, rule: rule(limits[quantity]), amount },
      }));
    });
    return charge(kept, wanted, now().getTime());
  };
  return {
    spend: (caller, amounts) => spend(payersOf(caller), amounts),
    spendAt: (ip, amounts) => spend([payerAt(ip)], amounts),
  };
}
