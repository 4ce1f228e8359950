import { type Database, isDuplicateKey } from "@greentick/runtime";
import { type Collection } from "mongodb";
import { cardErrors } from "../../domain/card-errors.js";
import { type RateCard } from "../../domain/rate-card.js";
import { without } from "../../domain/without.js";
import { type RateCardStore } from "../../ports.js";

/** Published prices belong to no client, hence no tenant. */
interface CardRow extends Omit<RateCard, "id"> {
  _id: string;
  tenantId: null;
  ancestorIds: readonly string[];
  schemaVersion: 1;
}

const fromRow = (row: CardRow): RateCard => {
  const { _id, ...rest } = without(row, "tenantId", "ancestorIds", "schemaVersion");
  return { ...rest, id: _id };
};

/** Rate cards under the hash of their bytes: kept once, never changed, never removed. */
export function mongoRateCardStore(
  database: Database,
): RateCardStore & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<CardRow> = database.db.collection("rate_cards");
  return {
    keep: async (cards) => {
      if (cards.length === 0) return;
      const documents = cards.map(({ id, ...card }): CardRow => ({
        ...card,
        _id: id,
        tenantId: null,
        ancestorIds: [],
        schemaVersion: 1,
      }));
      await rows.insertMany(documents, { ordered: false }).catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error;
      });
    },
    list: async ({ currency }) => {
      const filter = currency === undefined ? {} : { currency: { $eq: currency } };
      return (await rows.find(filter).sort({ currency: 1, effectiveFrom: -1, name: 1 }).toArray()).map(fromRow);
    },
    get: async (id) => {
      const row = await rows.findOne({ _id: { $eq: id } });
      if (row === null) throw cardErrors.rateCardNotFound(id);
      return fromRow(row);
    },
    ensureIndexes: async () => {
      await rows.createIndexes([{ key: { sha256: 1 }, name: "sha256", unique: true }]);
    },
  };
}
