import { type Call, faultPoint, money, type Month, nextMonth, systemScope, tenantScope } from "@greentick/kernel";
import { billedFrom, type ReadyAccount } from "../domain/account.js";
import { type Bucket, bucketsOf, platformFeeBucket } from "../domain/bucket.js";
import { accountingDay, firstDayOf, lastDayOf } from "../domain/calendar.js";
import { adjustmentEntry, type LedgerEntry } from "../domain/ledger-entry.js";
import { owedDays, planOfMonth } from "../domain/month-plan.js";
import { type Adjustment, adjustmentsOf, type MonthTerms } from "../domain/month-terms.js";
import { type PricePlan } from "../domain/price-plan.js";
import { type Reason } from "../domain/reason.js";
import { statementRows } from "../domain/statement.js";
import { monthCellsOf } from "../domain/what-if.js";
import { type BalanceStore, type EntryIds, type EntryStore, type PlanStore, type WindowStore } from "../ports.js";
import { bookedChains, lessBooked } from "./booked-chains.js";

export interface MonthTermPorts {
  readonly plans: PlanStore;
  readonly entries: EntryStore;
  readonly balances: BalanceStore;
  readonly windows: WindowStore;
  readonly entryIds: EntryIds;
}

const scope = systemScope("month-close");

export interface MonthToSettle {
  readonly account: ReadyAccount;
  readonly month: Month;
  /** Its invoice is final: what changed since goes into the open month. */
  readonly isFinal: boolean;
}

/**
 * Books what bundles, tiers and minimum of a closed month come to: under each clause and line the amount it must be less what was booked
 * already, under the next number. Before the invoice it lies on the month's last day. Safe to repeat, also by two processes at once: the same
 * number gives the same entry id. Returns how many were booked.
 */
export const settleMonthTerms =
  (ports: MonthTermPorts) =>
  async (call: Call, { account, month, isFinal }: MonthToSettle): Promise<number> => {
    const plan = planOfMonth(await ports.plans.findAll(tenantScope(call), {}), month);
    if (plan?.month === undefined || lastDayOf(month) < billedFrom(account)) return 0;
    const rows = statementRows(await ports.balances.ofMonth(tenantScope(call), month));
    const required = adjustmentsOf(plan.month, monthCellsOf(rows), owedDays(account, month, plan.effectiveFrom));
    const used = required.map(({ bucket }) => bucket);
    const keys = keysOf(plan.month, month, [...bucketsOf(account.namedMarkets), ...used]);
    const at = new Date(`${firstDayOf(nextMonth(month))}T00:00:00.000Z`);
    const chains = await bookedChains(
      ports,
      call,
      keys.map(({ key }) => ({ key, at })),
    );
    const day = isFinal
      ? accountingDay(firstDayOf(nextMonth(month)), call.now(), billedFrom(account))
      : lastDayOf(month);
    const missing = keys.flatMap(({ key, clause, bucket }): LedgerEntry[] => {
      const chain = chains.get(key) ?? [];
      const due = required.find((one) => one.clause === clause && one.bucket === bucket);
      const micros = (due?.micros ?? 0n) - chain.reduce((sum, { charge }) => sum + charge.amountMicros, 0n);
      if (micros === 0n) return [];
      const seq = chain.length;
      const booking = { id: ports.entryIds(call.tenantId, key, seq, at), key, seq, day, bookedAt: call.now() };
      const reasons = [reasonOf(plan, month, due), ...lessBooked(chain)];
      const amount = money(plan.currency, micros);
      return [adjustmentEntry(call, booking, { amount, bucket, fromMonth: month, reasons })];
    });
    await ports.entries.insert(scope, [...[...chains.values()].flat(), ...missing]);
    if (missing.length > 0) await faultPoint("billing.entries-kept");
    const before = [...chains.values()].flat().filter((entry) => !isFinal || entry.month !== month);
    await ports.windows.markDirty(scope, [...missing, ...(await behind(ports, before))]);
    return missing.length;
  };

/** Of entries that were booked before, those whose window Stripe was told without them: the process died before it could mark it. */
async function behind(ports: MonthTermPorts, entries: readonly LedgerEntry[]): Promise<readonly LedgerEntry[]> {
  const windows = new Map(entries.map((entry) => [`${entry.bucket}:${entry.day}`, entry]));
  const found = await Promise.all(
    [...windows.values()].map(async (entry) => {
      const [window, total] = await Promise.all([
        ports.windows.find(scope, entry),
        ports.balances.recountedTotal(scope, entry),
      ]);
      return (window?.sentMicros ?? 0n) === total ? [] : [entry];
    }),
  );
  return found.flat();
}

interface ClauseKey {
  readonly key: string;
  readonly clause: string;
  readonly bucket: Bucket;
}

/** Every clause and line that can have an amount, whether it has one or not: what is needless now is taken back. */
function keysOf(terms: MonthTerms, month: Month, buckets: readonly Bucket[]): readonly ClauseKey[] {
  const lines = [...new Set(buckets)].filter((bucket) => bucket !== platformFeeBucket);
  const clauses = [...terms.bundles.map((_, at) => `bundle:${at}`), ...terms.tiers.map((_, at) => `tiers:${at}`)];
  const places = clauses.flatMap((clause) => lines.map((bucket) => ({ clause, bucket })));
  return [...places, { clause: "minimum", bucket: platformFeeBucket }].map((place) => ({
    ...place,
    key: `adj:${month}:${place.clause}:${place.bucket}`,
  }));
}

const reasonOf = ({ number }: PricePlan, month: Month, due: Adjustment | undefined): Reason => ({
  rule: `plan.${due?.clause.split(":")[0] ?? "month"}`,
  says: `Plan ${number}, over the messages of ${month}: ${due?.says ?? "nothing any more."}`,
});
