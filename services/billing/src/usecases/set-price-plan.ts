import { event, planReleased } from "@greentick/contracts";
import { allow, badInput, type Call, type DomainEvent, type LocalDate, tenantScope } from "@greentick/kernel";
import { isDay } from "../domain/calendar.js";
import { billingErrors } from "../domain/errors.js";
import { checkOffer } from "../domain/plan-check.js";
import { checkRelease, type PlanOffer, samePlan } from "../domain/plan-release.js";
import { type BelowFloor, type PricePlan } from "../domain/price-plan.js";
import { type AccountStore, type PlanStore, type WindowStore } from "../ports.js";
import { type FloorPorts, guardFloor } from "./margin-floor.js";

export interface SetPricePlanInput extends Omit<PlanOffer, "effectiveFrom"> {
  readonly effectiveFrom: string;
  /** Why the plan may fall below its margin floor. */
  readonly belowFloorReason?: string;
}
export type SetPricePlan = (call: Call, input: SetPricePlanInput) => Promise<PricePlan>;

export interface PlanPorts extends FloorPorts {
  readonly plans: PlanStore;
  readonly accounts: AccountStore;
  readonly windows: WindowStore;
}

/**
 * Releases the client's next price plan. Plans are never changed: a new version replaces the one before it from its own first day on, and
 * what is booked is not priced again, so that day comes after the last booked one. A delivery that is rated in this very instant may still
 * be priced by the plan before; its entry names the plan. The plan that is already in force from that day with the same terms is returned
 * as it is.
 * @throws BAD_USER_INPUT naming the field, see checkRelease; BAD_USER_INPUT/price_plan_below_floor.
 */
export const setPricePlan =
  (ports: PlanPorts): SetPricePlan =>
  async (call, { belowFloorReason, ...input }) => {
    allow(call, "billing:write");
    if (!isDay(input.effectiveFrom)) throw billingErrors.notADay("effectiveFrom", input.effectiveFrom);
    checkOffer(input);
    if (belowFloorReason?.trim() === "") throw badInput("acceptBelowFloor.reason", "must say why");
    const before = await ports.plans.findAll(tenantScope(call), {});
    const offer: PlanOffer = { ...input, effectiveFrom: input.effectiveFrom as LocalDate };
    const known = samePlan(before, offer);
    if (known !== undefined) return known;
    checkRelease(offer, await situationOf(ports, call, before));
    const belowFloor = await guardFloor(ports, call, {
      offer,
      ...(belowFloorReason !== undefined && { reason: belowFloorReason }),
    });
    const plan = planOf(call, { offer, before, belowFloor });
    const kept = await ports.plans.insert(call, plan, [released(plan)], { mutation: "setPricePlan", input });
    const facts = { planId: kept.id, number: kept.number, kind: kept.terms.kind, belowFloor: belowFloor !== undefined };
    call.log.info(facts, "price plan released");
    return kept;
  };

interface Release {
  readonly offer: PlanOffer;
  readonly before: readonly PricePlan[];
  readonly belowFloor: BelowFloor | undefined;
}
const planOf = (call: Call, { offer, before, belowFloor }: Release): PricePlan => ({
  id: call.newId("pricePlan"),
  tenantId: call.tenantId,
  ancestorIds: call.ancestorIds,
  livemode: call.livemode,
  version: 0,
  number: Math.max(0, ...before.map(({ number }) => number)) + 1,
  ...offer,
  ...(belowFloor && { belowFloor }),
});

/** That the floor was passed by, and why, stands in the trail of the client. */
const released = ({ id, number, effectiveFrom, terms, belowFloor }: PricePlan): DomainEvent =>
  event(planReleased, {
    planId: id,
    version: number,
    effectiveFrom,
    kind: terms.kind,
    ...(belowFloor && {
      belowFloor: {
        reason: belowFloor.reason,
        floorBasisPoints: belowFloor.floorBasisPoints,
        cells: belowFloor.cells.length,
      },
    }),
  });

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
