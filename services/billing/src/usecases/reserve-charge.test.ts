import { decimalFromMicros, type TenantId } from "@greentick/kernel";
import { someTenants } from "@greentick/testing";
import { BillingConfig } from "../config.js";
import { type Client, BillingWorld } from "../fixtures/billing-world.js";
import { billingPorts } from "../service.js";
import { reserveCharge, type ReserveCharge } from "./reserve-charge.js";

const { casa, otra } = someTenants;
const reserve = `mutation Reserve($input: ReserveChargeInput!) {
  reserveCharge(input: $input) { reservation { id status closedAs messages ended perMessage { amount } holds { budgetId perMessage { amount } } overSoftLimit } } }`;
const setBudget = `mutation Set($input: SetBudgetInput!) { setBudget(input: $input) { budget { id spent { amount } reserved { amount } left { amount } } } }`;
const spendingQuery = `{ spending { currency entriesInOtherCurrency budgets { id name spent { amount } reserved { amount } left { amount } }
  prepaid { balance { amount } reserved { amount } available { amount } charged { amount } toppedUp { amount } } } }`;

interface Amount {
  readonly amount: string;
}
interface BudgetSeen {
  readonly id: string;
  readonly name: string;
  readonly spent: Amount;
  readonly reserved: Amount;
  readonly left: Amount | null;
}
interface SpendingSeen {
  readonly budgets: readonly BudgetSeen[];
  readonly prepaid: Readonly<Record<"balance" | "reserved" | "available" | "charged" | "toppedUp", Amount>> | null;
}
interface ReservationSeen {
  readonly id: string;
  readonly status: string;
  readonly closedAs: string | null;
  readonly ended: number;
  readonly perMessage: Amount;
  readonly holds: readonly { readonly budgetId: string | null; readonly perMessage: Amount }[];
  readonly overSoftLimit: readonly string[];
}

describe("reserving what messages can cost", () => {
  const w = new BillingWorld("2026-11-05T12:00:00Z");
  const clients = new Map<TenantId, Client>();
  const client = (id: TenantId): Client => {
    const found = clients.get(id);
    if (found === undefined) throw new Error("the client is not live yet");
    return found;
  };
  beforeAll(async () => {
    for (const id of [casa, otra]) {
      clients.set(id, await w.liveClient(id));
      await w.open(id, "percent: { basisPoints: 0 }");
    }
  });
  let keys = 0;
  const asked = (id: TenantId, more: object = {}): Record<string, unknown> => ({
    wabaId: client(id).wabaId,
    categories: ["MARKETING"],
    recipient: "5511955550142",
    window: "CLOSED",
    idempotencyKey: `k${(keys += 1)}`,
    ...more,
  });
  const reserved = async (id: TenantId, more: object = {}): Promise<ReservationSeen> => {
    const variables = { input: asked(id, more) };
    return (await w.ask<{ reserveCharge: { reservation: ReservationSeen } }>(w.as(id), reserve, variables))
      .reserveCharge.reservation;
  };
  const refusal = async (id: TenantId, more: object = {}): Promise<Record<string, unknown> | undefined> => {
    const { errors } = await w.try(w.as(id), reserve, { input: asked(id, more) });
    return errors?.[0]?.extensions;
  };
  const budget = async (id: TenantId, more: object): Promise<BudgetSeen> => {
    const input = { name: "Everything", currency: "USD", ...more };
    return (await w.ask<{ setBudget: { budget: BudgetSeen } }>(w.as(id), setBudget, { input })).setBudget.budget;
  };
  const spending = async (id: TenantId): Promise<SpendingSeen> =>
    (await w.ask<{ spending: SpendingSeen }>(w.as(id), spendingQuery)).spending;
  const seen = async (id: TenantId, budgetId: string): Promise<string> => {
    const found = (await spending(id)).budgets.find((one) => one.id === budgetId);
    return `${found?.spent.amount ?? "?"} spent, ${found?.reserved.amount ?? "?"} reserved`;
  };

  let messages = 0;
  /** What Meta says of a message that was sent under a reservation. */
  const heard = async (id: TenantId, reservationId: string, more: object = {}): Promise<string> => {
    const wamid = `wamid.r${(messages += 1)}`;
    const status = {
      id: wamid,
      status: "delivered",
      recipient_id: "5511955550142",
      biz_opaque_callback_data: `campaign:7;${reservationId}`,
      pricing: { billable: true, pricing_model: "PMP", category: "marketing", type: "regular" },
      ...more,
    };
    await w.report(client(id), "2026-11-05T12:00:10Z", [status]);
    await w.world.settle();
    return wamid;
  };

  it("holds the price of the message, and gives it back when the delivery is charged", async () => {
    const { id } = await budget(casa, { hardLimit: "100" });
    const reservation = await reserved(casa);
    expect(reservation).toMatchObject({ status: "open", perMessage: { amount: "0.0625" } });
    expect(await seen(casa, id)).toBe("0 spent, 0.0625 reserved");
    await heard(casa, reservation.id);
    expect(await seen(casa, id)).toBe("0.0625 spent, 0 reserved");
  });

  it("gives parallel senders in two processes exactly as many reservations as the limit holds", async () => {
    const { id } = await budget(otra, { hardLimit: "1.25" });
    const elsewhere = secondProcess(w);
    const wabaId = client(otra).wabaId;
    const results = await Promise.allSettled(
      Array.from({ length: 64 }, (_, n) => {
        const call = { ...w.as(otra), idempotencyKey: `parallel ${n}` };
        const input = {
          wabaId,
          categories: ["marketing"],
          recipient: "5511955550142",
          window: "closed" as const,
          messages: 1,
        };
        return n % 2 === 0
          ? elsewhere(call, input)
          : w.ask(call, reserve, { input: asked(otra, { idempotencyKey: `parallel ${n}` }) });
      }),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(20);
    expect(await seen(otra, id)).toBe("0 spent, 1.25 reserved");
    expect(await heldInOpenReservations(w, otra, id)).toBe("1.25");
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
