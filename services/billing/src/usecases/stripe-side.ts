import { microsPerMinor, type Month, type Scope, type TenantId, utcMonth } from "@greentick/kernel";
import { type BucketTotal } from "../domain/balance.js";
import { isRounding } from "../domain/carry.js";
import { type Invoice, isFinal } from "../domain/invoice.js";
import { type BilledBucket, type WindowView } from "../domain/compare-stripe.js";
import {
  type AccountStore,
  type EntryStore,
  type InvoiceStore,
  type MeterSink,
  type UsageWindow,
  type WindowStore,
} from "../ports.js";
import { stripeClientOf } from "./meter-windows.js";

export interface StripeSidePorts {
  readonly entries: EntryStore;
  readonly windows: WindowStore;
  readonly accounts: AccountStore;
  readonly invoices: InvoiceStore;
  readonly sink: MeterSink;
}

/** The charge side of a month: ledger, windows, meters, and what was invoiced and carried. */
export interface StripeSide {
  readonly windows: readonly (WindowView & { readonly currency: string })[];
  readonly billed: readonly (BilledBucket & { readonly currency: string })[];
  readonly notes: readonly string[];
}

const keyOf = ({ tenantId, bucket, day }: { tenantId: string; bucket: string; day: string }): string =>
  `${tenantId}:${bucket}:${day}`;

export async function stripeSide(ports: StripeSidePorts, below: Scope, month: Month): Promise<StripeSide> {
  const [days, kept] = await Promise.all([ports.entries.dayTotals(below, month), ports.windows.ofMonth(below, month)]);
  const windows = new Map(kept.map((window) => [keyOf(window), window]));
  const meters = await meteredDays(ports, days, month);
  const views = days.map((day) => {
    const window = windows.get(keyOf(day));
    return { ...viewOf(day, window), ...meterOf(meters, day, window), currency: day.currency };
  });
  return { windows: views, ...(await billedOf(ports, { below, month, kept })) };
}

const viewOf = (
  day: { tenantId: TenantId; bucket: string; day: string; chargeMicros: bigint },
  window: UsageWindow | undefined,
): WindowView => ({
  tenantId: day.tenantId,
  bucket: day.bucket,
  day: day.day,
  ledgerMicros: day.chargeMicros,
  ...(window?.sentMicros !== undefined && { windowMicros: window.sentMicros }),
  ...(window?.rejected !== undefined && { rejected: window.rejected }),
  afterInvoice: window?.afterInvoice ?? false,
});

function meterOf(
  meters: ReadonlyMap<string, bigint>,
  day: { tenantId: string; bucket: string; day: string },
  window: UsageWindow | undefined,
): Pick<WindowView, "meterMicros"> {
  const metered = meters.get(keyOf(day));
  if (metered !== undefined) return { meterMicros: metered };
  return window?.sentMicros === 0n ? { meterMicros: 0n } : {};
}

/** Asked from Stripe now, once per client and bucket that has anything in the month. */
async function meteredDays(
  ports: StripeSidePorts,
  days: readonly (BucketTotal & { readonly day: string })[],
  month: Month,
): Promise<ReadonlyMap<string, bigint>> {
  const found = new Map<string, bigint>();
  const charged = days.filter(({ chargeMicros }) => chargeMicros !== 0n);
  const pairs = new Map(charged.map((one) => [`${one.tenantId}:${one.bucket}`, one]));
  for (const { tenantId, bucket } of pairs.values()) {
    const client = stripeClientOf(await ports.accounts.find({ tenant: tenantId, ancestors: [] }, tenantId));
    if (client === undefined) continue;
    for (const [day, micros] of await ports.sink.dailyTotals(client, bucket, utcMonth(month)))
      found.set(keyOf({ tenantId, bucket, day }), micros);
  }
  return found;
}

async function billedOf(
  ports: StripeSidePorts,
  { below, month, kept }: { below: Scope; month: Month; kept: readonly UsageWindow[] },
): Promise<Pick<StripeSide, "billed" | "notes">> {
  const totals = await ports.entries.bucketTotals(below, month);
  const invoices = (await ports.invoices.findAll(below, { month })).filter(isFinal);
  const billed: (BilledBucket & { readonly currency: string })[] = [];
  const open: string[] = [];
  for (const tenantId of new Set(totals.map((one) => one.tenantId))) {
    const invoice = invoices.find((one) => one.tenantId === tenantId);
    if (invoice === undefined) open.push(tenantId);
    else billed.push(...(await billedBuckets(ports, invoice, { totals, kept })));
  }
  const notes = open.map(
    (tenantId) => `The invoice of ${tenantId} for ${month} is not final: its lines were not compared.`,
  );
  return { billed, notes };
}

async function billedBuckets(
  ports: StripeSidePorts,
  invoice: Invoice,
  { totals, kept }: { totals: readonly BucketTotal[]; kept: readonly UsageWindow[] },
): Promise<(BilledBucket & { readonly currency: string })[]> {
  const own: Scope = { tenant: invoice.tenantId, ancestors: invoice.ancestorIds };
  const carried = new Map(
    (await ports.entries.carriedFrom(own, invoice.month)).map((one) => [one.bucket as string, one.micros]),
  );
  const ledger = new Map(
    totals
      .filter(({ tenantId }) => tenantId === invoice.tenantId)
      .map((one) => [one.bucket as string, one.chargeMicros]),
  );
  const names = new Set([...ledger.keys(), ...invoice.lines.map(({ bucket }) => bucket ?? "not ours")]);
  return [...names].sort().map((bucket) => {
    const minor = invoice.lines
      .filter((line) => (line.bucket ?? "not ours") === bucket)
      .reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
    const carryMicros = carried.get(bucket) ?? 0n;
    return {
      tenantId: invoice.tenantId,
      bucket,
      currency: invoice.currency,
      ledgerMicros: ledger.get(bucket) ?? 0n,
      billedMicros: minor * microsPerMinor(invoice.currency),
      carryMicros,
      changedLate: kept.some((one) => one.tenantId === invoice.tenantId && one.bucket === bucket && one.afterInvoice),
      roundingOnly: isRounding(invoice.currency, carryMicros),
    };
  });
}
