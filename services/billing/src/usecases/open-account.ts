import { accountProvisioned, billingAccountOpened, event } from "@greentick/contracts";
import { allow, badInput, type Call, tenantScope, type TenantId } from "@greentick/kernel";
import { type BillingAccount, openAccount, ready, withCustomer } from "../domain/account.js";
import { billingErrors } from "../domain/errors.js";
import { type AccountStore, type BillingProvider } from "../ports.js";

/** What is known of a tenant here; kept from the tenant service's events. */
export interface TenantBook {
  readonly find: (id: TenantId) => Promise<{ readonly name: string; readonly currency: string } | undefined>;
}

export interface OpenAccountRequest {
  /** Default: the tenant's. */
  readonly name?: string;
  readonly currency?: string;
  readonly markets: readonly string[];
}
export type OpenBillingAccount = (call: Call, input: OpenAccountRequest) => Promise<BillingAccount>;

/**
 * Opens the client's billing: the intent. Customer and subscription at Stripe follow from its event. The same request again gives the same
 * account. @throws CONFLICT/billing_account_exists for another one.
 */
export const openBillingAccount =
  ({ accounts, tenants }: { readonly accounts: AccountStore; readonly tenants: TenantBook }): OpenBillingAccount =>
  async (call, input) => {
    allow(call, "billing:write");
    const account = openAccount(call, await namedInput(call, tenants, input), call.now());
    const before = await accounts.find(tenantScope(call), account.id);
    if (before !== undefined) return sameAccount(before, account);
    const data = { currency: account.currency, name: account.name };
    const kept = await accounts.insert(call, account, [event(billingAccountOpened, data)], {
      mutation: "openBillingAccount",
      input,
    });
    call.log.info({ currency: kept.currency }, "billing account opened");
    return kept;
  };

async function namedInput(
  call: Call,
  tenants: TenantBook,
  { name, currency, markets }: OpenAccountRequest,
): Promise<{ name: string; currency: string; namedMarkets: readonly string[] }> {
  const tenant = await tenants.find(call.tenantId);
  const known = { name: name ?? tenant?.name, currency: currency ?? tenant?.currency };
  if (known.name === undefined) throw badInput("name", "is needed, because the tenant is not known here yet");
  if (known.currency === undefined || !/^[A-Z]{3}$/.test(known.currency))
    throw badInput("currency", "must be a code of three letters such as USD");
  return { name: known.name, currency: known.currency, namedMarkets: markets };
}

function sameAccount(before: BillingAccount, asked: BillingAccount): BillingAccount {
  const same = before.currency === asked.currency && before.namedMarkets.join() === asked.namedMarkets.join();
  if (!same) throw billingErrors.accountExists();
  return before;
}

/** Stripe's side of an account. Looks before it creates, writes each outcome at once; safe to repeat at any point. */
export const provisionAccount =
  ({ accounts, provider }: { readonly accounts: AccountStore; readonly provider: BillingProvider }) =>
  async (call: Call): Promise<BillingAccount> => {
    const scope = tenantScope(call);
    let account = await accounts.get(scope, call.tenantId);
    if (account.customerId === undefined) {
      const customerId = (await provider.findCustomer(account)) ?? (await provider.createCustomer(account));
      account = await accounts.save(call, withCustomer(account, customerId), []);
    }
    const customerId = account.customerId ?? "";
    if (account.subscriptionId !== undefined) return account;
    const ask = { ...account, customerId };
    const subscriptionId = (await provider.findSubscription(ask)) ?? (await provider.createSubscription(ask));
    const provisioned = event(accountProvisioned, {
      stripeCustomerId: customerId,
      stripeSubscriptionId: subscriptionId,
    });
    return accounts.save(call, ready(account, subscriptionId), [provisioned]);
  };
