import { type Month, nextMonth, type TenantId, type UtcDay, utcDayOf, utcMonthOf } from "@greentick/kernel";
import { marketSlugs, maxNamedMarkets } from "./bucket.js";
import { billingErrors } from "./errors.js";

/** How one client is billed. One per tenant; its id is the tenant's. */
export interface BillingAccount {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly name: string;
  readonly currency: string;
  /** Markets with an invoice line of their own; all others share `other`. */
  readonly namedMarkets: readonly string[];
  readonly openedAt: Date;
  /** `opening` until Stripe has customer and subscription; only what a `ready` account owes is rated. */
  readonly status: "opening" | "ready";
  readonly customerId?: string;
  readonly subscriptionId?: string;
  /** When the client was closed. */
  readonly endedAt?: Date;
  /** Start of the subscription, which may be days after the opening: usage stamped before it is never invoiced. */
  readonly billedSince?: Date;
}

/** An account that Stripe knows. */
export type ReadyAccount = BillingAccount &
  Required<Pick<BillingAccount, "customerId" | "subscriptionId" | "billedSince">>;

export const isReady = (account: BillingAccount | undefined): account is ReadyAccount =>
  account?.customerId !== undefined && account.subscriptionId !== undefined && account.billedSince !== undefined;

/** First UTC day that Stripe invoices. */
export const billedFrom = ({ billedSince }: ReadyAccount): UtcDay => utcDayOf(billedSince);

/** A subscription at Stripe. */
export interface StripeSubscription {
  readonly subscriptionId: string;
  readonly startedAt: Date;
}

export interface OpenAccountInput {
  readonly name: string;
  readonly currency: string;
  readonly namedMarkets: readonly string[];
}
export type Owner = Pick<BillingAccount, "tenantId" | "ancestorIds" | "livemode">;

/** @throws BAD_USER_INPUT for more than three markets or one that Meta does not have. */
export function openAccount(owner: Owner, input: OpenAccountInput, now: Date): BillingAccount {
  const unknown = input.namedMarkets.find((market) => !Object.hasOwn(marketSlugs, market));
  if (unknown !== undefined) throw billingErrors.unknownMarket(unknown);
  if (input.namedMarkets.length > maxNamedMarkets) throw billingErrors.tooManyMarkets(maxNamedMarkets);
  return {
    tenantId: owner.tenantId,
    ancestorIds: owner.ancestorIds,
    livemode: owner.livemode,
    id: owner.tenantId,
    version: 0,
    name: input.name,
    currency: input.currency,
    namedMarkets: [...new Set(input.namedMarkets)].sort(),
    openedAt: now,
    status: "opening",
  };
}

export const withCustomer = (
  account: BillingAccount,
  customerId: string,
): BillingAccount & { readonly customerId: string } => ({
  ...account,
  customerId,
});

/** opening -> ready. */
export const ready = (
  account: BillingAccount & { readonly customerId: string },
  { subscriptionId, startedAt }: StripeSubscription,
): ReadyAccount => ({
  ...account,
  subscriptionId,
  billedSince: startedAt,
  status: "ready",
});

/** The client is closed. The first end stays. */
export const endedOn = (account: BillingAccount, at: Date): BillingAccount => ({
  ...account,
  endedAt: account.endedAt ?? at,
});

/** The last month that owes a platform fee; undefined while the client stays. */
export const lastFeeMonth = ({ endedAt }: BillingAccount): Month | undefined => endedAt && utcMonthOf(endedAt);

/** The last month that is invoiced: one after the end, for what Meta reports late. */
export const lastMonth = ({ endedAt }: BillingAccount): Month | undefined => endedAt && nextMonth(utcMonthOf(endedAt));

/** Fields in which a request for an account differs from the one that is open. A name that was not asked for cannot differ. */
export const differingFields = (open: BillingAccount, asked: BillingAccount, askedName?: string): readonly string[] => [
  ...(askedName !== undefined && askedName !== open.name ? ["name"] : []),
  ...(asked.currency === open.currency ? [] : ["currency"]),
  ...(asked.namedMarkets.join() === open.namedMarkets.join() ? [] : ["markets"]),
];
