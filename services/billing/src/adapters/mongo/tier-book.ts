import { type TenantId } from "@greentick/kernel";
import { type Database, scopeFilter } from "@greentick/runtime";
import { type Collection, type Filter } from "mongodb";
import { type PortfolioTier, type TierBook, type TierOwner } from "../../ports.js";
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

const idOf = (
  { tenantId }: Pick<TierOwner, "tenantId">,
  { businessId, month, market, series, from }: Omit<PortfolioTier, "at">,
): string => [tenantId, businessId, month, market.toLowerCase(), series, from].join("/");

/** What Meta told of volume tiers; one document per portfolio, month, market, series and tier. */
export function mongoTierBook(database: Database): TierBook & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<TierRow> = database.db.collection("volume_tiers");
  return {
    isNews: async (_, owner, tier) => {
      const known = await rows.findOne({ _id: idOf(owner, tier) });
      const at = tier.source === "told" ? known?.toldAt : known?.countedAt;
      return at === undefined || tier.at < at;
    },
    keep: async (_, { tenantId, ancestorIds, livemode }, { at, source, ...tier }) => {
      const fixed = { ...tier, tenantId, ancestorIds, livemode, schemaVersion: 1 as const };
      await rows.updateOne(
        { _id: idOf({ tenantId }, tier) },
        { $min: source === "told" ? { toldAt: at } : { countedAt: at }, $setOnInsert: fixed },
        { upsert: true },
      );
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
