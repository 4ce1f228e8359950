import { type Call, type Log, money, type Month, nextMonth, systemScope, tenantScope } from "@greentick/kernel";
import { billedFrom, type ReadyAccount } from "../domain/account.js";
import { bucketTotals } from "../domain/balance.js";
import { type Bucket } from "../domain/bucket.js";
import { accountingDay, firstDayOf } from "../domain/calendar.js";
import { carryOf, isRounding } from "../domain/carry.js";
import { billedMinor, type Invoice } from "../domain/invoice.js";
import { carryEntry } from "../domain/ledger-entry.js";
import { type BalanceStore, type EntryIds, type EntryStore, type WindowStore } from "../ports.js";

export interface CarryPorts {
  readonly entries: EntryStore;
  readonly balances: BalanceStore;
  readonly windows: WindowStore;
  readonly entryIds: EntryIds;
}

const scope = systemScope("month-close");

/**
 * Brings what an invoice left of a month into the next open month: per bucket the ledger's sum less the amount of Stripe's line, less what
 * was carried before; windows of earlier carries are marked again, in case a process died before it could. Asked again after a late change of a final month it carries only the change. Safe to repeat.
 * Returns the sum of everything carried out of the month, in micros.
 */
export const settleCarry =
  (ports: CarryPorts) =>
  async (call: Call, account: ReadyAccount, invoice: Invoice): Promise<bigint> => {
    const owned = tenantScope(call);
    const totals = bucketTotals(await ports.balances.ofMonth(owned, invoice.month));
    const exact = new Map(totals.map(({ bucket, chargeMicros }) => [bucket, chargeMicros]));
    const buckets = new Set<Bucket>([...exact.keys(), ...invoice.lines.flatMap(({ bucket }) => bucket ?? [])]);
    const carried = new Map((await ports.entries.carriedFrom(owned, invoice.month)).map((one) => [one.bucket, one]));
    let sum = 0n;
    for (const bucket of [...buckets].sort()) {
      const required = carryOf(invoice.currency, exact.get(bucket) ?? 0n, billedMinor(invoice.lines, bucket));
      const before = carried.get(bucket);
      sum += required;
      await ports.windows.markDirty(
        scope,
        (before?.booked ?? []).map((place) => ({ ...ownerOf(call), ...place, bucket })),
      );
      const missing = required - (before?.micros ?? 0n);
      if (missing !== 0n)
        await carry(ports, call, { account, invoice, bucket, micros: missing, seq: before?.count ?? 0 });
      if (!isRounding(invoice.currency, required)) alarm(call.log, invoice.month, bucket, required);
    }
    return sum;
  };

const ownerOf = ({ tenantId, ancestorIds, livemode }: Call): Pick<Call, "tenantId" | "ancestorIds" | "livemode"> => ({
  tenantId,
  ancestorIds,
  livemode,
});

interface Carry {
  readonly account: ReadyAccount;
  readonly invoice: Invoice;
  readonly bucket: Bucket;
  readonly micros: bigint;
  readonly seq: number;
}

async function carry(ports: CarryPorts, call: Call, { account, invoice, bucket, micros, seq }: Carry): Promise<void> {
  const { month, currency } = invoice;
  const key = `carry:${month}:${bucket}`;
  const target = firstDayOf(nextMonth(month));
  const at = new Date(`${target}T00:00:00.000Z`);
  const booking = {
    id: ports.entryIds(call.tenantId, key, seq, at),
    key,
    seq,
    day: accountingDay(target, call.now(), billedFrom(account)),
    bookedAt: call.now(),
  };
  const says = `The ledger of ${month} less the amount of Stripe's line leaves ${micros} micros.`;
  const entry = carryEntry(call, booking, {
    amount: money(currency, micros),
    bucket,
    fromMonth: month,
    reasons: [{ rule: "carry", says }],
  });
  await ports.entries.insert(scope, [entry]);
  await ports.windows.markDirty(scope, [entry]);
}

function alarm(log: Log, month: Month, bucket: Bucket, micros: bigint): void {
  log.warn({ month, bucket, carryMicros: micros.toString() }, "carry is larger than rounding can leave");
}
