import { someTenants } from "@greentick/testing";
import { type Client, BillingWorld } from "./fixtures/billing-world.js";

const runQuery = `query { reconciliationRuns(first: 1) { nodes { status unexplained notes
  differences { level tenantId day bucket key expected found units cause explained note }
  totals { currency metaVolume ledgerVolume metaInvoice { amount } ledgerCost { amount } ledgerCharge { amount }
    windows { amount } meters { amount } invoiced { amount } carried { amount } } } } }`;

interface Run {
  readonly status: string;
  readonly unexplained: number;
  readonly notes: string[];
  readonly differences: { level: string; cause: string; explained: boolean; units: number; key: string }[];
  readonly totals: Record<string, { amount: string } | number | string>[];
}

describe("a month of two clients, from Meta's webhooks to reconciled invoices", () => {
  const w = new BillingWorld("2026-10-01T10:00:00.000Z");
  const { casa, otra } = someTenants;
  let clients: Client[] = [];

  const reconcile = async (month: string): Promise<Run> => {
    await w.ask(w.staff(), `mutation { runReconciliation(input: { month: "${month}" }) { run { status } } }`);
    await w.world.settle();
    const { reconciliationRuns } = await w.ask<{ reconciliationRuns: { nodes: Run[] } }>(w.staff(), runQuery);
    const [run] = reconciliationRuns.nodes;
    if (run === undefined) throw new Error("no run");
    return run;
  };

  beforeAll(async () => {
    clients = [await w.liveClient(casa), await w.liveClient(otra)];
    await w.open(casa, "platformFee: null", ["Brazil", "Colombia", "Mexico"]);
    await w.open(otra, 'percent: { basisPoints: 1500 }, platformFee: "49.00"', ["India"]);
    await w.pass("2026-11-01T00:00:00.000Z");
  });

  it("opens customer and subscription at Stripe and books the platform fee of each month", async () => {
    const { billingAccount } = await w.ask<{ billingAccount: Record<string, string> }>(
      w.as(otra),
      "{ billingAccount { status stripeCustomerId stripeSubscriptionId } }",
    );
    expect(billingAccount).toMatchObject({ status: "ready" });
    const { ledgerEntries } = await w.ask<{ ledgerEntries: { nodes: { day: string; charge: { amount: string } }[] } }>(
      w.as(otra),
      "{ ledgerEntries(filter: { kind: PLATFORM_FEE }) { nodes { day charge { amount } } } }",
    );
    expect(ledgerEntries.nodes).toEqual([
      { day: "2026-11-01", charge: { amount: "49" } },
      { day: "2026-10-01", charge: { amount: "49" } },
    ]);
  });

  it("rates what Meta reports exactly as Meta counted it", async () => {
    const from = new Date("2026-11-01T00:00:00.000Z");
    const to = new Date("2026-12-01T00:00:00.000Z");
    const wabaIds = clients.map(({ wabaId }) => wabaId);
    const plan = await w.meta.control.startTraffic({ seed: 3, messages: 600, from, to, wabaIds });
    for (let day = from.getTime(); day <= (plan.lastDueAt?.getTime() ?? 0) + 86_400_000; day += 86_400_000) {
      await w.meta.control.runTrafficUntil(plan.id, new Date(day));
      await w.pass(new Date(day).toISOString());
    }
    const { report } = await w.meta.control.traffic(plan.id);
    const counts = "messages charged free failed undelivered duplicatesIgnored late unrated";
    const { allMonthSummary: seen } = await w.ask<{ allMonthSummary: Record<string, number> }>(
      w.staff(),
      `{ allMonthSummary(month: "2026-11") { ${counts} unratedReasons { reason count } } }`,
    );
    expect(seen).toMatchObject({
      messages: report?.messages,
      charged: report?.charged,
      free: report?.free,
      failed: report?.failed,
      late: report?.late,
      unrated: 0,
    });
    expect(seen["duplicatesIgnored"]).toBe((report?.duplicates ?? 0) - (report?.inRepeatedBodies ?? 0));
  });

  it("ends with final invoices that equal the ledger to the micro, the rest carried", async () => {
    await w.pass("2026-12-08T00:00:00.000Z");
    for (const tenantId of [casa, otra]) {
      const { billingMonth, invoices } = await w.ask<{
        billingMonth: { status: string; waitsFor: string | null };
        invoices: { nodes: { status: { known: string }; total: { amount: string }; lines: { bucket: string }[] }[] };
      }>(
        w.as(tenantId),
        `{ billingMonth(month: "2026-11") { status waitsFor }
           invoices(month: "2026-11") { nodes { status { known } total { amount } lines { bucket quantity amount { amount } statement { market category messages rate { amount } charge { amount } } } } } }`,
      );
      expect(billingMonth).toEqual({ status: "finalized", waitsFor: null });
      expect(invoices.nodes).toMatchObject([{ status: { known: "OPEN" } }]);
    }
  });

  it("reconciles the month without an unexplained difference", async () => {
    const run = await reconcile("2026-11");
    expect(run.differences.filter(({ explained }) => !explained)).toEqual([]);
    expect(run).toMatchObject({ status: "done", unexplained: 0, notes: [] });
    const [totals] = run.totals;
    expect(totals?.["metaVolume"]).toBe(totals?.["ledgerVolume"]);
    expect(totals?.["metaInvoice"]).toEqual(totals?.["ledgerCost"]);
    expect(totals?.["ledgerCharge"]).toEqual(totals?.["meters"]);
  });

  it("explains a charge from the invoice line to the webhook and rates it again to the same micro", async () => {
    const { ledgerEntries } = await w.ask<{ ledgerEntries: { nodes: { id: string }[] } }>(
      w.as(otra),
      '{ ledgerEntries(first: 40, filter: { month: "2026-11", kind: USAGE }) { nodes { id } } }',
    );
    for (const { id } of ledgerEntries.nodes) {
      const { explainCharge } = await w.ask<{ explainCharge: Record<string, never> }>(
        w.as(otra, { roles: ["billing_viewer"] }),
        `{ explainCharge(entryId: "${id}") { line { bucket } invoice { number } reasons { rule says } webhook { id } rerated { matches } entry { charge { amount } } } }`,
      );
      expect(explainCharge).toMatchObject({
        rerated: { matches: true },
        invoice: { number: expect.any(String) as string },
      });
    }
  });

  it("shows a client its own ledger only, and never what Meta charges us", async () => {
    const { ledgerEntries } = await w.ask<{ ledgerEntries: { nodes: { id: string }[] } }>(
      w.as(otra),
      "{ ledgerEntries(first: 1) { nodes { id } } }",
    );
    const foreign = `{ explainCharge(entryId: "${ledgerEntries.nodes[0]?.id ?? ""}") { entry { id } } }`;
    const { errors } = await w.try(w.as(casa), foreign);
    expect(errors?.[0]?.extensions).toMatchObject({ code: "NOT_FOUND", reason: "ledger_entry_not_found" });
    const owner = w.as(otra, { roles: ["owner"] });
    const costs = await w.try(owner, "{ ledgerEntries(first: 1) { nodes { id cost { amount } } } }");
    expect(costs.errors?.[0]?.extensions).toMatchObject({ reason: "permission_missing" });
    const all = await w.try(owner, '{ allMonthSummary(month: "2026-11") { messages } }');
    expect(all.errors?.[0]?.extensions).toMatchObject({ code: "FORBIDDEN" });
  });

  it("counts every withheld webhook and every doubled row of Meta's invoice as unexplained, once", async () => {
    const from = new Date("2026-12-10T00:00:00.000Z");
    const to = new Date("2026-12-13T00:00:00.000Z");
    const wabaIds = clients.map(({ wabaId }) => wabaId);
    const plan = await w.meta.control.startTraffic({ seed: 4, messages: 200, from, to, wabaIds, lose: 3, double: 2 });
    for (let day = from.getTime(); day <= (plan.lastDueAt?.getTime() ?? 0) + 86_400_000; day += 86_400_000) {
      await w.pass(new Date(day).toISOString());
      await w.meta.control.runTrafficUntil(plan.id, new Date(day));
    }
    await w.pass("2027-01-01T00:00:00.000Z");
    await w.pass("2027-01-08T00:00:00.000Z");
    const run = await reconcile("2026-12");
    const open = run.differences.filter(({ explained }) => !explained);
    expect(run.unexplained).toBe(5);
    expect(open.filter(({ cause }) => cause === "missing_webhook").reduce((sum, { units }) => sum + units, 0)).toBe(3);
    expect(open.filter(({ cause }) => cause === "duplicate")).toHaveLength(2);
  });
});
