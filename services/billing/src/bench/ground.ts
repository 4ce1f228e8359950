import { randomBytes } from "node:crypto";
import { type Month, type TenantId, utcMonthOf } from "@greentick/kernel";
import { callFactory, connectDatabase, type Database, silentLog, storedClocks } from "@greentick/runtime";
import { BillingConfig } from "../config.js";
import { type BalanceStore } from "../ports.js";
import { billingPorts } from "../service.js";
import { type RatingPorts } from "../usecases/settle-facts.js";
import { addClient } from "./known-client.js";
import { type BenchSender } from "./sightings.js";

/** A ledger of its own, with clients who send. */
export interface Ground {
  readonly database: Database;
  readonly ports: RatingPorts;
  readonly balances: BalanceStore;
  readonly senders: readonly BenchSender[];
  /** Sends nothing by itself: its large month is filled in. */
  readonly large: TenantId;
  /** Only takes room. */
  readonly filler: TenantId;
  readonly now: Date;
  readonly month: Month;
  /** The first of so many numbers that nobody used yet. */
  readonly next: (count: number) => number;
}

const senderCount = 5;
const now = new Date("2026-11-28T12:00:00.000Z");
const tenant = (name: string): TenantId => `ten_01${name.padStart(24, "0")}` as TenantId;
const nobody = {
  STRIPE_SECRET_KEY: "sk_test_nobody",
  META_APP_ID: "1",
  META_APP_SECRET: "not-a-secret",
  META_SYSTEM_TOKEN: "not-a-token",
  META_BUSINESS_ID: "1",
};

/** Nothing here talks to Stripe or Meta. */
export async function prepareGround(uri: string): Promise<Ground> {
  const database = await connectDatabase(uri, "greentick_bench");
  const clocks = storedClocks(database.db);
  const calls = callFactory({ clocks, randomBytes, log: silentLog });
  const all = billingPorts(BillingConfig.parse(nobody), { database, clocks, calls, log: silentLog });
  for (const one of all.indexed) await one.ensureIndexes();
  const ports: RatingPorts = { ...all, businessNow: () => now };
  const senders = Array.from({ length: senderCount }, (_, at) => ({
    tenantId: tenant(`BENCH${at}`),
    wabaId: `90000000000000${at}`,
  }));
  for (const { tenantId, wabaId } of senders) {
    const call = calls.system("billing", { tenantId, ancestorIds: [], livemode: false });
    await addClient(ports, call, { tenantId, wabaIds: [wabaId], namedMarkets: ["Brazil", "India"] });
  }
  let used = 0;
  return {
    database,
    ports,
    balances: all.balances,
    senders,
    large: tenant("BENCHMANY"),
    filler: tenant("BENCHREST"),
    now,
    month: utcMonthOf(now),
    next: (count) => (used += count) - count,
  };
}
