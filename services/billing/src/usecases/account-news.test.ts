import { accountReported, wabaChanged } from "@greentick/contracts";
import { anEvent, someTenants } from "@greentick/testing";
import { mongoWabaBook } from "../adapters/mongo/waba-book.js";
import { BillingWorld, type Client } from "../fixtures/billing-world.js";

describe("what Meta and onboarding tell of accounts", () => {
  const w = new BillingWorld("2026-11-01T12:00:00.000Z");
  const { casa } = someTenants;
  let client: Client;
  beforeAll(async () => {
    client = await w.liveClient(casa);
    await w.open(casa, "platformFee: null");
    await w.pass("2026-11-20T12:00:00.000Z");
  });

  interface Entry {
    readonly priceDate: string;
    readonly kind: string;
    readonly cost: { readonly amount: string } | null;
    readonly costReasons: readonly { readonly rule: string }[] | null;
    readonly charge: { readonly amount: string };
    readonly rate: { readonly rate: { readonly amount: string } };
    readonly reasons: readonly { readonly says: string }[];
  }
  const fields = "priceDate kind charge { amount } rate { rate { amount } } reasons { says }";
  const entries = async (category: string): Promise<readonly Entry[]> => {
    const ask = `{ allLedgerEntries(first: 20, filter: { category: "${category}" }) { nodes { ${fields} cost { amount } costReasons { rule } } } }`;
    return (await w.ask<{ allLedgerEntries: { nodes: Entry[] } }>(w.staff(), ask)).allLedgerEntries.nodes;
  };
  const told = async (at: string, of: { readonly count?: number; readonly category: string }): Promise<void> => {
    await w.world.bus.publish(w.statuses(client, at, of));
    await w.world.settle();
  };
  const tier = (at: string): string =>
    JSON.stringify({
      event: "VOLUME_BASED_PRICING_TIER_UPDATE",
      volume_tier_info: {
        tier_update_time: Date.parse(at) / 1_000,
        pricing_category: "UTILITY",
        tier: "250001:2000000",
        effective_month: "2026-11",
        region: "BRAZIL",
      },
    });
  const report = async (detail: string, word = "VOLUME_BASED_PRICING_TIER_UPDATE"): Promise<void> => {
    const at = w.as(casa).now();
    const event = { known: word, raw: word };
    const data = { wabaId: client.wabaId, receivedAt: at, field: "account_update", event, at, detail };
    await w.world.given(anEvent(w.as(casa), accountReported, data));
  };

  it("lowers what Meta asks by the tier that it told, before and after the news came, and leaves the client's price", async () => {
    await told("2026-11-20T10:00:00Z", { category: "utility" });
    await report(tier("2026-11-20T09:00:00Z"));
    await report("{}", "ACCOUNT_DELETED");
    await told("2026-11-20T11:00:00Z", { category: "utility" });
    await w.workUntil("the earlier one is corrected", async () => (await entries("utility")).length === 4);
    const found = (await entries("utility")).map(({ kind, cost, charge }) => [kind, cost?.amount, charge.amount]);
    expect(found.sort()).toEqual([
      ["CORRECTION", "-0.0068", "-0.0068"],
      ["CORRECTION", "0.0065", "0.0068"],
      ["USAGE", "0.0065", "0.0068"],
      ["USAGE", "0.0068", "0.0068"],
    ]);
    const tiered = (await entries("utility")).filter(({ cost }) => cost?.amount === "0.0065");
    expect(tiered.map(({ costReasons, rate }) => [costReasons?.map(({ rule }) => rule), rate.rate.amount])).toEqual(
      Array(2).fill([["tier", "tier.card", "plan.volume_discount"], "0.0068"]),
    );
  });

  it("knows accounts that were kept before their terms had dates, and what changed for them since", async () => {
    const { database } = w.world.outside;
    const row = { _id: "older", tenantId: casa, ancestorIds: [], livemode: false, schemaVersion: 1, name: "Older" };
    await database.db
      .collection<{ _id: string }>("wabas")
      .insertOne({ ...row, ...{ currency: "USD", timeZone: "UTC" } });
    const book = mongoWabaBook(database);
    const since = new Date("2026-11-15T00:00:00Z");
    await book.change({ system: "projection" }, "older", { since, currency: "COP", timeZone: "UTC" });
    const older = (await book.find({ tenant: casa, ancestors: [] }, ["older"])).get("older");
    expect(older).toMatchObject({
      currency: "COP",
      changes: [
        { since: new Date(0), currency: "USD" },
        { since, currency: "COP" },
      ],
    });
    await database.db.collection<{ _id: string }>("wabas").deleteOne({ _id: "older" });
  });

  it("never shows a client which tier its provider has reached", async () => {
    const owner = w.as(casa, { roles: ["owner"] });
    const { ledgerEntries } = await w.ask<{ ledgerEntries: { nodes: Entry[] } }>(
      owner,
      `{ ledgerEntries(first: 20, filter: { category: "utility" }) { nodes { ${fields} } } }`,
    );
    expect(ledgerEntries.nodes).toHaveLength(4);
    expect(JSON.stringify(ledgerEntries)).not.toMatch(/0\.0065|6500|250001/);
    const hidden = await w.try(owner, "{ ledgerEntries(first: 1) { nodes { costReasons { rule } } } }");
    expect(hidden.errors?.[0]?.extensions).toMatchObject({ reason: "permission_missing" });
  });

  it("takes the price date in the zone that the account has by then", async () => {
    await told("2026-11-20T01:00:00Z", { category: "marketing" });
    const changed = { wabaId: client.wabaId, recordId: "wab_1", field: "timezoneId", to: "71" };
    await w.world.given(anEvent(w.as(casa), wabaChanged, changed));
    await w.pass("2026-11-20T20:00:00.000Z");
    await told("2026-11-20T19:00:00Z", { category: "marketing" });
    const days = (await entries("marketing")).map(({ priceDate }) => priceDate);
    expect(days.sort()).toEqual(["2026-11-19", "2026-11-21"]);
  });

  it("shows staff what has no price, once for each reason and day, and clients nothing of it", async () => {
    await told("2026-11-20T12:00:00Z", { count: 3, category: "general_purpose_ai" });
    await w.world.running.jobs.runNow();
    await told("2026-11-20T13:00:00Z", { category: "general_purpose_ai" });
    await w.world.running.jobs.runNow();
    const query = "{ unratedAlarms { nodes { tenant { id } livemode reason message day count category raisedAt } } }";
    const { unratedAlarms } = await w.ask<{ unratedAlarms: { nodes: unknown[] } }>(w.staff(), query);
    expect(unratedAlarms.nodes).toMatchObject([
      { tenant: { id: casa }, reason: "unknown_category", day: "2026-11-20", count: 3, category: "general_purpose_ai" },
    ]);
    const { errors } = await w.try(w.as(casa, { roles: ["owner"] }), query);
    expect(errors?.[0]?.extensions).toMatchObject({ code: "FORBIDDEN" });
  });
});
