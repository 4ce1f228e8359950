import { event, marginFloorSet } from "@greentick/contracts";
import { allow, type Call, type LocalDate, systemScope, tenantScope, utcMonthOf } from "@greentick/kernel";
import { previousMonth } from "../domain/calendar.js";
import { billingErrors } from "../domain/errors.js";
import { type AppliedRate } from "../domain/exchange.js";
import { cardBelow, strictestFloor, trafficBelow } from "../domain/margin.js";
import { checkFloor } from "../domain/plan-check.js";
import { type PlanOffer } from "../domain/plan-release.js";
import { type BelowFloor } from "../domain/price-plan.js";
import { type PricingSettings } from "../domain/pricing-settings.js";
import { whatIf } from "../domain/what-if.js";
import { type PricingSettingsStore, type WabaBook } from "../ports.js";
import { exchangeInto, trafficOfMonth, type TrafficPorts } from "./past-traffic.js";
import { without } from "../domain/without.js";

export interface FloorPorts extends TrafficPorts {
  readonly settings: PricingSettingsStore;
  readonly wabas: WabaBook;
}

export type SetMarginFloor = (call: Call, basisPoints: number | undefined) => Promise<PricingSettings>;

/**
 * Sets the floor below which no plan of the caller's organisation, or of one below it, is released; undefined takes it away. What is released
 * already stays. Safe to repeat. @throws BAD_USER_INPUT naming the field, CONFLICT/version_conflict.
 */
export const setMarginFloor =
  ({ settings }: Pick<FloorPorts, "settings">): SetMarginFloor =>
  async (call, floorBasisPoints) => {
    allow(call, "billing:floor");
    if (floorBasisPoints !== undefined) checkFloor("basisPoints", floorBasisPoints);
    const before = await settings.find(tenantScope(call), call.tenantId);
    if (before !== undefined && before.floorBasisPoints === floorBasisPoints) return before;
    const { tenantId, ancestorIds, livemode } = call;
    const known = before ?? { id: tenantId, tenantId, ancestorIds, livemode, version: 0 };
    const next: PricingSettings = {
      ...without(known, "floorBasisPoints"),
      ...(floorBasisPoints !== undefined && { floorBasisPoints }),
    };
    const said = [event(marginFloorSet, floorBasisPoints === undefined ? {} : { basisPoints: floorBasisPoints })];
    return before === undefined ? settings.insert(call, next, said) : settings.save(call, next, said);
  };

interface FloorReading {
  readonly floorBasisPoints: number;
  /** Every cell below it, with its figures. */
  readonly cells: readonly string[];
}

/** The floor that holds for a client: the strictest of the plan's own and those of the client and everybody above it. */
export async function floorFor(
  { settings }: Pick<FloorPorts, "settings">,
  { tenantId, ancestorIds }: Pick<Call, "tenantId" | "ancestorIds">,
  own: number | undefined,
): Promise<number | undefined> {
  const found = await settings.getMany(systemScope("price-facts"), [tenantId, ...ancestorIds]);
  return strictestFloor([own, ...found.map((one) => one?.floorBasisPoints)]);
}

/**
 * Where a plan would fall below its floor: on the messages of this month and the one before it, and in any cell of Meta's cards in force on
 * its first day in the currencies of the client's accounts. Undefined where no floor is set.
 */
async function readFloor(ports: FloorPorts, call: Call, offer: PlanOffer): Promise<FloorReading | undefined> {
  const floorBasisPoints = await floorFor(ports, call, offer.floorBasisPoints);
  if (floorBasisPoints === undefined) return undefined;
  const scope = tenantScope(call);
  const month = utcMonthOf(call.now());
  const months = await Promise.all([previousMonth(month), month].map((one) => trafficOfMonth(ports, scope, one)));
  const costs = months.flatMap(({ traffic }) => traffic.map(({ cost }) => cost.currency));
  const accounts = (await ports.wabas.list(scope)).map(({ currency }) => currency);
  const currencies = [...new Set([offer.currency, ...accounts, ...costs])];
  const exchange = await exchangeOf(ports, call, { offer, currencies });
  const past = months.flatMap((one) =>
    trafficBelow(whatIf({ draft: offer, traffic: one.traffic, exchange }), floorBasisPoints),
  );
  const { rates } = ports.tariffs();
  const unknown = currencies.filter((one) => one !== offer.currency && offer.exchange && exchange(one) === undefined);
  const blind = unknown.map(
    (one) => `every cell on the card of ${one}: no rate of ${offer.exchange?.source ?? ""} is known`,
  );
  const cards = currencies.flatMap((currency) =>
    cardBelow({ draft: offer, rates, currency, date: offer.effectiveFrom, exchange, floorBasisPoints }),
  );
  return { floorBasisPoints, cells: [...new Set([...past, ...cards, ...blind])] };
}

interface Exchanged {
  readonly offer: PlanOffer;
  readonly currencies: readonly string[];
}
const exchangeOf = (
  ports: FloorPorts,
  call: Call,
  { offer, currencies }: Exchanged,
): Promise<(from: string) => AppliedRate | undefined> => {
  const today = call.now().toISOString().slice(0, 10) as LocalDate;
  const owners = [call.tenantId, ...call.ancestorIds];
  return exchangeInto(ports, { draft: offer, currencies, date: today, owners });
};

/**
 * Lets a plan pass that keeps its floor; one that does not only with a reason of somebody who may.
 * @throws BAD_USER_INPUT/price_plan_below_floor naming the cells, FORBIDDEN for a reason of somebody who may not.
 */
export async function guardFloor(
  ports: FloorPorts,
  call: Call,
  { offer, reason }: { readonly offer: PlanOffer; readonly reason?: string },
): Promise<BelowFloor | undefined> {
  if (reason !== undefined) allow(call, "billing:floor");
  const reading = await readFloor(ports, call, offer);
  if (reading === undefined || reading.cells.length === 0) return undefined;
  const { floorBasisPoints, cells } = reading;
  if (reason === undefined) throw billingErrors.planBelowFloor(floorBasisPoints, cells);
  return { reason, floorBasisPoints, cells: cells.slice(0, 200) };
}
