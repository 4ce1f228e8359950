import { DateTime } from "luxon";
import { type Filter } from "mongodb";
import { graphErrors } from "../graph-error.js";
import { oneOf, seconds, words } from "../graph/params.js";
import { type Params } from "../graph/route.js";
import { type CountedRow, type WabaNode } from "../store.js";
import { type World } from "../world.js";

export const analyticsParams = [
  "start",
  "end",
  "granularity",
  "phone_numbers",
  "country_codes",
  "metric_types",
  "pricing_types",
  "pricing_categories",
  "tiers",
  "dimensions",
];
const dimensionNames = ["PHONE", "COUNTRY", "PRICING_CATEGORY", "PRICING_TYPE", "TIER"];

/**
 * Deliveries as Meta counted them, by stretches of time in the account's zone and the dimensions asked (Meta: analytics, pricing
 * analytics). Cost is never told: the account pays through a partner's credit line.
 */
export async function pricingAnalytics(world: World, waba: WabaNode, params: Params): Promise<readonly unknown[]> {
  const [start, end] = [seconds(params, "start"), seconds(params, "end")];
  if (end <= start) throw graphErrors.invalid("end", "must be after start.");
  const granularity = oneOf(params, "granularity", ["HALF_HOUR", "DAILY", "MONTHLY"]);
  refuseCost(words(params, "metric_types"));
  const dimensions = words(params, "dimensions") ?? [];
  const unknown = dimensions.find((name) => !dimensionNames.includes(name));
  if (unknown !== undefined) throw graphErrors.invalid("dimensions", `must be of {${dimensionNames.join(", ")}}.`);
  const slot = { $gte: start, $lt: end < world.clock.now() ? end : world.clock.now() };
  const rows = await world.store.counted.find({ wabaId: waba._id, slot, ...filters(params) }).toArray();
  const points = new Map<string, { readonly point: Record<string, unknown>; volume: number }>();
  for (const row of rows) {
    const point = { ...stretch(row.slot, granularity, waba.zone), ...dimensionValues(row, dimensions) };
    const key = JSON.stringify(point);
    const found = points.get(key) ?? { point, volume: 0 };
    found.volume += row.volume;
    points.set(key, found);
  }
  const sorted = [...points.entries()].sort(([one], [other]) => (one < other ? -1 : 1));
  return [{ data_points: sorted.map(([, { point, volume }]) => ({ ...point, volume })) }];
}

function refuseCost(metrics: readonly string[] | undefined): void {
  if (metrics === undefined || metrics.includes("VOLUME")) return;
  throw graphErrors.refused(
    "Cost not available",
    "Cost is not available for accounts on a solution partner's credit line.",
  );
}

function filters(params: Params): Filter<CountedRow> {
  const among = (name: string, field: string): Filter<CountedRow> => {
    const wanted = words(params, name);
    return wanted === undefined || wanted.length === 0 ? {} : { [field]: { $in: wanted } };
  };
  return {
    ...among("phone_numbers", "phoneNumber"),
    ...among("country_codes", "country"),
    ...among("pricing_types", "type"),
    ...among("pricing_categories", "category"),
    ...among("tiers", "tier"),
  };
}

function stretch(
  slot: Date,
  granularity: "HALF_HOUR" | "DAILY" | "MONTHLY",
  zone: string,
): { start: number; end: number } {
  if (granularity === "HALF_HOUR") return { start: slot.getTime() / 1000, end: slot.getTime() / 1000 + 1800 };
  const unit = granularity === "DAILY" ? "day" : "month";
  const start = DateTime.fromJSDate(slot, { zone }).startOf(unit);
  return {
    start: start.toSeconds(),
    end: start.plus(granularity === "DAILY" ? { days: 1 } : { months: 1 }).toSeconds(),
  };
}

function dimensionValues(row: CountedRow, dimensions: readonly string[]): Record<string, unknown> {
  const asked = (name: string): boolean => dimensions.includes(name);
  return {
    ...(asked("PHONE") ? { phone_number: row.phoneNumber } : {}),
    ...(asked("COUNTRY") ? { country: row.country } : {}),
    ...(asked("TIER") && row.tier !== "" ? { tier: row.tier } : {}),
    ...(asked("PRICING_TYPE") ? { pricing_type: row.type } : {}),
    ...(asked("PRICING_CATEGORY") ? { pricing_category: row.category } : {}),
  };
}
