import { event, invoiceFinalized, monthClosed } from "@greentick/contracts";
import {
  AppError,
  type Call,
  microsFromDecimal,
  type Month,
  nextMonth,
  type Scope,
  systemScope,
  tenantScope,
  utcMonth,
} from "@greentick/kernel";
import { endedOn, isReady, lastMonth, type ReadyAccount } from "../domain/account.js";
import { type Bucket } from "../domain/bucket.js";
import { closesAt } from "../domain/calendar.js";
import { type Invoice, isFinal, type StripeInvoice } from "../domain/invoice.js";
import {
  agrees,
  type BillingMonth,
  type BucketComparison,
  closed,
  finalized,
  finalizing,
  monthId,
  newMonth,
  waitingFor,
} from "../domain/month.js";
import { type MeterSink, type MonthStore, type StripeClient, type TimerPort, type UsageWindow } from "../ports.js";
import { eachAlone } from "./each-alone.js";
import { stripeClientOf } from "./meter-windows.js";
import { bookFeesDue, type FeePorts } from "./platform-fees.js";
import { type CarryPorts, settleCarry } from "./settle-carry.js";
import { settleMonthTerms } from "./settle-month-terms.js";
import { type InvoicePorts, keepInvoice } from "./track-invoice.js";

export interface ClosePorts extends CarryPorts, InvoicePorts, FeePorts {
  readonly months: MonthStore;
  readonly sink: MeterSink;
  readonly timers: TimerPort;
}

/** Kinds of the durable timers of the close calendar; each is about `<tenant>:<month>`. */
export const monthStarts = "billing.month-start";
export const monthCloses = "billing.month-close";

/**
 * A month begins for a client: its record, its fee, the timers of its end. The last month of a closed client is the one after its closing, for
 * what Meta reports late: Stripe invoices it and ends the subscription, and no other month begins. Safe to repeat.
 */
export const beginMonth =
  (ports: ClosePorts) =>
  async (call: Call, month: Month): Promise<void> => {
    const account = await ports.accounts.find(tenantScope(call), call.tenantId);
    const last = account && lastMonth(account);
    const client = stripeClientOf(account);
    if (last !== undefined && month >= last && client !== undefined) await ports.provider.endSubscription(client);
    if (last !== undefined && month > last) return;
    await ensureMonth(ports, call, month);
    const next = nextMonth(month);
    await ports.timers.set(call, { kind: monthCloses, about: monthId(call.tenantId, month), dueAt: closesAt(month) });
    await ports.timers.set(call, {
      kind: monthStarts,
      about: monthId(call.tenantId, next),
      dueAt: utcMonth(next).start,
    });
    await bookFeesDue(ports)(call);
  };

/** The client is closed: the intent, from which fees, months and the subscription take their end. Safe to repeat. */
export const endBilling =
  ({ accounts }: Pick<ClosePorts, "accounts">) =>
  async (call: Call, at: Date): Promise<void> => {
    const account = await accounts.find(tenantScope(call), call.tenantId);
    if (account === undefined || account.endedAt !== undefined) return;
    await accounts.save(call, endedOn(account, at), []);
    call.log.info({ lastMonth: lastMonth(endedOn(account, at)) }, "billing of a closed client ends");
  };

async function ensureMonth(ports: ClosePorts, call: Call, month: Month): Promise<BillingMonth> {
  const owned: Scope = tenantScope(call);
  const fresh = newMonth(call, month);
  const before = await ports.months.find(owned, fresh.id);
  if (before !== undefined) return before;
  return ports.months.insert(call, fresh, []).catch(async (error: unknown) => {
    const first = await ports.months.find(owned, fresh.id);
    if (!(error instanceof AppError) || first === undefined) throw error;
    return first;
  });
}

/** 48 hours after its end the ledger's month is closed: what becomes known later is booked in the open month. Safe to repeat. */
export const closeMonth =
  (ports: ClosePorts) =>
  async (call: Call, month: Month): Promise<void> => {
    const before = await ensureMonth(ports, call, month);
    if (before.status !== "open") return;
    await ports.months.save(call, closed(before, call.now()), [event(monthClosed, { month })]);
    call.log.info({ month }, "ledger month closed");
  };

/**
 * Takes every closed month as far as it can go: usage told and confirmed, draft compared, finalized, lines read back, carry posted. A month
 * that cannot go on keeps saying what it waits for. Returns how many moved. @throws every failure, after every other month had its turn.
 */
export const advanceMonths = (ports: ClosePorts) => async (): Promise<number> => {
  const open = await ports.months.findAll(systemScope("month-close"), { status: ["closed", "finalizing"] });
  return eachAlone(open, async (month) => ((await advanceMonth(ports, ports.callFor(month), month)) ? 1 : 0));
};

interface Closing {
  readonly call: Call;
  readonly month: BillingMonth;
  readonly account: ReadyAccount;
  readonly client: StripeClient;
}

async function advanceMonth(ports: ClosePorts, call: Call, month: BillingMonth): Promise<boolean> {
  const account = await ports.accounts.find(tenantScope(call), call.tenantId);
  const client = stripeClientOf(account);
  if (!isReady(account) || client === undefined)
    return wait(ports, call, { next: waitingFor(month, "an account at Stripe"), before: month });
  const closing = { call, month, account, client };
  const windows = await ports.windows.ofMonth(tenantScope(call), month.month);
  const open = openWindows(windows);
  const invoice = await ports.provider.findInvoice(client, month.month);
  if (invoice === undefined)
    return wait(ports, call, { next: waitingFor(month, "the draft invoice of Stripe"), before: month });
  if (isFinal(invoice)) return complete(ports, closing, invoice);
  if (open !== undefined) return wait(ports, call, { next: waitingFor(month, open), before: month });
  if (await settleMonthTerms(ports)(call, { account, month: month.month, isFinal: false })) return true;
  const differing = (await comparisons(ports, closing, { windows, invoice })).filter((one) => !agrees(one));
  if (differing.length > 0)
    return wait(ports, call, { next: waitingFor(month, "ledger, meter and draft to agree", differing), before: month });
  const intent = await ports.months.save(call, finalizing(month, invoice.stripeInvoiceId), []);
  const key = `inv:${month.id}:finalize`;
  const final = await ports.provider.finalize(month.livemode, invoice.stripeInvoiceId, key);
  return complete(ports, { ...closing, month: intent }, final);
}

/** What is still to be told to Stripe or to be confirmed by it; undefined when nothing is. */
function openWindows(windows: readonly UsageWindow[]): string | undefined {
  if (windows.some(({ rejected }) => rejected !== undefined)) return "a usage total that Stripe refused";
  if (windows.some(({ dirtyVersion, sentVersion }) => dirtyVersion > sentVersion)) return "usage to be told to Stripe";
  if (windows.some((window) => window.sentMicros !== window.confirmedMicros)) return "usage to be confirmed by Stripe";
  return undefined;
}

/** Writes only what changed, so that a waiting month is quiet. Never counts as progress. */
async function wait(
  ports: ClosePorts,
  call: Call,
  { next, before }: { readonly next: BillingMonth; readonly before: BillingMonth },
): Promise<false> {
  const words = (month: BillingMonth): string => [month.waitsFor, ...month.differences.map(differenceWords)].join("|");
  if (words(next) !== words(before)) {
    await ports.months.save(call, next, []);
    call.log.info({ month: next.month, waitsFor: next.waitsFor }, "month waits before its invoice is final");
  }
  return false;
}
const differenceWords = (one: BucketComparison): string =>
  [one.bucket, one.ledgerMicros, one.windowMicros, one.meterMicros, one.lineMicros].join(":");

/** Each bucket of the month on its four sides. */
async function comparisons(
  ports: ClosePorts,
  { call, month, client }: Closing,
  { windows, invoice }: { windows: readonly UsageWindow[]; invoice: StripeInvoice },
): Promise<readonly BucketComparison[]> {
  const totals = await ports.entries.bucketTotals(tenantScope(call), month.month);
  const ledger = new Map(totals.map(({ bucket, chargeMicros }) => [bucket, chargeMicros]));
  const buckets = new Set<Bucket>([...ledger.keys(), ...invoice.lines.flatMap(({ bucket }) => bucket ?? [])]);
  const found: BucketComparison[] = [];
  for (const bucket of [...buckets].sort()) {
    const mine = windows.filter((window) => window.bucket === bucket);
    const told = mine.reduce((sum, { sentMicros }) => sum + (sentMicros ?? 0n), 0n);
    const days =
      told === 0n && mine.every(({ sentMicros }) => (sentMicros ?? 0n) === 0n)
        ? []
        : await metered(ports, client, bucket, month.month);
    const line = invoice.lines.filter((one) => one.bucket === bucket);
    found.push({
      bucket,
      ledgerMicros: ledger.get(bucket) ?? 0n,
      windowMicros: told,
      meterMicros: days.reduce((sum, micros) => sum + micros, 0n),
      ...(line.length > 0 && {
        lineMicros: line.reduce((sum, one) => sum + microsFromDecimal(one.quantity, "round"), 0n),
      }),
    });
  }
  return found;
}

const metered = async (ports: ClosePorts, client: StripeClient, bucket: Bucket, month: Month): Promise<bigint[]> => [
  ...(await ports.sink.dailyTotals(client, bucket, utcMonth(month))).values(),
];

/** The invoice is final: its lines are read back, what they left is carried, and the month is done. */
async function complete(ports: ClosePorts, { call, month, account }: Closing, final: StripeInvoice): Promise<boolean> {
  const invoice = await keepInvoice(ports, call, { current: final, month: month.month });
  await settleMonthTerms(ports)(call, { account, month: month.month, isFinal: true });
  const carryMicros = await settleCarry(ports)(call, account, invoice);
  await ports.months.save(call, finalized({ ...month, stripeInvoiceId: final.stripeInvoiceId }), [
    event(invoiceFinalized, {
      invoiceId: invoice.id,
      stripeInvoiceId: invoice.stripeInvoiceId,
      month: month.month,
      currency: invoice.currency,
      totalMinor: invoice.totalMinor,
      carryMicros,
    }),
  ]);
  call.log.info(
    { month: month.month, invoiceId: invoice.id, totalMinor: invoice.totalMinor.toString() },
    "invoice final",
  );
  return true;
}

/** Carries what reached a final month late; also when its invoice was made void since, because the change is owed all the same. */
export const carryLate =
  (ports: ClosePorts) =>
  async (tenantId: UsageWindow["tenantId"], window: UsageWindow): Promise<void> => {
    const account = await ports.accounts.get(systemScope("month-close"), tenantId);
    if (!isReady(account)) throw lostInvoice(window);
    const call = ports.callFor(account);
    const issued = (await ports.invoices.findAll(tenantScope(call), { month: window.month })).filter(
      ({ status }) => status !== "draft",
    );
    const invoice: Invoice | undefined = issued.find(isFinal) ?? issued[0];
    if (invoice === undefined) throw lostInvoice(window);
    await settleMonthTerms(ports)(call, { account, month: window.month, isFinal: true });
    await settleCarry(ports)(call, account, invoice);
  };

/** The window stays unsent, so that the change is neither billed twice nor forgotten. */
const lostInvoice = ({ id, month }: UsageWindow): Error =>
  new Error(
    `The month ${month} of window ${id} is final and its invoice is not here. Let Stripe send its event again.`,
  );
