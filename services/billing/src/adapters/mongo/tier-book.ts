import { type TenantId } from "@greentick/kernel";
import { type Database, scopeFilter } from "@greentick/runtime";
import { type Collection, type Filter } from "mongodb";
import { type PortfolioTier, type TierBook } from "../../ports.js";
import { without } from "../../domain/without.js";

interface TierRow extends Omit<PortfolioTier, "at"> {
  _id: string;
  /** As Meta told. */
  toldAt?: Date;
  /** As Meta counted. */
  countedAt?: Date;
  schemaVersion: 1;
  tenantId: TenantId;
  ancestorIds: readonly TenantId[];
  livemode: boolean;
}

const never = new Date(8_640_000_000_000_000);

/** What Meta told of volume tiers; one document per portfolio, month, market, series and tier. */
export function mongoTierBook(database: Database): TierBook & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<TierRow> = database.db.collection("volume_tiers");
  return {
    keep: async (_, { tenantId, ancestorIds, livemode }, { at, market, source, ...tier }) => {
      const { businessId, month, series, from } = tier;
      const id = [tenantId, businessId, month, market.toLowerCase(), series, from].join("/");
      const fixed = { ...tier, market, tenantId, ancestorIds, livemode, schemaVersion: 1 as const };
      const { modifiedCount, upsertedCount } = await rows.updateOne(
        { _id: id },
        { $min: source === "told" ? { toldAt: at } : { countedAt: at }, $setOnInsert: fixed },
        { upsert: true },
      );
      return modifiedCount + upsertedCount > 0;
    },
    find: async (scope, { businessIds, months }) => {
      const asked = { businessId: { $in: [...businessIds] }, month: { $in: [...months] } };
      const found = await rows.find({ $and: [scopeFilter(scope), asked] } as Filter<TierRow>).toArray();
      return found.map(({ toldAt, countedAt, ...row }) => ({
        ...without(row, "_id", "schemaVersion", "ancestorIds", "livemode"),
        at: toldAt ?? countedAt ?? never,
      }));
    },
    ensureIndexes: async () => {
      await rows.createIndexes([{ key: { businessId: 1, month: 1 }, name: "portfolio_month" }]);
    },
  };
}
