import { balanceLow, budgetReached, type DataOf } from "@greentick/contracts";
import { decimalFromMicros, onFaultPoint } from "@greentick/kernel";
import { someTenants } from "@greentick/testing";
import { BillingWorld } from "../fixtures/billing-world.js";
import { dieOnceAt, SpendingClients } from "../fixtures/spending-clients.js";

const { casa, otra } = someTenants;
const setPrepaid = `mutation Set($input: SetPrepaidInput!) { setPrepaid(input: $input) { spending { prepaid { since available { amount } } } } }`;
const topUp = `mutation TopUp($input: TopUpBalanceInput!) {
  topUpBalance(input: $input) { topUp { id amount { amount } toppedUp { amount } } spending { prepaid { balance { amount } } } } }`;

describe("a client that pays in advance", () => {
  const w = new BillingWorld("2026-11-05T12:00:00Z");
  const { reserved, refusal, heard, spending, client, budget, seen } = new SpendingClients(w, 'platformFee: "3"');
  const low: string[] = [];
  const reached: string[] = [];
  beforeAll(async () => {
    const note = (into: string[], text: string): Promise<void> => Promise.resolve(void into.push(text));
    await w.world.bus.consume({
      name: "test.alerts",
      on: [
        {
          event: balanceLow,
          handle: (_, { data }) => note(low, String((data as DataOf<typeof balanceLow>).belowMicros)),
        },
        {
          event: budgetReached,
          handle: (_, { data }) => {
            const { name, percent, period } = data as DataOf<typeof budgetReached>;
            return note(reached, `${name} ${percent} in ${period}`);
          },
        },
      ],
    });
  });
  afterEach(() => {
    onFaultPoint(undefined);
  });

  const pays = (more: object = {}): ReturnType<typeof w.try> => {
    const input = {
      currency: "USD",
      amount: "4",
      source: "BANK_TRANSFER",
      reference: "A-1",
      idempotencyKey: "a",
      ...more,
    };
    return w.try(w.as(casa), topUp, { input });
  };
  const balance = async (): Promise<string> => {
    const { prepaid } = await spending(casa);
    return `${prepaid?.balance.amount ?? "?"}, ${prepaid?.reserved.amount ?? "?"} reserved, ${prepaid?.available.amount ?? "?"} available`;
  };

  it("cannot pay in before its terms are set", async () => {
    expect((await pays()).errors?.[0]?.extensions).toMatchObject({ code: "CONFLICT", reason: "not_prepaid" });
  });

  it("has what it paid in, once for each request, less what the day has cost already", async () => {
    await w.ask(w.as(casa), setPrepaid, { input: { alertsBelow: ["0.5"] } });
    const first = await pays();
    expect(first.data?.["topUpBalance"]).toMatchObject({ topUp: { toppedUp: { amount: "4" } } });
    expect((await pays()).data?.["topUpBalance"]).toMatchObject({ topUp: { toppedUp: { amount: "4" } } });
    expect((await pays({ amount: "2" })).errors?.[0]?.extensions).toMatchObject({ reason: "idempotency_mismatch" });
    expect((await pays({ currency: "EUR", idempotencyKey: "e" })).errors?.[0]?.extensions).toMatchObject({
      reason: "currency_differs",
    });
    expect(await balance()).toBe("1, 0 reserved, 1 available");
  });

  it("pays each delivery from it, reserved or not", async () => {
    const { id } = await reserved(casa);
    expect(await balance()).toBe("1, 0.0625 reserved, 0.9375 available");
    await heard(casa, id);
    await w.deliver(client(casa), "2026-11-05T12:01:00Z", 7);
    await w.world.settle();
    expect(await balance()).toBe("0.5, 0 reserved, 0.5 available");
  });

  it("hears once that little is left, and again after it paid in", async () => {
    const { id } = await reserved(casa);
    await reserved(casa);
    await w.world.settle();
    expect(low).toEqual(["500000", "500000"]);
    await heard(casa, id);
    await pays({ idempotencyKey: "b", amount: "0.25" });
    await reserved(casa, { messages: 3 });
    await w.world.settle();
    expect(low).toEqual(["500000", "500000", "500000"]);
  });

  it("is refused what it cannot pay", async () => {
    expect(await refusal(casa, { messages: 100 })).toMatchObject({
      reason: "balance_too_low",
      details: { needed: "6.25" },
    });
  });

  it("pays fees from it too, below zero if need be, and what it was charged is what the ledger says", async () => {
    await w.pass("2026-12-01T00:00:30Z");
    const { prepaid } = await spending(casa);
    const rows = await w.world.outside.database.db
      .collection<{ charge: { amountMicros: bigint } }>("entries")
      .find({ tenantId: casa, day: { $gte: "2026-11-05" } })
      .toArray();
    const sum = rows.reduce((total, { charge }) => total + charge.amountMicros, 0n);
    expect(sum).toBeGreaterThan(6_000_000n);
    expect(prepaid?.charged.amount).toBe(decimalFromMicros(sum));
  });

  it("does not pay again what an invoice left over for the next month", async () => {
    await w.pass("2026-12-03T00:00:30Z");
    const entries = w.world.outside.database.db.collection<{ kind: string; charge: { amountMicros: bigint } }>(
      "entries",
    );
    const rows = await entries.find({ tenantId: casa, day: { $gte: "2026-11-05" } }).toArray();
    const sum = (kinds: (kind: string) => boolean): bigint =>
      rows.filter(({ kind }) => kinds(kind)).reduce((total, { charge }) => total + charge.amountMicros, 0n);
    expect(sum((kind) => kind === "carry")).not.toBe(0n);
    expect((await spending(casa)).prepaid?.charged.amount).toBe(decimalFromMicros(sum((kind) => kind !== "carry")));
  });

  it("tells each percentage of a budget once in its month, although the process died when it had written it", async () => {
    const { id } = await budget(otra, { name: "Otra", hardLimit: "0.125", alertPercents: [50, 100] });
    dieOnceAt("billing.spending-written");
    await expect(reserved(otra, { idempotencyKey: "told" })).rejects.toThrow();
    const reservation = await reserved(otra, { idempotencyKey: "told" });
    await heard(otra, reservation.id);
    expect(await seen(otra, id)).toBe("0.0625 spent, 0 reserved");
    expect(reached).toEqual(["Otra 50 in 2026-12"]);
    await reserved(otra);
    await w.world.settle();
    expect(reached).toEqual(["Otra 50 in 2026-12", "Otra 100 in 2026-12"]);
    expect(await refusal(otra)).toMatchObject({ reason: "budget_reached" });
  });
});
