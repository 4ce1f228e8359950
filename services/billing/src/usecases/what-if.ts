import { allow, badInput, type Call, type LocalDate, type Month, money, type Money, utcDayOf } from "@greentick/kernel";
import { type BillingAccount, isReady } from "../domain/account.js";
import { lastDayOf } from "../domain/calendar.js";
import { marginBasisPoints, trafficBelow } from "../domain/margin.js";
import { checkOffer } from "../domain/plan-check.js";
import { owedDays } from "../domain/month-plan.js";
import { type PlanOffer } from "../domain/plan-release.js";
import { whatIf as price, type WhatIfLine } from "../domain/what-if.js";
import { type AccountStore } from "../ports.js";
import { inSight } from "./in-sight.js";
import { floorFor, type FloorPorts } from "./margin-floor.js";
import { exchangeInto, trafficOfMonth } from "./past-traffic.js";
import { readMonth } from "./read-month.js";

export interface WhatIfAsk {
  readonly tenantId: string;
  readonly month: string;
  readonly offer: Omit<PlanOffer, "effectiveFrom" | "currency"> & { readonly currency?: string };
}
/** A month of a client under a draft. Amounts in the client's currency. */
export interface WhatIfAnswer {
  readonly month: Month;
  readonly before: Money;
  readonly after: Money;
  /** What bundles, tiers and minimum would add or take back. */
  readonly adjustments: Money;
  /** What Meta charged for the messages that have a price; undefined while a rate into the client's currency is missing. */
  readonly cost?: Money;
  readonly marginBasisPoints?: number;
  readonly floorBasisPoints?: number;
  readonly belowFloor: readonly string[];
  readonly lines: readonly WhatIfLine[];
}
export type WhatIfQuery = (call: Call, ask: WhatIfAsk) => Promise<WhatIfAnswer>;

export interface WhatIfPorts extends FloorPorts {
  readonly accounts: AccountStore;
}

/**
 * What a month's messages would have cost a client under other terms, priced by the function that prices messages. Fees and carries are left
 * out. Nothing is written. @throws NOT_FOUND/billing_account_not_found, BAD_USER_INPUT naming the field.
 */
export const whatIfPlan =
  (ports: WhatIfPorts): WhatIfQuery =>
  async (call, { tenantId, month: text, offer }) => {
    allow(call, "billing:cost");
    const month = readMonth(text);
    const account = await ports.accounts.get(inSight(call), tenantId);
    const { currency } = account;
    if (offer.currency !== undefined && offer.currency !== currency)
      throw badInput("currency", `must be ${currency}, in which the client is billed`);
    const draft = { ...offer, currency };
    checkOffer(draft);
    const scope = { tenant: account.tenantId, ancestors: account.ancestorIds };
    const { traffic } = await trafficOfMonth(ports, scope, month);
    const exchange = await exchangeInto(ports, {
      draft,
      currencies: [...new Set(traffic.map(({ cost }) => cost.currency))],
      date: earlier(lastDayOf(month), utcDayOf(call.now())) as string as LocalDate,
      owners: [account.tenantId, ...account.ancestorIds],
    });
    const owed = owedOf(account, month);
    const found = price({ draft, traffic, exchange, ...(owed && { owed }) });
    const floor = await floorFor(ports, account, offer.floorBasisPoints);
    return {
      month,
      ...sumsOf(currency, found),
      lines: found.lines,
      ...(floor !== undefined && { floorBasisPoints: floor }),
      belowFloor: floor === undefined ? [] : trafficBelow(found, floor),
    };
  };

const earlier = <D extends string>(a: D, b: D): D => (a < b ? a : b);

const owedOf = (account: BillingAccount, month: Month): ReturnType<typeof owedDays> =>
  isReady(account) ? owedDays(account, month) : undefined;

function sumsOf(
  currency: string,
  { lines, adjustments }: ReturnType<typeof price>,
): Pick<WhatIfAnswer, "before" | "after" | "adjustments" | "cost" | "marginBasisPoints"> {
  const total = (of: (line: WhatIfLine) => Money): Money =>
    money(
      currency,
      lines.reduce((sum, line) => sum + of(line).amountMicros, 0n),
    );
  const added = money(
    currency,
    adjustments.reduce((sum, { micros }) => sum + micros, 0n),
  );
  const after = money(currency, total((line) => line.after).amountMicros + added.amountMicros);
  const cost = lines.every((line) => line.cost !== undefined)
    ? total((line) => line.cost ?? money(currency, 0n))
    : undefined;
  const margin = cost && marginBasisPoints(after, cost);
  return {
    before: total(({ before }) => before),
    after,
    adjustments: added,
    ...(cost && { cost }),
    ...(margin !== undefined && { marginBasisPoints: margin }),
  };
}
