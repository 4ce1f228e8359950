import { type Recipes, type SideName } from "../subject.js";
import { aMessage, reserveCharge, setBudget } from "../world/spending.js";
import { asking, counted, type Making, plainly, recipe } from "./making.js";

/** Budgets, reservations and the prepaid balance. */
export function spendingRecipes(making: Making): Recipes {
  const as = asking(making);
  const budget = (side: SideName): Readonly<Record<string, unknown>> => ({
    name: `${making.sides[side].canary} ${counted(side, "budget")}`,
    ...{ scope: "CATEGORY", category: "utility", currency: "USD", softLimit: "50", hardLimit: "80" },
    idempotencyKey: `budget:${counted(side, "budget key")}:made`,
  });
  const budgetId = async (side: SideName): Promise<string> => {
    const input = budget(side);
    return (await as<{ setBudget: { budget: { id: string } } }>(side, "owner", setBudget, { input })).setBudget.budget
      .id;
  };
  const message = (side: SideName): Readonly<Record<string, unknown>> =>
    aMessage(making.sides[side], { templateId: "spring", idempotencyKey: `made:${counted(side, "reservation")}` });
  return {
    setBudget: recipe(
      "owner",
      (side) => Promise.resolve(budget(side)),
      async (side) => ({ ...budget(side), idempotencyKey: null, budgetId: await budgetId(side) }),
    ),
    removeBudget: recipe("owner", async (side) => ({ budgetId: await budgetId(side) })),
    setPrepaid: plainly("visiting_staff", (side) => ({
      overdraft: "5",
      alertsBelow: ["20", `3${counted(side, "prepaid")}`],
    })),
    topUpBalance: plainly("visiting_staff", (side) => ({
      ...{ currency: "USD", amount: "10", source: "CARD" },
      reference: `${making.sides[side].canary} ${counted(side, "payment")}`,
      idempotencyKey: `paid:${counted(side, "payment key")}:made`,
    })),
    reserveCharge: plainly("api_key", message),
    releaseReservation: recipe("owner", async (side) => {
      const asked = { input: message(side) };
      const made = await as<{ reserveCharge: { reservation: { id: string } } }>(side, "api_key", reserveCharge, asked);
      return { reservationId: made.reserveCharge.reservation.id };
    }),
  };
}
