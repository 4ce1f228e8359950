import { actFor } from "@greentick/gateway";
import { type Recipes, type SideName } from "../subject.js";
import { asking, counted, type Making, plainly, recipe } from "./making.js";

const create = `mutation Create($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } } }`;

/** Billing accounts, price plans, comparisons of months. */
export function billingRecipes(making: Making): Recipes {
  /** Staff in a client of theirs for which nothing is open yet. */
  const newcomer = async (side: SideName): Promise<void> => {
    const name = `${making.sides[side].canary} ${counted(side, "newcomer")}`;
    const input = { name, legalName: name, country: "CO", currency: "USD", timeZone: "America/Bogota" };
    const { createTenant } = await asking(making)<{ createTenant: { tenant: { id: string } } }>(
      side,
      "reseller",
      create,
      { input },
    );
    await making.target.settle();
    making.become(side, await actFor(making.target, createTenant.tenant.id, "Opening of its billing"));
  };
  const nextMonth = (side: SideName): string => {
    const number = Number(counted(side, "plan"));
    return `${String(2028 + Math.floor(number / 12))}-${String((number % 12) + 1).padStart(2, "0")}-01`;
  };
  return {
    setPricePlan: plainly("visiting_staff", (side) => {
      const effectiveFrom = nextMonth(side);
      return { effectiveFrom, currency: "USD", percent: { basisPoints: 700 }, idempotencyKey: `plan:${effectiveFrom}` };
    }),
    openBillingAccount: recipe("guest", async (side) => {
      await newcomer(side);
      return { idempotencyKey: "billing" };
    }),
    runReconciliation: plainly("reseller", (side) => ({
      month: "2026-11",
      idempotencyKey: `run:${counted(side, "run")}`,
    })),
  };
}
