import { allow, badInput, type Call, type Scope, tenantScope } from "@greentick/kernel";
import { type Estimate, estimate, type Intended, type PricingPlace, type ServiceWindow } from "../domain/estimate.js";
import { type Recipient } from "../domain/markets.js";
import { spendingErrors } from "../domain/spending-errors.js";
import { readCategory } from "../domain/words.js";
import { type ExchangeRateStore, type PlanStore, type TariffSource, type WabaBook, type Zones } from "../ports.js";
import { ratesFor } from "./known-rates.js";
import { termsAt } from "./settle-facts.js";

export interface EstimateRequest {
  /** Meta's id of the WhatsApp account that would send. */
  readonly wabaId: string;
  /** The recipient's number with its country code, digits only or with a `+`; or else the country. Neither is kept. */
  readonly recipient?: string;
  readonly country?: string;
  /** Meta's words; several while it is in doubt which will be used. */
  readonly categories: readonly string[];
  readonly window: ServiceWindow;
}
export type EstimateCharge = (call: Call, input: EstimateRequest) => Promise<Estimate>;

export interface EstimatePorts {
  readonly wabas: WabaBook;
  readonly plans: PlanStore;
  readonly tariffs: TariffSource;
  readonly zones: Zones;
  readonly rates: ExchangeRateStore;
}

/**
 * What a message would cost the client if it were delivered now. Nothing is kept of the question.
 * @throws NOT_FOUND/waba_not_found, BAD_USER_INPUT naming the field.
 */
export const estimateCharge =
  (ports: EstimatePorts): EstimateCharge =>
  async (call, input) => {
    allow(call, "charge:estimate");
    const intended = intendedOf(input);
    return estimate(intended, await placeOf(ports, call, input.wabaId));
  };

/** Where the account's messages are priced today. @throws NOT_FOUND/waba_not_found for one of another client, too. */
export async function placeOf(ports: EstimatePorts, call: Call, wabaId: string): Promise<PricingPlace> {
  const scope: Scope = tenantScope(call);
  const [found, plans] = await Promise.all([ports.wabas.find(scope, [wabaId]), ports.plans.findAll(scope, {})]);
  const waba = found.get(wabaId);
  if (waba === undefined) throw spendingErrors.wabaNotFound(wabaId);
  const { currency, timeZone } = termsAt(waba, call.now());
  const localDate = ports.zones.localDate(call.now(), timeZone);
  const wishes = plans.flatMap(({ exchange: rule, currency: to }) =>
    rule === undefined || to === currency ? [] : [{ from: currency, to, date: localDate, rule }],
  );
  const rates = await ratesFor(ports.rates, wishes);
  return { currency, localDate, plans, tariffs: ports.tariffs(), rates, owners: [call.tenantId, ...call.ancestorIds] };
}

const mostCategories = 6;

/** @throws BAD_USER_INPUT naming the field. */
export function intendedOf({ recipient, country, categories, window }: EstimateRequest): Intended {
  if (categories.length === 0) throw badInput("categories", "must name at least one");
  if (categories.length > mostCategories) throw badInput("categories", `must be at most ${mostCategories}`);
  const unpriced = categories.find((category) => readCategory(category).as !== "card");
  if (unpriced !== undefined)
    throw badInput("categories", `"${unpriced.slice(0, 40)}" is no category that a message to one person is sent in`);
  return { recipient: recipientOf(recipient, country), categories: [...new Set(categories)], window };
}

function recipientOf(number: string | undefined, country: string | undefined): Recipient {
  if (number === undefined && country === undefined)
    throw badInput("recipient", "or country must be given: the price depends on where the message goes");
  const digits = number === undefined ? undefined : /^\+?(\d{7,15})$/.exec(number)?.[1];
  if (number !== undefined && digits === undefined)
    throw badInput("recipient", "must be a number with its country code: 7 to 15 digits, with or without a +");
  if (country !== undefined && !/^[A-Z]{2}$/.test(country))
    throw badInput("country", "must be a code of two capital letters such as BR");
  return { ...(digits !== undefined && { dialPrefix: digits.slice(0, 6) }), ...(country !== undefined && { country }) };
}
