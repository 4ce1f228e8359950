import { event, planReleased } from "@greentick/contracts";
import { allow, badInput, type Call, type LocalDate, type Month, tenantScope } from "@greentick/kernel";
import { isClosed } from "../domain/calendar.js";
import { billingErrors } from "../domain/errors.js";
import { type PlanTerms, planOn, type PricePlan } from "../domain/price-plan.js";
import { type PlanStore } from "../ports.js";

export interface SetPricePlanInput {
  readonly effectiveFrom: string;
  readonly currency: string;
  readonly terms: PlanTerms;
  readonly platformFeeMicros: bigint;
}
export type SetPricePlan = (call: Call, input: SetPricePlanInput) => Promise<PricePlan>;

/**
 * Releases the client's next price plan. Plans are never changed: a new version replaces the one before it from its own first day on.
 * @throws BAD_USER_INPUT/price_plan_too_early when it would replace a plan in a closed month.
 */
export const setPricePlan =
  ({ plans }: { readonly plans: PlanStore }): SetPricePlan =>
  async (call, input) => {
    allow(call, "billing:write");
    checkInput(input);
    const before = await plans.findAll(tenantScope(call), {});
    const effectiveFrom = input.effectiveFrom as LocalDate;
    const month = effectiveFrom.slice(0, 7) as Month;
    if (planOn(before, effectiveFrom) !== undefined && isClosed(month, call.now()))
      throw billingErrors.planTooEarly(effectiveFrom, month);
    const plan: PricePlan = {
      id: call.newId("pricePlan"),
      tenantId: call.tenantId,
      ancestorIds: call.ancestorIds,
      livemode: call.livemode,
      version: 0,
      number: Math.max(0, ...before.map(({ number }) => number)) + 1,
      effectiveFrom,
      currency: input.currency,
      terms: input.terms,
      platformFeeMicros: input.platformFeeMicros,
    };
    const data = { planId: plan.id, version: plan.number, effectiveFrom, kind: plan.terms.kind };
    const kept = await plans.insert(call, plan, [event(planReleased, data)], { mutation: "setPricePlan", input });
    call.log.info({ planId: kept.id, number: kept.number, kind: kept.terms.kind }, "price plan released");
    return kept;
  };

/** 2026-02-31 reads as a date in March and is no day. */
function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function checkInput({ effectiveFrom, currency, terms, platformFeeMicros }: SetPricePlanInput): void {
  if (!isDay(effectiveFrom)) throw billingErrors.notADay("effectiveFrom", effectiveFrom);
  if (!/^[A-Z]{3}$/.test(currency)) throw badInput("currency", "must be a code of three letters such as USD");
  if (platformFeeMicros < 0n) throw badInput("platformFee", "must not be negative");
  if (terms.kind === "percent" && (terms.basisPoints < 0 || terms.basisPoints > 100_000))
    throw badInput("percent.basisPoints", "must be from 0 to 100000");
  if (terms.kind === "fixed" && terms.microsPerMessage < 0n) throw badInput("fixed.perMessage", "must not be negative");
  if (terms.kind === "own_list" && terms.prices.some(({ micros }) => micros < 0n))
    throw badInput("ownList.price", "must not be negative");
}
