import { type Call, type LocalDate, type TenantId } from "@greentick/kernel";
import { type BillingAccount, openAccount, ready, withCustomer } from "../domain/account.js";
import { type PlanTerms } from "../domain/price-plan.js";
import { type RatingPorts } from "../usecases/settle-facts.js";

/** A client whose account, plan and WhatsApp accounts are known. */
export interface KnownClient {
  readonly tenantId: TenantId;
  readonly wabaIds: readonly string[];
  readonly terms?: PlanTerms;
  readonly namedMarkets?: readonly string[];
  readonly openedAt?: Date;
  /** Start of the subscription at Stripe. Default: the opening; null: Stripe does not know the client yet. */
  readonly billedSince?: Date | null;
}

/** The account once Stripe has its customer and subscription. */
export const knownToStripe = (account: BillingAccount, startedAt: Date): BillingAccount =>
  ready(withCustomer(account, `cus_${account.id}`), { subscriptionId: `sub_${account.id}`, startedAt });

/** What events would have brought: WhatsApp accounts, a billing account, a first plan. */
export async function addClient(ports: RatingPorts, call: Call, client: KnownClient): Promise<void> {
  const { tenantId, wabaIds, terms = { kind: "pass_through" }, namedMarkets = [] } = client;
  for (const wabaId of wabaIds)
    await ports.wabas.keep(
      { system: "projection" },
      {
        wabaId,
        tenantId,
        ancestorIds: call.ancestorIds,
        livemode: false,
        name: "Casa Lumen",
        currency: "USD",
        timeZone: "America/Bogota",
      },
    );
  const opened = client.openedAt ?? new Date("2026-10-01T10:00:00.000Z");
  const account = openAccount(call, { name: "Casa Lumen", currency: "USD", namedMarkets }, opened);
  const startedAt = client.billedSince === undefined ? opened : client.billedSince;
  await ports.accounts.insert(call, startedAt === null ? account : knownToStripe(account, startedAt), []);
  await ports.plans.insert(
    call,
    {
      id: `pln_${tenantId}`,
      tenantId,
      ancestorIds: call.ancestorIds,
      livemode: false,
      version: 0,
      number: 1,
      effectiveFrom: "2024-01-01" as LocalDate,
      currency: "USD",
      terms,
      platformFeeMicros: 0n,
    },
    [],
  );
}
