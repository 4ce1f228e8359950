import {
  after,
  type Clock,
  faultPoint,
  type Log,
  minuteMs,
  startOfUtcDay,
  systemScope,
  type TenantId,
  utcDayOf,
  utcMonth,
} from "@greentick/kernel";
import { type BillingAccount, isReady } from "../domain/account.js";
import { monthId } from "../domain/month.js";
import { eachAlone } from "./each-alone.js";
import { throwFailures } from "./failures.js";
import {
  type AccountStore,
  type BalanceStore,
  type BusinessNow,
  type MeterSink,
  type MonthStore,
  type PageOfWindows,
  type StripeClient,
  type ToldTotal,
  type UsageWindow,
  type WindowStore,
} from "../ports.js";

export interface MeterPorts {
  readonly windows: WindowStore;
  readonly balances: BalanceStore;
  readonly accounts: AccountStore;
  readonly months: MonthStore;
  readonly sink: MeterSink;
  readonly businessNow: BusinessNow;
  readonly systemNow: Clock;
  /** How long a window that was told lies still: what changes meanwhile is told together. */
  readonly meterRestMs: number;
  /** Carries what came after the invoice was final into the open month. */
  readonly settleCarry: (tenantId: TenantId, window: UsageWindow) => Promise<void>;
  readonly log: Log;
}

const scope = systemScope("meter-sender");
const batchSize = 500;
/** Usage of one day is stamped one minute before its end, so that it lies inside the day. */
const lastMinuteMs = 23 * 60 * minuteMs + 59 * minuteMs;
const alarmAfterMs = 60 * minuteMs;
const retryAfterMs = (tries: number): number => Math.min(1_000 * 2 ** tries, 5 * minuteMs);

const laneOf = ({ tenantId, bucket }: UsageWindow): string => `${tenantId}:${bucket}`;

function lanesOf(windows: readonly UsageWindow[], keyOf: (window: UsageWindow) => string): UsageWindow[][] {
  const lanes = new Map<string, UsageWindow[]>();
  for (const window of windows) lanes.set(keyOf(window), [...(lanes.get(keyOf(window)) ?? []), window]);
  return [...lanes.values()];
}

export function stripeClientOf(account: BillingAccount | undefined): StripeClient | undefined {
  if (!isReady(account)) return undefined;
  const { tenantId, livemode, currency, customerId, subscriptionId, billedSince } = account;
  return { tenantId, livemode, currency, customerId, subscriptionId, billedSince };
}

/** Stripe refuses everything at the moment; the round ends and the next one tries again. */
class Stopped extends Error {}

/**
 * Tells Stripe the totals of dirty windows, one at a time per customer and meter (Stripe: rate limits). What was booked since is added up from
 * its entries after the version was read, so a change in between keeps the window dirty. What was told a little while ago rests, unless somebody
 * hurries: under a stream of deliveries each total would be told hundreds of times a day. Returns how many windows moved on.
 */
export const sendWindows =
  (ports: MeterPorts) =>
  async (hurried: boolean): Promise<number> => {
    const dirty = (page: PageOfWindows): Promise<readonly UsageWindow[]> =>
      ports.windows.dirty(scope, { ...page, now: ports.systemNow(), hurried });
    try {
      return await eachPage(dirty, (windows) => sendPage(ports, windows));
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      ports.log.error({ err: error }, "metering stopped: Stripe refuses every call, look at key and permissions");
      return 0;
    }
  };

/** All pages, whatever becomes of one; @throws Stopped at once, every other failure at the end. */
async function eachPage(
  read: (page: PageOfWindows) => Promise<readonly UsageWindow[]>,
  work: (windows: readonly UsageWindow[]) => Promise<number>,
): Promise<number> {
  const failures: unknown[] = [];
  let done = 0;
  let after: string | undefined;
  for (;;) {
    const windows = await read({ limit: batchSize, ...(after !== undefined && { after }) });
    done += await work(windows).catch((error: unknown) => {
      if (error instanceof Stopped) throw error;
      failures.push(error);
      return 0;
    });
    after = windows.at(-1)?.id;
    if (windows.length < batchSize) break;
  }
  throwFailures(failures);
  return done;
}

/** Four lanes at a time. No worker outlives the page, so that a customer and meter is never told twice at once. */
async function sendPage(ports: MeterPorts, dirty: readonly UsageWindow[]): Promise<number> {
  const lanes = lanesOf(dirty, laneOf);
  const failures: unknown[] = [];
  let moved = 0;
  const sendLane = async (lane: readonly UsageWindow[]): Promise<void> => {
    for (const window of lane) moved += await sendWindow(ports, window);
  };
  const worker = async (): Promise<void> => {
    for (let lane = lanes.pop(); lane !== undefined; lane = lanes.pop())
      await sendLane(lane).catch((error: unknown) => {
        failures.push(error);
        if (error instanceof Stopped) lanes.length = 0;
      });
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  const stopped = failures.find((error) => error instanceof Stopped);
  throwFailures(stopped === undefined ? failures : [stopped]);
  return moved;
}

async function sendWindow(ports: MeterPorts, window: UsageWindow): Promise<number> {
  if (window.day > utcDayOf(ports.businessNow(window.livemode))) return 0;
  const month = await ports.months.find(scope, monthId(window.tenantId, window.month));
  if (month?.status === "finalizing") return 0;
  if (month?.status === "finalized") return carryOn(ports, window);
  const client = stripeClientOf(await ports.accounts.find(scope, window.tenantId));
  if (client === undefined) return 0;
  const micros = await ports.balances.windowTotal(scope, window);
  if (micros === 0n && window.sentVersion === 0) return told(ports, window, { micros, afterInvoice: false });
  return outcomeOf(ports, window, { client, micros });
}

/** The invoice is final: nothing told now would be billed, so the difference goes into the open month. */
async function carryOn(ports: MeterPorts, window: UsageWindow): Promise<number> {
  await ports.settleCarry(window.tenantId, window);
  return told(ports, window, { micros: window.confirmedMicros ?? 0n, afterInvoice: true });
}

async function told(
  ports: MeterPorts,
  window: UsageWindow,
  what: Pick<ToldTotal, "micros" | "afterInvoice">,
): Promise<number> {
  const at = ports.systemNow();
  await ports.windows.sent(scope, window, { ...what, at, restsUntil: after(at, ports.meterRestMs) });
  return 1;
}

async function outcomeOf(
  ports: MeterPorts,
  window: UsageWindow,
  { client, micros }: { client: StripeClient; micros: bigint },
): Promise<number> {
  const outcome = await ports.sink.send(client, {
    bucket: window.bucket,
    micros,
    at: stampOf(window, client.billedSince, ports.businessNow(window.livemode)),
    identifier: `wm:${window.id}:v${window.dirtyVersion}`,
  });
  await faultPoint("meter.sent");
  const about = { windowId: window.id, tenantId: window.tenantId };
  switch (outcome.kind) {
    case "done":
      return told(ports, window, { micros, afterInvoice: false });
    case "later":
      await ports.windows.postponed(scope, window, after(ports.systemNow(), retryAfterMs(window.tries)));
      return 0;
    case "never":
      ports.log.error({ ...about, why: outcome.why }, "Stripe refused a usage total, somebody has to look");
      await ports.windows.rejected(scope, window, outcome.why);
      return 1;
    case "stop":
      throw new Stopped(outcome.why);
  }
}

/** Inside the day, not in the future, and not before the subscription, which may have begun in the day's last minute. */
function stampOf({ day }: UsageWindow, billedSince: Date, now: Date): Date {
  const last = after(startOfUtcDay(day), lastMinuteMs);
  const at = now < last ? now : last;
  return at < billedSince ? billedSince : at;
}

/**
 * Compares what Stripe has recorded with what it was told. Stripe records after it answered, so a difference is an alarm only after an hour;
 * then the total is told again. Returns how many windows were confirmed.
 */
export const confirmWindows = (ports: MeterPorts) => (): Promise<number> =>
  eachPage(
    (page) => ports.windows.unconfirmed(scope, page),
    (open) =>
      eachAlone(
        lanesOf(open, (window) => `${laneOf(window)}:${window.month}`),
        (lane) => confirmLane(ports, lane),
      ),
  );

async function confirmLane(ports: MeterPorts, lane: readonly UsageWindow[]): Promise<number> {
  const [first] = lane;
  const client = first && stripeClientOf(await ports.accounts.find(scope, first.tenantId));
  if (first === undefined || client === undefined) return 0;
  const totals = await ports.sink.dailyTotals(client, first.bucket, utcMonth(first.month));
  const agreeing = lane.filter(({ day, sentMicros }) => (totals.get(day) ?? 0n) === (sentMicros ?? 0n));
  await ports.windows.confirmed(scope, agreeing, ports.systemNow());
  const now = ports.systemNow().getTime();
  const differing = lane.filter(
    (window) => !agreeing.includes(window) && now - (window.sentAt?.getTime() ?? now) > alarmAfterMs,
  );
  for (const window of differing) {
    ports.log.error({ windowId: window.id }, "Stripe does not show a total it accepted an hour ago, it is told again");
    await ports.windows.tellAgain(scope, [window]);
  }
  return agreeing.length;
}
