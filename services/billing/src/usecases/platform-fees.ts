import {
  type Call,
  money,
  type Month,
  nextMonth,
  startOfUtcDay,
  systemScope,
  tenantScope,
  utcMonthOf,
} from "@greentick/kernel";
import { billedFrom, isReady, lastFeeMonth, type ReadyAccount } from "../domain/account.js";
import { firstDayOf, isClosed, later } from "../domain/calendar.js";
import { type PricePlan } from "../domain/price-plan.js";
import { feeKey, feeOf, type FeeSubject } from "../domain/platform-fee.js";
import { type FeeInput, type LedgerEntry, platformFeeEntry } from "../domain/ledger-entry.js";
import {
  type AccountStore,
  type EntryIds,
  type EntryStore,
  type FeeSubjectStore,
  type PlanStore,
  type WabaBook,
  type WindowStore,
} from "../ports.js";
import { bookedChains, lessBooked } from "./booked-chains.js";

export interface FeePorts {
  readonly accounts: AccountStore;
  readonly plans: PlanStore;
  readonly wabas: WabaBook;
  readonly feeSubjects: FeeSubjectStore;
  readonly entries: EntryStore;
  readonly windows: WindowStore;
  readonly entryIds: EntryIds;
}

const scope = systemScope("month-close");

/**
 * Books every fee of the client that is due by now, for itself, its WhatsApp accounts and its numbers, from the month in which its account was
 * opened. Asked on the first of each month and whenever something arrives that a fee waited for: the account at Stripe, a plan, an account, a live number, the
 * client's closing. A closed client owes none after the month of its closing. Safe to repeat: under each subject and month the fee is booked once, and while the month is open
 * what it comes to later is booked as the difference.
 */
export const bookFeesDue =
  (ports: FeePorts) =>
  async (call: Call): Promise<void> => {
    const account = await ports.accounts.find(tenantScope(call), call.tenantId);
    const liveSince = await ports.wabas.liveSince(scope, call.tenantId);
    if (!isReady(account) || liveSince === undefined) return;
    const plans = await ports.plans.findAll(tenantScope(call), {});
    const client: FeeSubject = { kind: "client", since: liveSince };
    const subjects = plans.some(({ fees }) => fees !== undefined) ? await ports.feeSubjects.of(tenantScope(call)) : [];
    const fees = feesDue(call, { account, plans, subjects: [client, ...subjects] });
    const chains = await bookedChains(ports, call, fees);
    for (const fee of fees) await bookFee(ports, call, { fee, chain: chains.get(fee.key) ?? [] });
  };

interface Owing {
  readonly account: ReadyAccount;
  readonly plans: readonly PricePlan[];
  readonly subjects: readonly FeeSubject[];
}
interface DueFee extends NonNullable<ReturnType<typeof feeOf>> {
  readonly key: string;
  readonly at: Date;
  readonly month: Month;
}

function feesDue(call: Call, { account, plans, subjects }: Owing): readonly DueFee[] {
  const now = call.now();
  const { endedAt } = account;
  const ends = lastFeeMonth(account);
  const due = utcMonthOf(now);
  const last = ends !== undefined && ends < due ? ends : due;
  const fees: DueFee[] = [];
  for (const subject of subjects)
    for (
      let month = later(utcMonthOf(subject.since), utcMonthOf(account.openedAt));
      month <= last;
      month = nextMonth(month)
    ) {
      const asked = { month, subject, billedFrom: billedFrom(account), plans, now };
      const fee = feeOf({ ...asked, ...(endedAt !== undefined && { endedAt }) });
      if (fee !== undefined && isIn(account, fee, { call, month }))
        fees.push({ ...fee, month, key: feeKey(month, subject), at: timeOf(month) });
    }
  return fees;
}

/** Part of the entry's id: when somebody was first heard of can become earlier, the month of a fee cannot. */
const timeOf = (month: Month): Date => startOfUtcDay(firstDayOf(month));

function isIn(
  { currency }: ReadyAccount,
  { amount }: FeeInput,
  { call, month }: { readonly call: Call; readonly month: Month },
): boolean {
  if (amount.currency === currency) return true;
  call.log.error(
    { month, planCurrency: amount.currency, accountCurrency: currency },
    "a platform fee is not booked: its plan has another currency than the account, release one in the account's",
  );
  return false;
}

interface FeeToBook {
  readonly fee: DueFee;
  readonly chain: readonly LedgerEntry[];
}

/** The entry first, then its window, for repeats too: what is about a closed month may lie in one that is open. */
async function bookFee(ports: FeePorts, call: Call, { fee, chain }: FeeToBook): Promise<void> {
  const now = call.now();
  const { key, at, month, day } = fee;
  if (chain.length > 0 && isClosed(month, now)) {
    const open = chain.filter((entry) => !isClosed(entry.month, now));
    await ports.entries.insert(scope, open);
    await ports.windows.markDirty(scope, open);
    return;
  }
  const booked = chain.reduce((sum, { charge }) => sum + charge.amountMicros, 0n);
  const amount = money(fee.amount.currency, fee.amount.amountMicros - booked);
  const seq = chain.length;
  const reasons = [...fee.reasons, ...lessBooked(chain)];
  const booking = { id: ports.entryIds(call.tenantId, key, seq, at), key, seq, day, bookedAt: now };
  const entries = amount.amountMicros === 0n ? [] : [platformFeeEntry(call, booking, { amount, reasons })];
  const all = [...chain, ...entries];
  await ports.entries.insert(scope, all);
  await ports.windows.markDirty(scope, all);
}
