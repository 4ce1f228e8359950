import { event, planReleased } from "@greentick/contracts";
import { allow, badInput, type Call, type LocalDate, tenantScope } from "@greentick/kernel";
import { isMarket } from "../domain/bucket.js";
import { isDay } from "../domain/calendar.js";
import { billingErrors } from "../domain/errors.js";
import { checkRelease, samePlan } from "../domain/plan-release.js";
import { type OwnPrice, type PlanTerms, type PricePlan } from "../domain/price-plan.js";
import { type AccountStore, type PlanStore, type WindowStore } from "../ports.js";

export interface SetPricePlanInput {
  readonly effectiveFrom: string;
  readonly currency: string;
  readonly terms: PlanTerms;
  readonly platformFeeMicros: bigint;
}
export type SetPricePlan = (call: Call, input: SetPricePlanInput) => Promise<PricePlan>;

export interface PlanPorts {
  readonly plans: PlanStore;
  readonly accounts: AccountStore;
  readonly windows: WindowStore;
}

/**
 * Releases the client's next price plan. Plans are never changed: a new version replaces the one before it from its own first day on, and
 * what is booked is not priced again, so that day comes after the last booked one. A delivery that is rated in this very instant may still
 * be priced by the plan before; its entry names the plan. The plan that is already in force from that day with the same terms is returned
 * as it is.
 * @throws BAD_USER_INPUT naming the field, see checkRelease.
 */
export const setPricePlan =
  (ports: PlanPorts): SetPricePlan =>
  async (call, input) => {
    allow(call, "billing:write");
    checkInput(input);
    const { plans } = ports;
    const before = await plans.findAll(tenantScope(call), {});
    const effectiveFrom = input.effectiveFrom as LocalDate;
    const offer = { ...input, effectiveFrom };
    const known = samePlan(before, offer);
    if (known !== undefined) return known;
    checkRelease(offer, await situationOf(ports, call, before));
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

async function situationOf(
  { accounts, windows }: PlanPorts,
  call: Call,
  plans: readonly PricePlan[],
): Promise<Parameters<typeof checkRelease>[1]> {
  const scope = tenantScope(call);
  const [account, lastBookedDay] = await Promise.all([
    accounts.find(scope, call.tenantId),
    windows.lastBookedDay(scope),
  ]);
  return {
    plans,
    now: call.now(),
    ...(account !== undefined && { account }),
    ...(lastBookedDay !== undefined && { lastBookedDay }),
  };
}

function checkInput({ effectiveFrom, currency, terms, platformFeeMicros }: SetPricePlanInput): void {
  if (!isDay(effectiveFrom)) throw billingErrors.notADay("effectiveFrom", effectiveFrom);
  if (!/^[A-Z]{3}$/.test(currency)) throw badInput("currency", "must be a code of three letters such as USD");
  if (platformFeeMicros < 0n) throw badInput("platformFee", "must not be negative");
  if (terms.kind === "percent" && (terms.basisPoints < 0 || terms.basisPoints > 100_000))
    throw badInput("percent.basisPoints", "must be from 0 to 100000");
  if (terms.kind === "fixed" && terms.microsPerMessage < 0n) throw badInput("fixed.perMessage", "must not be negative");
  if (terms.kind === "own_list") checkList(terms.prices);
}

function checkList(prices: readonly OwnPrice[]): void {
  if (prices.some(({ micros }) => micros < 0n)) throw badInput("ownList.price", "must not be negative");
  const unknown = prices.find(({ market }) => market !== "*" && !isMarket(market));
  if (unknown !== undefined) throw billingErrors.unknownMarket(unknown.market, "ownList.market");
  const cells = prices.map(({ market, category }) => `${market}, ${category}`);
  const twice = cells.find((cell, at) => cells.indexOf(cell) !== at);
  if (twice !== undefined) throw badInput("ownList", `has two prices for ${twice}; leave one`);
}
