import { type Month, nextMonth, type TenantId, type UtcDay, utcDayOf, utcMonthOf } from "@greentick/kernel";
import { marketSlugs, maxNamedMarkets } from "./bucket.js";
import { billingErrors } from "./errors.js";

/** A client's customer and subscription at Stripe. */
export interface StripeAccount {
  readonly customerId: string;
  readonly subscriptionId?: string;
}

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
  /** First day that Stripe invoices. */
  readonly billedFrom: UtcDay;
  /** `opening` until Stripe has customer and subscription. */
  readonly status: "opening" | "ready";
  readonly customerId?: string;
  readonly subscriptionId?: string;
  /** When the client was closed. */
  readonly endedAt?: Date;
}

export interface OpenAccountInput {
  readonly name: string;
  readonly currency: string;
  readonly namedMarkets: readonly string[];
}
export type Owner = Pick<BillingAccount, "tenantId" | "ancestorIds" | "livemode">;

/** @throws BAD_USER_INPUT for more than three markets or one that Meta does not have. */
export function openAccount(owner: Owner, input: OpenAccountInput, now: Date): BillingAccount {
  const unknown = input.namedMarkets.find((market) => marketSlugs[market] === undefined);
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
    billedFrom: utcDayOf(now),
    status: "opening",
  };
}

export const withCustomer = (account: BillingAccount, customerId: string): BillingAccount => ({
  ...account,
  customerId,
});

/** opening -> ready. */
export const ready = (account: BillingAccount, subscriptionId: string): BillingAccount => ({
  ...account,
  subscriptionId,
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

/** The account's place at Stripe, once both exist. */
export function stripeOf(account: BillingAccount | undefined): Required<StripeAccount> | undefined {
  if (account?.customerId === undefined || account.subscriptionId === undefined) return undefined;
  return { customerId: account.customerId, subscriptionId: account.subscriptionId };
}
