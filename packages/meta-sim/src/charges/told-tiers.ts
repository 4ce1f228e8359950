import { type World, nodeOf } from "../world.js";

type Json = Record<string, unknown>;

/** Categories of analytics that one volume counter prices (Meta: pricing, volume tiers). */
const seriesOf: Readonly<Record<string, readonly string[]>> = {
  UTILITY: ["UTILITY"],
  AUTHENTICATION: ["AUTHENTICATION", "AUTHENTICATION_INTERNATIONAL"],
};

/** A tier that a webhook told of: the portfolio has reached it, with traffic of other providers too. Repeating it changes nothing. */
export async function noteTier(world: World, wabaId: string, value: Json): Promise<void> {
  const info = value["volume_tier_info"] as Record<string, string | number> | undefined;
  const waba = await nodeOf(world, "waba", wabaId);
  if (value["event"] !== "VOLUME_BASED_PRICING_TIER_UPDATE" || info === undefined || waba === undefined) return;
  const row = {
    businessId: waba.businessId,
    market: String(info["region"]),
    month: String(info["effective_month"]),
    categories: seriesOf[String(info["pricing_category"])] ?? [],
    from: Number(String(info["tier"]).split(":")[0]),
    since: new Date(Number(info["tier_update_time"]) * 1_000),
  };
  const _id = `${row.businessId}:${row.market}:${row.month}:${String(info["pricing_category"])}:${String(row.from)}`;
  await world.store.toldTiers.updateOne({ _id }, { $set: row }, { upsert: true });
}

/** Prices what was counted from the half hour after a tier was reached by that tier, whenever it was counted. */
export async function priceByToldTiers(world: World): Promise<void> {
  for await (const { businessId, market, month, categories, from, since } of world.store.toldTiers.find()) {
    const reached = {
      businessId,
      market,
      month,
      type: "REGULAR",
      category: { $in: [...categories] },
      slot: { $gte: since },
    };
    for await (const row of world.store.counted.find(reached)) {
      const rate = world.prices.rateOf({
        ...{ currency: row.currency, market, category: row.category.toLowerCase(), date: row.date },
        position: from,
      });
      if (rate === undefined || Number(row.tier.split(":")[0]) >= from) continue;
      await world.store.counted.updateOne({ _id: row._id }, { $set: { tier: rate.tier, rateMicros: rate.micros } });
    }
  }
}
