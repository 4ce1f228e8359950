import { numberLive, tenantClosed, wabaLinked } from "@greentick/contracts";
import { anEvent, someTenants } from "@greentick/testing";
import { BillingWorld } from "../fixtures/billing-world.js";

describe("fees for WhatsApp accounts and numbers", () => {
  const w = new BillingWorld("2026-11-16T10:00:00.000Z");
  const { casa } = someTenants;
  const fees = async (): Promise<string[]> => {
    await w.world.settle();
    const { ledgerEntries } = await w.ask<{
      ledgerEntries: {
        nodes: { day: string; bucket: string; charge: { amount: string }; reasons: { says: string }[] }[];
      };
    }>(
      w.as(casa),
      "{ ledgerEntries(filter: { kind: PLATFORM_FEE }) { nodes { day bucket charge { amount } reasons { says } } } }",
    );
    return ledgerEntries.nodes.map(({ day, charge }) => `${day} ${charge.amount}`).sort();
  };
  const number = (id: string, since: string): ReturnType<typeof anEvent> =>
    anEvent(w.as(casa), numberLive, { phoneNumberId: id, recordId: id, wabaId: "1", since: new Date(since) });

  beforeAll(async () => {
    await w.liveClient(casa);
    await w.open(casa, 'platformFee: "30", wabaFee: "6", numberFee: "3", feesByDays: true');
  });

  it("are owed from the day of linking and of going live, by the days of that month", async () => {
    expect(await fees()).toEqual(["2026-11-16 1.5", "2026-11-16 15", "2026-11-16 3"]);
  });

  it("are booked once, however often and in whatever order it is heard of", async () => {
    await w.pass("2026-11-21T10:00:00.000Z");
    const second = number("22", "2026-11-21T08:00:00.000Z");
    await w.world.given(second, number("22", "2026-11-25T08:00:00.000Z"), second);
    expect(await fees()).toEqual(["2026-11-16 1.5", "2026-11-16 15", "2026-11-16 3", "2026-11-21 1"]);
  });

  it("are owed whole in each later month, and say for what", async () => {
    await w.pass("2026-12-01T00:00:00.000Z");
    expect((await fees()).slice(4)).toEqual(["2026-12-01 3", "2026-12-01 3", "2026-12-01 30", "2026-12-01 6"]);
    const { ledgerEntries } = await w.ask<{ ledgerEntries: { nodes: { reasons: { says: string }[] }[] } }>(
      w.as(casa),
      '{ ledgerEntries(filter: { kind: PLATFORM_FEE, month: "2026-12" }) { nodes { reasons { says } } } }',
    );
    const said = ledgerEntries.nodes.flatMap(({ reasons }) => reasons.map(({ says }) => says));
    expect(said).toContain("Plan 1: 3000000 micros of USD for 2026-12 for the number 22, due on 2026-12-01.");
  });

  it("are given back for the days behind the client's closing, once", async () => {
    await w.pass("2026-12-10T12:00:00.000Z");
    const closed = anEvent(w.as(casa), tenantClosed, {
      tenantId: casa,
      closedAt: new Date("2026-12-10T11:00:00.000Z"),
    });
    await w.world.given(closed, closed);
    expect((await fees()).filter((fee) => fee.includes("-", 11))).toEqual([
      "2026-12-01 -2.032258",
      "2026-12-01 -2.032258",
      "2026-12-01 -20.322581",
      "2026-12-01 -4.064516",
    ]);
  });

  it("are not owed in a month after the closing, nor for what is linked after it", async () => {
    const linked = {
      wabaId: "99",
      recordId: "99",
      metaBusinessId: "1",
      name: "Late",
      currency: "USD",
      timeZone: "UTC",
    };
    await w.world.given(anEvent(w.as(casa), wabaLinked, { ...linked, from: new Date("2027-01-02T00:00:00.000Z") }));
    const before = await fees();
    await w.pass("2027-01-04T00:00:00.000Z");
    expect(await fees()).toEqual(before);
  });
});

describe("the fee of a client whose numbers are heard of in another order than they went live", () => {
  const w = new BillingWorld("2026-11-21T10:00:00.000Z");
  const { otra } = someTenants;

  it("is booked once for its month", async () => {
    await w.liveClient(otra);
    await w.open(otra, 'platformFee: "30"');
    const earlier = { phoneNumberId: "7", recordId: "7", wabaId: "1", since: new Date("2026-11-19T08:00:00.000Z") };
    await w.world.given(anEvent(w.as(otra), numberLive, earlier));
    const { ledgerEntries } = await w.ask<{ ledgerEntries: { nodes: object[] } }>(
      w.as(otra),
      "{ ledgerEntries(filter: { kind: PLATFORM_FEE }) { nodes { charge { amount } } } }",
    );
    expect(ledgerEntries.nodes).toEqual([{ charge: { amount: "30" } }]);
  });
});
