import { type Month, money, type Scope, type UtcDay } from "@greentick/kernel";
import { type Database, scopeFilter } from "@greentick/runtime";
import { type Collection, type Filter } from "mongodb";
import { type BucketTotal } from "../../domain/balance.js";
import { type Bucket } from "../../domain/bucket.js";
import { billingErrors } from "../../domain/errors.js";
import { type CostCell } from "../../domain/compare-meta.js";
import { type PeriodShift } from "../../domain/compare-stripe.js";
import { type CarriedBucket, type DayTotal, type EntryFilter, type EntryStore } from "../../ports.js";
import { daysOf, ofMetaMonth } from "./days.js";
import { type EntryRow, fromEntryRow, toEntryRow } from "./entry-rows.js";
import { insertMissing } from "./write-many.js";
import { pageOfIds } from "./pages.js";

const sums = {
  chargeMicros: { $sum: "$charge.amountMicros" },
  costMicros: { $sum: "$cost.amountMicros" },
  units: { $sum: "$units" },
};
/** `$sum` gives an int32 zero for an empty sum and a 64-bit integer otherwise. */
const whole = (value: bigint | number): bigint => BigInt(value);

/** The ledger of all tenants. */
export function mongoEntryStore(database: Database): EntryStore & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<EntryRow> = database.db.collection("entries");
  const filtered = (scope: Scope, filter: Filter<EntryRow>): Filter<EntryRow> => ({
    $and: [scopeFilter(scope), filter],
  });
  return {
    insert: async (_, entries) => {
      await insertMissing(database, "entries", entries.map(toEntryRow));
    },
    get: async (scope, id) => {
      const row = await rows.findOne(filtered(scope, { _id: { $eq: id } }));
      if (row === null) throw billingErrors.entryNotFound(id);
      return fromEntryRow(row);
    },
    getMany: async (scope, ids) => {
      const found = await rows.find(filtered(scope, { _id: { $in: [...ids] } })).toArray();
      const byId = new Map(found.map((row) => [row._id, fromEntryRow(row)]));
      return ids.map((id) => byId.get(id));
    },
    list: (scope, page, filter) =>
      pageOfIds(rows, { filter: filtered(scope, entryFilter(filter)), page, read: fromEntryRow }),
    after: async (scope, { month, after, limit }) => {
      const filter = { month: { $eq: month }, ...(after !== undefined && { _id: { $gt: after } }) };
      return (await rows.find(filtered(scope, filter)).sort({ _id: 1 }).limit(limit).toArray()).map(fromEntryRow);
    },
    bucketTotals: (scope, month) => bucketTotals(rows, filtered(scope, { day: daysOf(month) })),
    dayTotals: (scope, month) => dayTotals(rows, filtered(scope, { day: daysOf(month) })),
    carriedFrom: (scope, month) => carriedFrom(rows, filtered(scope, { kind: "carry", fromMonth: month })),
    costSide: (scope, metaMonth) => costSide(rows, filtered(scope, ofMetaMonth(metaMonth))),
    shifts: (scope, month) => shifts(rows, filtered(scope, shiftFilter(month))),
    ensureIndexes: async () => {
      await rows.createIndexes([
        { key: { day: 1, tenantId: 1, bucket: 1, bookedAt: 1 }, name: "day_tenant_bucket" },
        { key: { tenantId: 1, month: 1, _id: -1 }, name: "tenant_month" },
        { key: { metaMonth: 1 }, name: "shifted", partialFilterExpression: { metaMonth: { $exists: true } } },
        { key: { month: 1 }, name: "shifted_month", partialFilterExpression: { metaMonth: { $exists: true } } },
        {
          key: { tenantId: 1, fromMonth: 1 },
          name: "carry",
          partialFilterExpression: { fromMonth: { $exists: true } },
        },
      ]);
    },
  };
}

interface CarryGroup {
  readonly _id: Bucket;
  readonly chargeMicros: bigint;
  readonly count: number | bigint;
  readonly booked: { readonly day: UtcDay; readonly bookedAt: Date }[];
}

async function carriedFrom(rows: Collection<EntryRow>, filter: Filter<EntryRow>): Promise<readonly CarriedBucket[]> {
  const found = await rows
    .aggregate<CarryGroup>([
      { $match: filter },
      {
        $group: {
          _id: "$bucket",
          ...sums,
          count: { $sum: 1 },
          booked: { $addToSet: { day: "$day", bookedAt: "$bookedAt" } },
        },
      },
      { $sort: { _id: 1 } },
    ])
    .toArray();
  return found.map((one) => ({
    bucket: one._id,
    micros: whole(one.chargeMicros),
    count: Number(one.count),
    booked: one.booked,
  }));
}

const entryFilter = ({ category, market, ...plain }: EntryFilter): Filter<EntryRow> => ({
  ...Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, { $eq: value }])),
  ...(category !== undefined && { "service.category": { $eq: category } }),
  ...(market !== undefined && { "service.market": { $eq: market } }),
});

interface Sums {
  readonly chargeMicros: bigint;
  readonly costMicros: bigint;
  readonly units: number | bigint;
}

type TotalKey = Omit<BucketTotal, "chargeMicros" | "costs" | "units">;
interface TotalGroup<K extends TotalKey> extends Sums {
  readonly _id: K & { readonly costCurrency: string };
}
type Totalled<K extends TotalKey> = K & Pick<BucketTotal, "chargeMicros" | "costs" | "units">;

/** Charges are in one currency; costs of accounts in several stay apart. Groups of one key follow each other. */
function totalsOf<K extends TotalKey>(groups: readonly TotalGroup<K>[]): readonly Totalled<K>[] {
  const found = new Map<string, Totalled<K>>();
  for (const { _id, ...one } of groups) {
    const { costCurrency, ...key } = _id;
    const name = JSON.stringify(key);
    const before = found.get(name);
    const cost = money(costCurrency, whole(one.costMicros));
    found.set(name, {
      ...(key as unknown as K),
      chargeMicros: (before?.chargeMicros ?? 0n) + whole(one.chargeMicros),
      costs: [...(before?.costs ?? []), ...(cost.amountMicros === 0n ? [] : [cost])],
      units: (before?.units ?? 0) + Number(one.units),
    });
  }
  return [...found.values()];
}

const totalBy = {
  tenantId: "$tenantId",
  bucket: "$bucket",
  currency: "$charge.currency",
  costCurrency: "$cost.currency",
};

async function bucketTotals(rows: Collection<EntryRow>, filter: Filter<EntryRow>): Promise<readonly BucketTotal[]> {
  const groups = [{ $match: filter }, { $group: { _id: totalBy, ...sums } }, { $sort: { _id: 1 } }];
  return totalsOf(await rows.aggregate<TotalGroup<TotalKey>>(groups).toArray());
}

async function dayTotals(rows: Collection<EntryRow>, filter: Filter<EntryRow>): Promise<readonly DayTotal[]> {
  const by = { ...totalBy, day: "$day" };
  const groups = [{ $match: filter }, { $group: { _id: by, ...sums } }, { $sort: { _id: 1 } }];
  return totalsOf(await rows.aggregate<TotalGroup<TotalKey & { day: UtcDay }>>(groups).toArray());
}
type CostGroup = Sums & { readonly _id: Omit<CostCell, "volume" | "costMicros"> & { readonly currency: string } };

async function costSide(
  rows: Collection<EntryRow>,
  filter: Filter<EntryRow>,
): Promise<readonly (CostCell & { currency: string })[]> {
  const by = {
    tenantId: "$tenantId",
    wabaId: "$service.wabaId",
    day: "$service.localDate",
    market: "$service.market",
    category: { $ifNull: ["$service.pricingCategory", "$service.category"] },
    type: { $ifNull: ["$service.pricingType", "regular"] },
    currency: "$cost.currency",
  };
  const found = await rows
    .aggregate<CostGroup>([{ $match: filter }, { $group: { _id: by, ...sums } }, { $sort: { _id: 1 } }])
    .toArray();
  return found.map((one) => ({ ...one._id, volume: Number(one.units), costMicros: whole(one.costMicros) }));
}

const shiftFilter = (month: Month): Filter<EntryRow> => ({
  $or: [
    { metaMonth: month, month: { $ne: month } },
    { month, metaMonth: { $exists: true, $ne: month } },
  ],
});

type ShiftGroup = Sums & { readonly _id: Omit<PeriodShift, "units"> };

async function shifts(rows: Collection<EntryRow>, filter: Filter<EntryRow>): Promise<readonly PeriodShift[]> {
  const by = {
    tenantId: "$tenantId",
    bucket: "$bucket",
    metaMonth: "$metaMonth",
    month: "$month",
    moved: { $ne: ["$day", { $ifNull: ["$service.utcDay", "$day"] }] },
    late: { $eq: ["$service.late", true] },
  };
  const found = await rows
    .aggregate<ShiftGroup>([{ $match: filter }, { $group: { _id: by, ...sums } }, { $sort: { _id: 1 } }])
    .toArray();
  return found.map((one) => ({ ...one._id, units: Number(one.units) }));
}
