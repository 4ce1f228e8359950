import { someTenants } from "@greentick/testing";
import { BillingWorld } from "../fixtures/billing-world.js";
import { SpendingClients } from "../fixtures/spending-clients.js";

const { casa, otra } = someTenants;
const estimate = `query Estimate($wabaId: String!, $categories: [SendCategory!]!, $recipient: String, $country: String, $window: ServiceWindow) {
  estimateCharge(wabaId: $wabaId, categories: $categories, recipient: $recipient, country: $country, window: $window) {
    priceDate now { lowest { currency amount } highest { amount } cases { category window charge { amount } problem market rate { rateCard line } planNumber } }
    ifWindowCloses { highest { amount } } } }`;

describe("asking what a message would cost", () => {
  const w = new BillingWorld("2026-11-05T03:00:00Z");
  const { client } = new SpendingClients(w, "percent: { basisPoints: 1000 }");
  const asked = (more: object = {}): Record<string, unknown> => ({
    wabaId: client(casa).wabaId,
    categories: ["MARKETING", "UTILITY"],
    recipient: "+5511955550142",
    ...more,
  });
  const reason = async (more: object): Promise<unknown> => {
    const { errors } = await w.try(w.as(casa), estimate, asked(more));
    return [errors?.[0]?.extensions["reason"], (errors?.[0]?.extensions["details"] as { field?: string }).field];
  };

  it("answers a range in the plan's prices for the day in the account's zone, with market and row of the card", async () => {
    const { estimateCharge } = await w.ask<Record<string, unknown>>(w.as(casa), estimate, asked());
    expect(estimateCharge).toMatchObject({
      priceDate: "2026-11-04",
      now: { lowest: { currency: "USD", amount: "0.00748" }, highest: { amount: "0.06875" } },
      ifWindowCloses: { highest: { amount: "0.06875" } },
    });
    expect((estimateCharge as { now: { cases: unknown[] } }).now.cases[0]).toMatchObject({
      category: "MARKETING",
      window: "OPEN",
      market: "Brazil",
      rate: { rateCard: "usd-2026-10-01" },
      planNumber: 1,
    });
  });

  it("keeps nothing: neither the number nor that somebody asked", async () => {
    const collections = async (): Promise<readonly string[]> => {
      const { db } = w.world.outside.database;
      const names = (await db.listCollections().toArray()).map(({ name }) => name).sort();
      return Promise.all(names.map(async (name) => `${name} ${await db.collection(name).countDocuments()}`));
    };
    const before = await collections();
    await w.ask(w.as(casa, { roles: ["developer"] }), estimate, asked({ recipient: null, country: "BR" }));
    expect(await collections()).toEqual(before);
  });

  it.each([
    ["an account of another client", { wabaId: "other" }, ["waba_not_found", undefined]],
    ["no recipient", { recipient: null }, ["invalid_input", "recipient"]],
    ["a number that is none", { recipient: "01" }, ["invalid_input", "recipient"]],
    ["a country that is none", { country: "br" }, ["invalid_input", "country"]],
    ["no category", { categories: [] }, ["invalid_input", "categories"]],
  ])("refuses %s", async (_, more, expected) => {
    const wabaId = "wabaId" in more ? { wabaId: client(otra).wabaId } : {};
    expect(await reason({ ...more, ...wabaId })).toEqual(expected);
  });
});
