import { tenantClosed } from "@greentick/contracts";
import { anEvent, someTenants } from "@greentick/testing";
import { BillingWorld } from "../fixtures/billing-world.js";

interface Fee {
  readonly tenantId: string;
  readonly kind: string;
  readonly month: string;
}

interface MonthRow {
  readonly tenantId: string;
  readonly state: { readonly month: string; readonly status: string };
}

describe("billing of a client that is closed", () => {
  const w = new BillingWorld("2026-10-01T10:00:00.000Z");
  const { casa, otra } = someTenants;
  const feesOf = async (tenantId: string): Promise<string[]> => {
    const entries = w.world.outside.database.db.collection<Fee>("entries");
    const fees: readonly Fee[] = await entries.find({ tenantId, kind: "platform_fee" }).toArray();
    return fees.map(({ month }) => month).sort();
  };
  const monthsOf = async (tenantId: string): Promise<Record<string, string>> => {
    const months = w.world.outside.database.db.collection<MonthRow>("months");
    const found = await months.find({ tenantId }).toArray();
    const statuses: [string, string][] = found.map(({ state }) => [state.month, state.status]);
    return Object.fromEntries(statuses.sort());
  };
  const subscriptionOf = async (tenantId: string): Promise<string> => {
    const headers = { authorization: "Bearer sk_test_greentick" };
    const list = await fetch(`${w.stripe.url}/v1/subscriptions?status=all&limit=100`, { headers });
    const { data } = (await list.json()) as { data: { status: string; metadata: { tenant_id: string } }[] };
    return data.find(({ metadata }) => metadata.tenant_id === tenantId)?.status ?? "none";
  };

  beforeAll(async () => {
    await w.liveClient(casa);
    await w.liveClient(otra);
    await w.open(casa, 'platformFee: "49.00"');
    await w.open(otra, 'platformFee: "29.00"');
    const closed = anEvent(w.as(casa), tenantClosed, {
      tenantId: casa,
      closedAt: new Date("2026-10-20T08:00:00.000Z"),
    });
    await w.world.given(closed, closed);
    for (const day of ["11-01", "11-03", "12-01", "12-03"]) await w.pass(`2026-${day}T00:00:00.000Z`);
    for (const day of ["01-01", "01-03", "02-01", "02-03"]) await w.pass(`2027-${day}T00:00:00.000Z`);
    for (let round = 0; round < 6; round++) await w.world.running.jobs.runNow();
  });

  it("owes its platform fee up to the month of its closing, and others theirs every month", async () => {
    expect(await feesOf(casa)).toEqual(["2026-10"]);
    expect(await feesOf(otra)).toEqual(["2026-10", "2026-11", "2026-12", "2027-01", "2027-02"]);
  });

  it("closes and invoices its last month, keeps one more for late reports, and begins no other", async () => {
    expect(await monthsOf(casa)).toEqual({ "2026-10": "finalized", "2026-11": "finalized" });
    expect(Object.keys(await monthsOf(otra))).toContain("2027-02");
  });

  it("ends at Stripe when that month is over", async () => {
    expect([await subscriptionOf(casa), await subscriptionOf(otra)]).toEqual(["canceled", "active"]);
  });
});
