import { accountProvisioned, billingAccountOpened, event } from "@greentick/contracts";
import { allow, AppError, badInput, type Call, tenantScope, type TenantId } from "@greentick/kernel";
import {
  type BillingAccount,
  differingFields,
  isReady,
  openAccount,
  ready,
  type ReadyAccount,
  withCustomer,
} from "../domain/account.js";
import { billingErrors } from "../domain/errors.js";
import { checkAccountCurrency } from "../domain/plan-release.js";
import { type AccountStore, type BillingProvider, type PlanStore } from "../ports.js";

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

export interface OpeningPorts {
  readonly accounts: AccountStore;
  readonly plans: PlanStore;
  readonly tenants: TenantBook;
}

/**
 * Opens the client's billing: the intent. Customer and subscription at Stripe follow from its event. The same request again, also at the same
 * moment, gives the same account. @throws CONFLICT/billing_account_exists for another one, BAD_USER_INPUT/currency_differs when the client's
 * price plans are in another currency.
 */
export const openBillingAccount =
  ({ accounts, plans, tenants }: OpeningPorts): OpenBillingAccount =>
  async (call, input) => {
    allow(call, "billing:write");
    const scope = tenantScope(call);
    const account = openAccount(call, await namedInput(call, tenants, input), call.now());
    const before = await accounts.find(scope, account.id);
    if (before !== undefined) return sameAccount(before, account, input);
    checkAccountCurrency(await plans.findAll(scope, {}), account.currency);
    return insertAccount(accounts, call, { account, input }).catch(async (error: unknown) => {
      const first = await accounts.find(scope, account.id);
      if (!isDuplicate(error) || first === undefined) throw error;
      return sameAccount(first, account, input);
    });
  };

interface Opening {
  readonly account: BillingAccount;
  readonly input: OpenAccountRequest;
}

async function insertAccount(accounts: AccountStore, call: Call, { account, input }: Opening): Promise<BillingAccount> {
  const data = { currency: account.currency, name: account.name };
  const kept = await accounts.insert(call, account, [event(billingAccountOpened, data)], {
    mutation: "openBillingAccount",
    input,
  });
  call.log.info({ currency: kept.currency }, "billing account opened");
  return kept;
}

const isDuplicate = (error: unknown): boolean => error instanceof AppError && error.reason === "duplicate";

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

function sameAccount(before: BillingAccount, asked: BillingAccount, { name }: OpenAccountRequest): BillingAccount {
  const differs = differingFields(before, asked, name);
  if (differs.length > 0) throw billingErrors.accountExists(differs);
  return before;
}

/** Stripe's side of an account. Looks before it creates, writes each outcome at once; safe to repeat at any point. */
export const provisionAccount =
  ({ accounts, provider }: { readonly accounts: AccountStore; readonly provider: BillingProvider }) =>
  async (call: Call): Promise<ReadyAccount> => {
    const before = await accounts.get(tenantScope(call), call.tenantId);
    if (isReady(before)) return before;
    const customerId =
      before.customerId ?? (await provider.findCustomer(before)) ?? (await provider.createCustomer(before));
    const named = withCustomer(before, customerId);
    const { version: kept } = before.customerId === undefined ? await accounts.save(call, named, []) : named;
    const account = { ...named, version: kept };
    const subscription = (await provider.findSubscription(account)) ?? (await provider.createSubscription(account));
    const made = ready(account, subscription);
    const provisioned = event(accountProvisioned, {
      stripeCustomerId: customerId,
      stripeSubscriptionId: subscription.subscriptionId,
    });
    const { version } = await accounts.save(call, made, [provisioned]);
    return { ...made, version };
  };
