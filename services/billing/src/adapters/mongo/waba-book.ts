import { type TenantId } from "@greentick/kernel";
import { type Database, scopeFilter } from "@greentick/runtime";
import { type Collection, type Filter } from "mongodb";
import { type AccountChange, accountTerms } from "../../domain/account-terms.js";
import { without } from "../../domain/without.js";
import { type WabaBook, type WabaFacts } from "../../ports.js";

interface WabaRow extends Pick<WabaFacts, "tenantId" | "ancestorIds" | "livemode" | "name" | "businessId"> {
  _id: string;
  schemaVersion: 1;
  changes: readonly AccountChange[];
  /** Of accounts that were kept before their terms had dates. */
  currency?: string;
  timeZone?: string;
}
interface LiveRow {
  _id: TenantId;
  tenantId: TenantId;
  ancestorIds: readonly TenantId[];
  livemode: boolean;
  schemaVersion: 1;
  since: Date;
}

const always = new Date(0);
const endOfTime = new Date(8_640_000_000_000_000);

const changesOf = ({ changes = [], currency, timeZone }: Partial<WabaRow>): readonly AccountChange[] =>
  currency === undefined || timeZone === undefined ? changes : [{ since: always, currency, timeZone }, ...changes];

const fromRow = (row: WabaRow): WabaFacts => {
  const { _id, ...rest } = without(row, "schemaVersion", "currency", "timeZone");
  const changes = changesOf(row);
  return { ...rest, changes, wabaId: _id, ...accountTerms(changes, endOfTime) };
};

/** WhatsApp accounts, and since when clients are live: our copy of what onboarding announced. */
export function mongoWabaBook(database: Database): WabaBook & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<WabaRow> = database.db.collection("wabas");
  const live: Collection<LiveRow> = database.db.collection("live_clients");
  return {
    keep: async (_, { wabaId, currency, timeZone, since = always, changes = [], ...waba }) => {
      await rows.updateOne(
        { _id: wabaId },
        {
          $set: { ...waba, schemaVersion: 1 },
          $addToSet: { changes: { $each: [...changes, { since, currency, timeZone }] } },
        },
        { upsert: true },
      );
    },
    change: async (_, wabaId, change) => {
      await rows.updateOne({ _id: wabaId }, { $addToSet: { changes: change } });
    },
    find: async (scope, wabaIds) => {
      const filter = { $and: [scopeFilter(scope), { _id: { $in: [...wabaIds] } }] } as Filter<WabaRow>;
      const found = await rows.find(filter).toArray();
      return new Map(found.map((row) => [row._id, fromRow(row)]));
    },
    list: async (scope) =>
      (
        await rows
          .find(scopeFilter(scope) as Filter<WabaRow>)
          .sort({ _id: 1 })
          .toArray()
      ).map(fromRow),
    keepLive: async (_, { tenantId, ancestorIds, livemode }, since) => {
      const fixed = { tenantId, ancestorIds, livemode, schemaVersion: 1 as const };
      await live.updateOne({ _id: tenantId }, { $min: { since }, $set: fixed }, { upsert: true });
    },
    liveSince: async (_, tenantId) => (await live.findOne({ _id: { $eq: tenantId } }))?.since,
    ensureIndexes: async () => {
      await rows.createIndexes([
        { key: { tenantId: 1 }, name: "tenant" },
        { key: { ancestorIds: 1 }, name: "ancestors" },
      ]);
    },
  };
}
