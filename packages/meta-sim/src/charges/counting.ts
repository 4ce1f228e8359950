import { DateTime } from "luxon";
import { type CountedRow, type PhoneNode, type WabaNode, onceOnly } from "../store.js";
import { type World } from "../world.js";
import { type Market, type Rate, microsOf } from "./cards.js";

/** A message that Meta delivered: what it knows of it, whatever becomes of the webhooks. */
export interface Delivered {
  readonly waba: WabaNode;
  readonly phone: PhoneNode;
  readonly at: Date;
  readonly digits?: string;
  readonly iso2?: string;
  /** Meta's webhook word: `marketing`, `authentication-international`, … */
  readonly category: string;
  /** Meta's webhook word where it is already decided; otherwise service is decided by the number's free thousand. */
  readonly type?: string;
  /** An agreed price in currency units that beats the card. */
  readonly cost?: string;
}

/** How Meta prices it. */
export interface Priced {
  readonly delivered: Delivered;
  readonly type: string;
  readonly row: Omit<CountedRow, "_id" | "volume" | "source">;
}

/** Positions already used up in the month, by series; grows while a batch is priced. */
export type Positions = Map<string, number>;

const freeServiceDeliveries = 1_000;

/**
 * Prices deliveries in the order of their time: the free thousand service deliveries of each number and month, and the volume tiers of
 * each portfolio, market and category, depend on what came before (Meta: pricing, 2026-10-01). @throws Error where no card is in force.
 */
export function priceAll(world: World, deliveries: readonly Delivered[], positions: Positions): Priced[] {
  const order = deliveries.map((delivered, place) => ({ delivered, place }));
  order.sort((one, other) => one.delivered.at.getTime() - other.delivered.at.getTime() || one.place - other.place);
  const priced: Priced[] = [];
  for (const { delivered, place } of order) priced[place] = priceOne(world, delivered, positions);
  return priced;
}

function priceOne(world: World, delivered: Delivered, positions: Positions): Priced {
  const local = DateTime.fromJSDate(delivered.at, { zone: delivered.waba.zone });
  const date = local.toFormat("yyyy-MM-dd");
  const to = {
    ...(delivered.digits === undefined ? {} : { digits: delivered.digits }),
    ...(delivered.iso2 === undefined ? {} : { iso2: delivered.iso2 }),
  };
  const place = { date, month: date.slice(0, 7), ...world.prices.marketOf(to, date) };
  const type = delivered.type ?? typeOf(delivered, place.month, positions);
  const rate = type === "regular" ? regularRate(world, { delivered, place }, positions) : { tier: "", micros: 0 };
  return {
    delivered,
    type,
    row: {
      wabaId: delivered.waba._id,
      phoneId: delivered.phone._id,
      phoneNumber: delivered.phone.cc + delivered.phone.national,
      businessId: delivered.waba.businessId,
      slot: new Date(Math.floor(delivered.at.getTime() / 1_800_000) * 1_800_000),
      ...place,
      category: analyticsWord(delivered.category),
      type: analyticsWord(type),
      tier: rate.tier,
      currency: delivered.waba.currency,
      rateMicros: rate.micros,
    },
  };
}

/** As analytics and invoice spell it. */
const analyticsWord = (word: string): string => word.toUpperCase().replace(/-/g, "_");

function typeOf(delivered: Delivered, month: string, positions: Positions): string {
  if (delivered.category === "referral_conversion") return "free_entry_point";
  if (delivered.category !== "service") return "regular";
  return next(positions, `service|${delivered.phone._id}|${month}`) <= freeServiceDeliveries
    ? "free_customer_service"
    : "regular";
}

function next(positions: Positions, series: string): number {
  const position = (positions.get(series) ?? 0) + 1;
  positions.set(series, position);
  return position;
}

interface Placed {
  readonly delivered: Delivered;
  readonly place: Place;
}
interface Place extends Market {
  readonly date: string;
  readonly month: string;
}

function regularRate(world: World, { delivered, place }: Placed, positions: Positions): Rate {
  if (delivered.cost !== undefined) return { tier: "0:MAX", micros: microsOf(delivered.cost, "pricing.cost") };
  const { businessId, currency } = delivered.waba;
  const category = cardCategory(delivered.category);
  const series = category.startsWith("authentication") ? "authentication" : category;
  const position =
    category === "service"
      ? freeServiceDeliveries + 1
      : next(positions, `${series}|${businessId}|${place.market}|${place.month}`);
  const rate = world.prices.rateOf({ currency, market: place.market, category, date: place.date, position });
  if (rate === undefined) throw new Error(`No ${currency} rate for ${category} to ${place.market} on ${place.date}.`);
  return rate;
}

const cardCategory = (category: string): string => {
  const word = category.replace(/-/g, "_").replace(/^group_/, "");
  return word === "marketing_lite" ? "marketing" : word;
};

/** What was counted before in these months, as positions to go on from; a source being counted anew is left out. */
export async function positionsOf(
  world: World,
  of: { readonly months: readonly string[]; readonly except: string },
): Promise<Positions> {
  const positions: Positions = new Map();
  const add = (series: string, volume: number): void => {
    positions.set(series, (positions.get(series) ?? 0) + volume);
  };
  const rows = world.store.counted.find({ month: { $in: [...of.months] }, source: { $ne: of.except } });
  for await (const row of rows) {
    const category = row.category.toLowerCase().replace("marketing_lite", "marketing");
    if (category === "service") add(`service|${row.phoneId}|${row.month}`, row.volume);
    else if (row.type === "REGULAR") {
      const series = category.startsWith("authentication") ? "authentication" : category;
      add(`${series}|${row.businessId}|${row.market}|${row.month}`, row.volume);
    }
  }
  return positions;
}

/** Writes counted deliveries down, one document per half hour and kind. Safe to repeat under the same source. */
export async function count(world: World, source: string, priced: readonly Priced[]): Promise<readonly CountedRow[]> {
  const rows = new Map<string, CountedRow>();
  for (const { row } of priced) {
    const _id = `${source}:${world.names.hex(24, JSON.stringify(row))}`;
    rows.set(_id, { _id, source, ...row, volume: (rows.get(_id)?.volume ?? 0) + 1 });
  }
  const all = [...rows.values()];
  for (let at = 0; at < all.length; at += 1_000) {
    await onceOnly(async () => world.store.counted.insertMany(all.slice(at, at + 1_000), { ordered: false }));
  }
  return all;
}
