import { balanceToppedUp, event, prepaidSet } from "@greentick/contracts";
import { allow, badInput, type Call, tenantScope, utcDayOf } from "@greentick/kernel";
import { type Once } from "../domain/reservation.js";
import { type Prepaid, type Spending, type TopUp, type TopUpSource } from "../domain/spending.js";
import { spendingErrors } from "../domain/spending-errors.js";
import { type AccountStore, type OnceOf, type SameRequest } from "../ports.js";
import { beginCounting, type CountingPorts } from "./count-spending.js";

export interface SetPrepaidInput {
  /** How far the balance may go below zero. */
  readonly overdraftMicros: bigint;
  readonly alertsBelow: readonly bigint[];
}
export interface TopUpInput {
  readonly currency: string;
  readonly micros: bigint;
  readonly source: TopUpSource;
  readonly reference: string;
}
export interface ToppedUp {
  readonly topUp: TopUp;
  readonly spending: Spending;
}
export type SetPrepaid = (call: Call, input: SetPrepaidInput) => Promise<Spending>;
export type TopUpBalance = (call: Call, input: TopUpInput) => Promise<ToppedUp>;

export interface PrepaidPorts extends CountingPorts {
  readonly accounts: AccountStore;
  readonly onceOf: OnceOf;
  readonly sameRequest: SameRequest;
}

const mostAlerts = 10;

/**
 * Lets a client pay in advance from today (UTC) on, or changes its terms: every ledger entry of that day and later is paid from the balance.
 * It does not end. The same terms again change nothing. @throws BAD_USER_INPUT naming the field, NOT_FOUND/billing_account_not_found.
 */
export const setPrepaid =
  (ports: PrepaidPorts): SetPrepaid =>
  async (call, input) => {
    allow(call, "billing:write");
    const { overdraftMicros, alertsBelow } = input;
    if (overdraftMicros < 0n) throw badInput("overdraft", "must not be negative");
    if (alertsBelow.length > mostAlerts || new Set(alertsBelow).size !== alertsBelow.length)
      throw badInput("alertsBelow", `must be at most ${mostAlerts} different amounts`);
    const account = await ports.accounts.get(tenantScope(call), call.tenantId);
    await beginCounting(ports, call, account.currency);
    return ports.desk.set(call, async (before) => {
      const prepaid = { ...(before.prepaid ?? (await begun(ports, call, before))), overdraftMicros, alertsBelow };
      if (sameTerms(before.prepaid, prepaid)) return { spending: before, events: [], answer: before };
      const told = prepaid.told.filter((below) => alertsBelow.includes(below));
      const spending = { ...before, prepaid: { ...prepaid, told } };
      const data = { since: prepaid.since, currency: before.currency, overdraftMicros, alertsBelow: [...alertsBelow] };
      return { spending, events: [event(prepaidSet, data)], answer: spending };
    });
  };

const sameTerms = (before: Prepaid | undefined, next: Prepaid): boolean =>
  before?.overdraftMicros === next.overdraftMicros && before.alertsBelow.join() === next.alertsBelow.join();

async function begun({ spentEntries }: PrepaidPorts, call: Call, { currency }: Spending): Promise<Prepaid> {
  const since = utcDayOf(call.now());
  return {
    since,
    toppedUpMicros: 0n,
    chargedMicros: await spentEntries.sum(tenantScope(call), { sinceDay: since, currency }),
    reservedMicros: 0n,
    overdraftMicros: 0n,
    alertsBelow: [],
    told: [],
  };
}

/**
 * Notes what a client has paid in. The same request under the same key is noted once.
 * @throws CONFLICT/not_prepaid, BAD_USER_INPUT/currency_differs, BAD_USER_INPUT naming the field.
 */
export const topUpBalance =
  (ports: PrepaidPorts): TopUpBalance =>
  async (call, input) => {
    allow(call, "billing:write");
    if (input.micros <= 0n) throw badInput("amount", "must be above zero");
    if (input.reference.trim() === "" || input.reference.length > 120)
      throw badInput("reference", "must have 1 to 120 characters");
    const once = ports.onceOf(call, "topUpBalance", input);
    if (once === undefined) throw badInput("idempotencyKey", "is needed, so that a repeat pays in nothing twice");
    const scope = tenantScope(call);
    if ((await ports.spending.find(scope, call.tenantId)) === undefined) throw spendingErrors.noPrepaid();
    return ports.desk.set(call, async (before): Promise<SettingOfTopUp> => {
      const [first] = await ports.topUps.madeBy(scope, [once]);
      if (first !== undefined && ports.sameRequest(once, [first.once]))
        return { spending: before, events: [], answer: { topUp: first, spending: before } };
      return toppedUp(before, call, { input, once });
    });
  };

interface SettingOfTopUp {
  readonly spending: Spending;
  readonly events: readonly ReturnType<typeof event>[];
  readonly answer: ToppedUp;
  readonly topUp?: TopUp;
}

function toppedUp(
  before: Spending,
  call: Call,
  { input, once }: { readonly input: TopUpInput; readonly once: Once },
): SettingOfTopUp {
  if (before.prepaid === undefined) throw spendingErrors.noPrepaid();
  if (input.currency !== before.currency) throw spendingErrors.topUpCurrency(input.currency, before.currency);
  const toppedUpMicros = before.prepaid.toppedUpMicros + input.micros;
  const { tenantId, ancestorIds, livemode } = call;
  const { micros, source, reference, currency } = input;
  const id = call.newId("topUp");
  const topUp = {
    id,
    tenantId,
    ancestorIds,
    livemode,
    currency,
    micros,
    source,
    reference,
    at: call.now(),
    toppedUpMicros,
    once,
  };
  const spending = { ...before, prepaid: { ...before.prepaid, toppedUpMicros } };
  const data = { topUpId: id, currency, amountMicros: micros, source, reference, toppedUpMicros };
  return { spending, events: [event(balanceToppedUp, data)], answer: { topUp, spending }, topUp };
}
