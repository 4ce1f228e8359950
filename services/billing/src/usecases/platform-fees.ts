import { type Call, type Month, nextMonth, systemScope, tenantScope, utcMonthOf } from "@greentick/kernel";
import { billedFrom, isReady, lastFeeMonth, type ReadyAccount } from "../domain/account.js";
import { isClosed, later } from "../domain/calendar.js";
import { type PricePlan } from "../domain/price-plan.js";
import { feeKey, feeOf } from "../domain/platform-fee.js";
import { platformFeeEntry } from "../domain/ledger-entry.js";
import {
  type AccountStore,
  type EntryIds,
  type EntryStore,
  type PlanStore,
  type WabaBook,
  type WindowStore,
} from "../ports.js";

export interface FeePorts {
  readonly accounts: AccountStore;
  readonly plans: PlanStore;
  readonly wabas: WabaBook;
  readonly entries: EntryStore;
  readonly windows: WindowStore;
  readonly entryIds: EntryIds;
}

const scope = systemScope("month-close");

/**
 * Books every platform fee of the client that is due by now, from the month in which its account was opened. Asked on the first of each month
 * and whenever something arrives that a fee waited for: the account at Stripe, a plan, the first live number. A closed client owes none after the
 * month of its closing. Safe to repeat: one entry per month.
 */
export const bookFeesDue =
  (ports: FeePorts) =>
  async (call: Call): Promise<void> => {
    const account = await ports.accounts.find(tenantScope(call), call.tenantId);
    const liveSince = await ports.wabas.liveSince(scope, call.tenantId);
    if (!isReady(account) || liveSince === undefined) return;
    const plans = await ports.plans.findAll(tenantScope(call), {});
    const now = call.now();
    const ends = lastFeeMonth(account);
    const due = utcMonthOf(now);
    const last = ends !== undefined && ends < due ? ends : due;
    let month = later(utcMonthOf(liveSince), utcMonthOf(account.openedAt));
    for (; month <= last; month = nextMonth(month)) await bookFee(ports, call, { month, liveSince, account, plans });
  };

interface FeeMonth {
  readonly month: Month;
  readonly liveSince: Date;
  readonly account: ReadyAccount;
  readonly plans: readonly PricePlan[];
}

/** The entry first, then its window, for repeats too. */
async function bookFee(ports: FeePorts, call: Call, { month, liveSince, account, plans }: FeeMonth): Promise<void> {
  const now = call.now();
  const fee = feeOf({ month, liveSince, billedFrom: billedFrom(account), plans, now });
  if (fee === undefined) return;
  if (fee.amount.currency !== account.currency) {
    const facts = { month, planCurrency: fee.amount.currency, accountCurrency: account.currency };
    call.log.error(
      facts,
      "a platform fee is not booked: its plan has another currency than the account, release one in the account's",
    );
    return;
  }
  const key = feeKey(month);
  const id = ports.entryIds(call.tenantId, key, 0, new Date(`${fee.dueDay}T00:00:00.000Z`));
  const [before] = await ports.entries.getMany(tenantScope(call), [id]);
  if (before !== undefined && isClosed(month, now)) return;
  const entry = before ?? platformFeeEntry(call, { id, key, seq: 0, day: fee.day, bookedAt: now }, fee);
  await ports.entries.insert(scope, [entry]);
  await ports.windows.markDirty(scope, [entry]);
}
