import { decimalFromMicros, onFaultPoint, type TenantId } from "@greentick/kernel";
import { someTenants } from "@greentick/testing";
import { BillingConfig } from "../config.js";
import { BillingWorld } from "../fixtures/billing-world.js";
import { dieOnceAt, reserveDocument, SpendingClients } from "../fixtures/spending-clients.js";
import { billingPorts } from "../service.js";
import { reserveCharge, type ReserveCharge } from "./reserve-charge.js";

const { casa, otra } = someTenants;

describe("reserving what messages can cost", () => {
  const w = new BillingWorld("2026-11-05T12:00:00Z");
  const { budget, reserved, refusal, seen, heard, asked, client } = new SpendingClients(w);
  afterEach(() => {
    onFaultPoint(undefined);
  });

  it("holds the price of the message, and gives it back when the delivery is charged", async () => {
    const { id } = await budget(casa, { hardLimit: "100" });
    const reservation = await reserved(casa);
    expect(reservation).toMatchObject({ status: "open", perMessage: { amount: "0.0625" } });
    expect(await seen(casa, id)).toBe("0 spent, 0.0625 reserved");
    await heard(casa, reservation.id);
    expect(await seen(casa, id)).toBe("0.0625 spent, 0 reserved");
  });

  it("gives it back when the message fails, and charges one that is delivered nevertheless", async () => {
    const { id } = await budget(casa, { scope: "TEMPLATE", templateId: "fails", hardLimit: "1" });
    const reservation = await reserved(casa, { templateId: "fails" });
    const failure = { status: "failed", pricing: undefined };
    const wamid = await heard(casa, reservation.id, failure);
    expect(await seen(casa, id)).toBe("0 spent, 0 reserved");
    await heard(casa, reservation.id, { id: wamid });
    await heard(casa, reservation.id, { ...failure, id: wamid });
    expect(await seen(casa, id)).toBe("0.0625 spent, 0 reserved");
  });

  it("counts what was really delivered, in the budgets that count that", async () => {
    const of = (category: string): object => ({ scope: "CATEGORY", category, hardLimit: "50" });
    const utility = await budget(casa, of("utility"));
    const marketing = await budget(casa, of("marketing"));
    const before = await seen(casa, marketing.id);
    const reservation = await reserved(casa, { categories: ["MARKETING", "UTILITY"] });
    expect(await seen(casa, utility.id)).toBe("0 spent, 0.0068 reserved");
    await heard(casa, reservation.id, {
      pricing: { billable: true, pricing_model: "PMP", category: "utility", type: "regular" },
    });
    expect([await seen(casa, utility.id), await seen(casa, marketing.id)]).toEqual([
      "0.0068 spent, 0 reserved",
      before,
    ]);
  });

  it("has a new budget count the month so far, whatever was sent without a reservation", async () => {
    await w.deliver(client(casa), "2026-11-05T12:00:20Z", 3);
    await w.world.settle();
    const { spent } = await budget(casa, { scope: "CATEGORY", category: "marketing", hardLimit: "50" });
    expect(spent.amount).toBe("0.3125");
  });

  it("gives the same reservation for the same request, and refuses another under its key", async () => {
    const once = { idempotencyKey: "once" };
    const [one, two] = [await reserved(casa, once), await reserved(casa, once)];
    expect(two).toEqual(one);
    expect(await refusal(casa, { ...once, messages: 2 })).toMatchObject({ reason: "idempotency_mismatch" });
    const both = await Promise.all([
      reserved(casa, { idempotencyKey: "twin" }),
      reserved(casa, { idempotencyKey: "twin" }),
    ]);
    expect(both[0]).toEqual(both[1]);
  });

  it("names the budget that has no room, and what to do", async () => {
    const { id } = await budget(casa, { scope: "TEMPLATE", templateId: "small", hardLimit: "0.1" });
    await reserved(casa, { templateId: "small" });
    expect(await refusal(casa, { templateId: "small" })).toMatchObject({
      code: "CONFLICT",
      reason: "budget_reached",
      details: { budgetId: id, limit: "0.1", spent: "0", reserved: "0.0625", needed: "0.0625", period: "2026-11" },
    });
  });

  it("shows another client's account as missing", async () => {
    expect(await refusal(otra, { wabaId: client(casa).wabaId })).toMatchObject({ reason: "waba_not_found" });
  });

  it("lets no status of another client's message end a reservation", async () => {
    const { id } = await budget(casa, { scope: "TEMPLATE", templateId: "mine", hardLimit: "1" });
    const reservation = await reserved(casa, { templateId: "mine" });
    await heard(otra, reservation.id, { status: "failed", pricing: undefined });
    await heard(otra, reservation.id);
    expect(await seen(casa, id)).toBe("0 spent, 0.0625 reserved");
  });

  it("gives parallel senders in two processes exactly as many reservations as the limit holds", async () => {
    const { id } = await budget(otra, { scope: "TEMPLATE", templateId: "rush", hardLimit: "1.25" });
    const elsewhere = secondProcess(w);
    const one = { wabaId: client(otra).wabaId, recipient: "5511955550142", templateId: "rush", messages: 1 };
    const results = await Promise.allSettled(
      Array.from({ length: 64 }, (_, n) => {
        const key = `parallel ${n}`;
        if (n % 2 === 0)
          return elsewhere(
            { ...w.as(otra), idempotencyKey: key },
            { ...one, categories: ["marketing"], window: "closed" },
          );
        return w.ask(w.as(otra), reserveDocument, { input: asked(otra, { templateId: "rush", idempotencyKey: key }) });
      }),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(20);
    expect(await seen(otra, id)).toBe("0 spent, 1.25 reserved");
    expect(await heldInOpenReservations(w, otra, id)).toBe("1.25");
  });

  it("releases what nothing was heard of for thirty days, and counts a delivery that comes later", async () => {
    const { id } = await budget(casa, { scope: "TEMPLATE", templateId: "late", hardLimit: "1", period: "TOTAL" });
    const reservation = await reserved(casa, { templateId: "late" });
    await w.pass("2026-12-05T11:59:00Z");
    await w.world.running.jobs.runNow();
    expect(await seen(casa, id)).toBe("0 spent, 0.0625 reserved");
    await w.pass("2026-12-05T12:00:01Z");
    await w.world.running.jobs.runNow();
    expect(await seen(casa, id)).toBe("0 spent, 0 reserved");
    await heard(casa, reservation.id);
    expect(await seen(casa, id)).toBe("0.0625 spent, 0 reserved");
  });

  it("loses and doubles nothing when the process dies after the sums were written", async () => {
    const { id } = await budget(casa, { scope: "TEMPLATE", templateId: "crash", hardLimit: "1" });
    dieOnceAt("billing.spending-written");
    const key = { templateId: "crash", idempotencyKey: "crash" };
    await expect(reserved(casa, key)).rejects.toThrow();
    expect(await heldInOpenReservations(w, casa, id)).toBe("0");
    const reservation = await reserved(casa, key);
    expect(await seen(casa, id)).toBe("0 spent, 0.0625 reserved");
    expect(await heldInOpenReservations(w, casa, id)).toBe("0.0625");
    dieOnceAt("billing.spending-written");
    await heard(casa, reservation.id);
    await w.world.running.jobs.runNow();
    expect(await seen(casa, id)).toBe("0.0625 spent, 0 reserved");
    expect(await heldInOpenReservations(w, casa, id)).toBe("0");
  });
});

/** A second process's wiring over the same store. */
function secondProcess({ world }: BillingWorld): ReserveCharge {
  const config = BillingConfig.parse({
    STRIPE_SECRET_KEY: "sk_test_nobody",
    META_APP_ID: "1",
    META_APP_SECRET: "not-a-secret",
    META_SYSTEM_TOKEN: "not-a-token",
    META_BUSINESS_ID: "1",
  });
  return reserveCharge(billingPorts(config, world.outside));
}

/** What the open reservations say, added again. */
async function heldInOpenReservations(w: BillingWorld, tenantId: TenantId, budgetId: string): Promise<string> {
  const rows = await w.world.outside.database.db
    .collection<{ holds: { in: string; unitMicros: bigint }[]; messages: number; ended: unknown[] }>("reservations")
    .find({ tenantId, status: "open" })
    .toArray();
  const held = rows.flatMap(({ holds, messages, ended }) =>
    holds.filter((hold) => hold.in === budgetId).map(({ unitMicros }) => unitMicros * BigInt(messages - ended.length)),
  );
  return decimalFromMicros(held.reduce((sum, one) => sum + one, 0n));
}
