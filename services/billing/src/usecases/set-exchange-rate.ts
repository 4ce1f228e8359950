import { event, exchangeRateSet } from "@greentick/contracts";
import { allow, badInput, type Call, type LocalDate, tenantScope } from "@greentick/kernel";
import { billingErrors } from "../domain/errors.js";
import { type ExchangeRate, isRate } from "../domain/exchange.js";
import { isDay } from "../domain/calendar.js";
import { isCurrency, isSource, sourceForm } from "../domain/plan-check.js";
import { type ExchangeRateStore } from "../ports.js";

export interface SetExchangeRateInput {
  readonly from: string;
  readonly to: string;
  readonly rate: string;
  readonly effectiveFrom: string;
  readonly source: string;
  readonly at: Date;
}
export type SetExchangeRate = (call: Call, input: SetExchangeRateInput) => Promise<ExchangeRate>;

/**
 * Keeps a published rate for the caller's organisation and all below it. A rate is never changed: another one for the same pair, source and day
 * gets the next number and counts for what is rated from then on; what is booked keeps the rate it was made with. The rate that says the same as the last one is
 * returned as it is. @throws BAD_USER_INPUT naming the field, CONFLICT/exchange_rate_raced.
 */
export const setExchangeRate =
  ({ rates }: { readonly rates: ExchangeRateStore }): SetExchangeRate =>
  async (call, input) => {
    allow(call, "billing:write");
    checkInput(input, call.now());
    const effectiveFrom = input.effectiveFrom as LocalDate;
    const { from, to, source } = input;
    const before = await rates.findAll(tenantScope(call), { from, to, source, effectiveFrom });
    const last = before.reduce<ExchangeRate | undefined>(
      (best, one) => (best === undefined || one.number > best.number ? one : best),
      undefined,
    );
    if (last?.rate === input.rate && last.at.getTime() === input.at.getTime()) return last;
    const rate: ExchangeRate = {
      id: call.newId("exchangeRate"),
      tenantId: call.tenantId,
      ancestorIds: call.ancestorIds,
      livemode: call.livemode,
      version: 0,
      number: (last?.number ?? 0) + 1,
      ...input,
      effectiveFrom,
    };
    const data = { rateId: rate.id, from, to, effectiveFrom, number: rate.number };
    const kept = await rates.insert(call, rate, [event(exchangeRateSet, data)], { mutation: "setExchangeRate", input });
    call.log.info({ exchangeRateId: kept.id, from, to, effectiveFrom, number: kept.number }, "exchange rate set");
    return kept;
  };

function checkInput({ from, to, rate, effectiveFrom, source, at }: SetExchangeRateInput, now: Date): void {
  for (const [field, text] of Object.entries({ from, to }))
    if (!isCurrency(text)) throw badInput(field, "must be a code of three letters such as USD");
  if (from === to) throw badInput("to", "must be another currency than from");
  if (!isRate(rate))
    throw badInput(
      "rate",
      "must be a plain decimal above zero with at most nine digits before the point and twelve behind it",
    );
  if (!isDay(effectiveFrom)) throw billingErrors.notADay("effectiveFrom", effectiveFrom);
  if (!isSource(source)) throw badInput("source", sourceForm);
  if (Number.isNaN(at.getTime()) || at > now) throw badInput("at", "must not lie in the future");
}
