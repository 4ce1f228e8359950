import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { dayMs, type Month, type TenantId, utcDayOf } from "@greentick/kernel";
import { partitionCount } from "@greentick/runtime";
import { type Collection, type Document } from "mongodb";
import { decide } from "../domain/decide.js";
import { observe } from "../domain/fact.js";
import { rate } from "../domain/rate.js";
import { statementOf } from "../domain/statement.js";
import { entriesAtOnce } from "../usecases/export-ledger.js";
import { rateSightings } from "../usecases/rate-sightings.js";
import { surroundingsFor } from "../usecases/settle-facts.js";
import { type Ground } from "./ground.js";
import { deliveries } from "./sightings.js";

/** As the consumer of the bus takes them: so many of a partition at once, and every partition of the stream by itself. */
const batchSize = 200;
export const batchesAtOnce = partitionCount("status");
const anchorBatch = 100;

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * Runs the work again and again for a while, so many times side by side. Returns how often a second it ran, and the CPU of this process for one
 * run, in microseconds.
 */
async function again(
  forMs: number,
  work: () => Promise<void>,
  sideBySide = 1,
): Promise<{ perSecond: number; cpuUs: number }> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  let runs = 0;
  const lane = async (): Promise<void> => {
    for (; performance.now() - start < forMs; runs++) await work();
  };
  await Promise.all(Array.from({ length: sideBySide }, lane));
  const used = process.cpuUsage(cpu);
  return { perSecond: (runs * 1_000) / (performance.now() - start), cpuUs: (used.user + used.system) / runs };
}

/** What one core does without a store, a second. */
export interface Pure {
  /** `rate(basis, tariffs, plan)`: price, reasons and charge. */
  readonly rated: number;
  /** From complete facts to balanced entries with their ids. */
  readonly decided: number;
}

export async function pureRating(ground: Ground, roundMs: number): Promise<Pure> {
  const facts = deliveries(ground, 0, 5_000).map((one) => observe(undefined, one));
  const around = await surroundingsFor(ground.ports, facts);
  const pairs = facts.map((fact) => [fact, around(fact)] as const);
  const asked = pairs.flatMap(([fact, known]) =>
    decide(fact, known).entries.flatMap(({ service }) => {
      const plan = known.client?.plans.find(({ id }) => id === service?.planId);
      return service === undefined || plan === undefined ? [] : [[service.basis, known.tariffs, plan] as const];
    }),
  );
  if (asked.length < facts.length) throw new Error("Not every fact was rated.");
  let charged = 0n;
  const rated = await again(roundMs, () => {
    for (const one of asked) {
      const outcome = rate(...one);
      if (outcome.kind === "charge") charged += outcome.charge.amountMicros;
    }
    return Promise.resolve();
  });
  if (charged === 0n) throw new Error("Nothing was charged.");
  const decided = await again(roundMs, () => {
    for (const [fact, known] of pairs) decide(fact, known);
    return Promise.resolve();
  });
  return { rated: rated.perSecond * asked.length, decided: decided.perSecond * facts.length };
}

/** Documents a second that the same store takes from nothing but an insertMany of 100, journalled, under two indexes. */
export async function bareInserts(ground: Ground, roundMs: number): Promise<number> {
  const rows: Collection = ground.database.db.collection("bench_bare");
  await rows.createIndexes([
    { key: { wamid: 1, kind: 1 }, name: "unique", unique: true },
    { key: { tenantId: 1, ratedAt: 1 }, name: "tenant" },
  ]);
  const { perSecond } = await again(roundMs, async () => {
    const from = ground.next(anchorBatch);
    await rows.insertMany(
      Array.from({ length: anchorBatch }, (_, at) => bareRow(from + at)),
      { ordered: false },
    );
  });
  return perSecond * anchorBatch;
}

const bareRow = (number: number): Document => ({
  tenantId: `t${number % 97}`,
  wabaId: "102290129340398",
  wamid: `wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI${String(number).padStart(18, "0")}AA==`,
  kind: "charge",
  category: "utility",
  country: "DE",
  currency: "EUR",
  amountMicros: BigInt(40_000 + (number % 9_000)),
  ratedAt: new Date(1_750_000_000_000 + number * 1_000),
});

/** Statuses received, rated, and in the ledger, in as many batches at once as the bus hands out: entries a second, and the CPU of one in microseconds. */
export async function booking(ground: Ground, roundMs: number): Promise<{ perSecond: number; cpuUs: number }> {
  const book = rateSightings(ground.ports);
  const work = (): Promise<void> => book(deliveries(ground, ground.next(batchSize), batchSize));
  const { perSecond, cpuUs } = await again(roundMs, work, batchesAtOnce);
  return { perSecond: perSecond * batchSize, cpuUs: cpuUs / batchSize };
}

/** Milliseconds for a week of a client's usage by bucket and day. */
export async function usageMs({ balances, now, senders }: Ground): Promise<number> {
  const [sender] = senders;
  if (sender === undefined) throw new Error("Nobody sends.");
  const tenant = sender.tenantId;
  const week = { from: utcDayOf(new Date(now.getTime() - 7 * dayMs)), to: utcDayOf(now) };
  const times: number[] = [];
  for (let turn = 0; turn < 21; turn++) times.push(await timed(() => balances.ofDays({ tenant, ancestors: [] }, week)));
  return median(times);
}

/** Milliseconds for the statement of a client and month, and how many entries it says it holds. */
export async function statementMs(
  { balances }: Ground,
  tenant: TenantId,
  month: Month,
): Promise<{ ms: number; entries: number }> {
  let entries = 0;
  const ms = await timed(async () => {
    const { totals } = statementOf(month, await balances.ofMonth({ tenant, ancestors: [] }, month));
    entries = totals.reduce((sum, one) => sum + one.entries, 0);
  });
  return { ms, entries };
}

export interface Streamed {
  readonly entries: number;
  readonly perSecond: number;
  /** Of the process at its highest. */
  readonly rssMb: number;
}

/** In a process of its own: this one holds what was measured before. */
export async function streamingApart({ database, large, filler, month }: Ground, uri: string): Promise<Streamed> {
  const args = [...process.execArgv, join(__dirname, "stream", "main.js"), uri, database.name, month, large, filler];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Streamed;
}

/** Reads the months of clients entry by entry, one client after the other, as an export does. */
export async function streaming(
  { entries }: Ground["ports"],
  tenants: readonly TenantId[],
  month: Month,
): Promise<Streamed> {
  let [count, rss] = [0, 0];
  const start = performance.now();
  for (const tenant of tenants)
    for (let after: string | undefined, more = true; more;) {
      const scope = { tenant, ancestors: [] };
      const page = await entries.after(scope, { month, limit: entriesAtOnce, ...(after && { after }) });
      count += page.length;
      rss = Math.max(rss, process.memoryUsage.rss());
      after = page.at(-1)?.id;
      more = page.length === entriesAtOnce;
    }
  return { entries: count, perSecond: (count * 1_000) / (performance.now() - start), rssMb: rss / 1_048_576 };
}
