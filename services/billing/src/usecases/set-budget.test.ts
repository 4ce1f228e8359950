import { someTenants } from "@greentick/testing";
import { BillingWorld } from "../fixtures/billing-world.js";
import { SpendingClients } from "../fixtures/spending-clients.js";

const { casa, otra } = someTenants;
const set = `mutation Set($input: SetBudgetInput!) { setBudget(input: $input) { budget { id name scope scopeValue period hardLimit { amount } softLimit { amount } alertPercents left { amount } } } }`;
const remove = `mutation Remove($input: RemoveBudgetInput!) { removeBudget(input: $input) { spending { budgets { id } } } }`;

describe("setting a budget", () => {
  const w = new BillingWorld("2026-11-05T12:00:00Z");
  const { reserved, budget, seen, refusal } = new SpendingClients(w);
  const asked = (more: object = {}): Record<string, unknown> => ({
    input: { name: "Utility", scope: "CATEGORY", category: "utility", currency: "USD", hardLimit: "5", ...more },
  });
  const problem = async (more: object): Promise<unknown> => {
    const { errors } = await w.try(w.as(casa), set, asked(more));
    const { reason, details } = errors?.[0]?.extensions as { reason: string; details?: { field?: string } };
    return [reason, details?.field];
  };

  it("gives it the words of the request, and alerts at 80 and 100 percent unless others are asked for", async () => {
    const { setBudget } = await w.ask<{ setBudget: { budget: object } }>(w.as(casa), set, asked());
    expect(setBudget.budget).toMatchObject({
      ...{ name: "Utility", scope: "CATEGORY", scopeValue: "utility", period: "MONTH" },
      ...{ hardLimit: { amount: "5" }, softLimit: null, alertPercents: [80, 100], left: { amount: "5" } },
    });
  });

  it("sets one budget for one request, however often it comes", async () => {
    const twice = { idempotencyKey: "once", name: "Once" };
    const [one, two] = [
      await budget(casa, { ...twice, hardLimit: "1" }),
      await budget(casa, { ...twice, hardLimit: "1" }),
    ];
    expect(two.id).toBe(one.id);
    const { errors } = await w.try(w.as(casa), set, asked({ ...twice, hardLimit: "2" }));
    expect(errors?.[0]?.extensions).toMatchObject({ reason: "idempotency_mismatch" });
  });

  it("changes limits, which hold at once for what is under way, and never what is counted", async () => {
    const scope = { scope: "TEMPLATE", templateId: "spring", name: "Spring" };
    const { id } = await budget(casa, { ...scope, hardLimit: "1" });
    await reserved(casa, { templateId: "spring" });
    await budget(casa, { ...scope, budgetId: id, hardLimit: "0.1" });
    expect(await refusal(casa, { templateId: "spring" })).toMatchObject({ reason: "budget_reached" });
    expect(await seen(casa, id)).toBe("0 spent, 0.0625 reserved");
    expect(await problem({ ...scope, category: null, templateId: "summer", budgetId: id })).toEqual([
      "budget_fixed",
      "scope",
    ]);
  });

  it("takes a budget away, with what it held", async () => {
    const { id } = await budget(casa, { scope: "TEMPLATE", templateId: "gone", hardLimit: "0.1" });
    const { id: reservationId } = await reserved(casa, { templateId: "gone" });
    await w.ask(w.as(casa), remove, { input: { budgetId: id } });
    await reserved(casa, { templateId: "gone" });
    expect(reservationId).toMatch(/^rsv_/);
    const { errors } = await w.try(w.as(casa), remove, { input: { budgetId: id } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "NOT_FOUND", reason: "budget_not_found" });
  });

  it("shows another client's budget as missing", async () => {
    const { id } = await budget(casa, { hardLimit: "1000" });
    for (const [document, input] of [
      [set, { ...(asked()["input"] as object), budgetId: id }],
      [remove, { budgetId: id }],
    ] as const) {
      const { errors } = await w.try(w.as(otra), document, { input });
      expect(errors?.[0]?.extensions).toMatchObject({ code: "NOT_FOUND", reason: "budget_not_found" });
    }
  });

  it.each([
    ["another currency than the billing account's", { currency: "EUR" }, ["currency_differs", "currency"]],
    ["no limit", { hardLimit: null }, ["invalid_input", "hardLimit"]],
    ["a soft limit above the hard one", { softLimit: "6" }, ["invalid_input", "softLimit"]],
    ["a percentage above 100", { alertPercents: [101] }, ["invalid_input", "alertPercents"]],
    ["a category that is none", { category: "spam" }, ["invalid_input", "category"]],
    ["a template in a budget of a category", { templateId: "t" }, ["invalid_input", "templateId"]],
    ["no template in a budget of a template", { scope: "TEMPLATE", category: null }, ["invalid_input", "templateId"]],
    ["a budget that is not there", { budgetId: "bgt_none" }, ["budget_not_found", undefined]],
  ])("refuses %s", async (_, more, expected) => {
    expect(await problem(more)).toEqual(expected);
  });
});
