import { monthOfDay, type Scope, type TenantId, type UtcDay, utcDayOf } from "@greentick/kernel";
import { type Database, isDuplicateKey, scopeFilter } from "@greentick/runtime";
import { type AnyBulkWriteOperation, type Collection, type Filter } from "mongodb";
import { duplicatesIn, type Fact, isLate, isReordered, standingEntry } from "../../domain/fact.js";
import { type UnratedReason } from "../../domain/rate.js";
import { type UnratedGroup } from "../../domain/unrated-alarm.js";
import { type FactCounts, type FactStore } from "../../ports.js";
import { without } from "../../domain/without.js";
import { pageOfIds } from "./pages.js";

/** `joined`: its conversation stands for it and is counted instead. */
type Outcome = "charged" | "free" | "unrated" | "failed" | "undelivered" | "joined";

/** A fact as it lies in the store: itself, and what lists and counts look for. */
interface FactRow extends Omit<Fact, "id"> {
  _id: string;
  schemaVersion: 1;
  /** Of the delivery, or of the first status of what was not delivered; UTC. */
  month: string;
  outcome: Outcome;
  duplicates: number;
  late: boolean;
  reordered: boolean;
}

function outcomeOf(fact: Fact): Outcome {
  if (fact.joined !== undefined) return "joined";
  if (fact.unrated !== undefined) return "unrated";
  const standing = standingEntry(fact);
  if (standing !== undefined) return standing.free ? "free" : "charged";
  return fact.failed ? "failed" : "undelivered";
}

function toRow(fact: Fact): FactRow {
  const { id, ...rest } = fact;
  const counts = fact.joined === undefined;
  return {
    ...rest,
    _id: id,
    schemaVersion: 1,
    month: monthOfDay(utcDayOf(fact.proof?.at ?? fact.firstAt)),
    outcome: outcomeOf(fact),
    duplicates: counts ? duplicatesIn(fact) : 0,
    late: counts && isLate(fact),
    reordered: counts && isReordered(fact),
  };
}

const fromRow = (row: FactRow): Fact => {
  const { _id, ...rest } = without(row, "schemaVersion", "month", "outcome", "duplicates", "late", "reordered");
  return { ...rest, id: _id };
};

/** The facts of all tenants; ids begin with the tenant. */
export function mongoFactStore(database: Database): FactStore & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<FactRow> = database.db.collection("facts");
  const filtered = (scope: Scope, filter: Filter<FactRow>): Filter<FactRow> => ({ $and: [scopeFilter(scope), filter] });
  const find = async (scope: Scope, filter: Filter<FactRow>, limit: number): Promise<readonly Fact[]> =>
    (await rows.find(filtered(scope, filter)).sort({ _id: 1 }).limit(limit).toArray()).map(fromRow);
  return {
    load: async (scope, ids) => {
      const found = await rows.find(filtered(scope, { _id: { $in: [...ids] } })).toArray();
      return new Map(found.map((row) => [row._id, fromRow(row)]));
    },
    save: (_, facts) => saveAll(rows, facts),
    booked: async (_, facts) => {
      const versions = [...new Set(facts.map(({ version }) => version))];
      const updates = versions.map((version) => {
        const ids = facts.filter((fact) => fact.version === version).map(({ id }) => id);
        return { updateMany: { filter: { _id: { $in: ids }, version }, update: { $set: { booking: false } } } };
      });
      if (updates.length > 0) await rows.bulkWrite(updates, { ordered: false });
    },
    waiting: (scope, { reasons, wabaId, after, limit }) =>
      find(
        scope,
        {
          unrated: { $in: [...reasons] },
          ...(wabaId !== undefined && { wabaId }),
          ...(after !== undefined && { _id: { $gt: after } }),
        },
        limit,
      ),
    unbooked: (scope, limit) => find(scope, { booking: true }, limit),
    listUnrated: (scope, page) =>
      pageOfIds(rows, { filter: filtered(scope, { unrated: { $exists: true } }), page, read: fromRow }),
    deliveredSince: (scope, { wabaIds, since, after, limit }) =>
      find(
        scope,
        {
          month: { $gte: monthOfDay(utcDayOf(since)) },
          wabaId: { $in: [...wabaIds] },
          "proof.at": { $gte: since },
          ...(after !== undefined && { _id: { $gt: after } }),
        },
        limit,
      ),
    unratedGroups: (scope, reasons) => groupUnrated(rows, filtered(scope, { unrated: { $in: [...reasons] } })),
    counts: (scope, month) => countFacts(rows, filtered(scope, { month })),
    unratedIn: (scope, { start, end }) =>
      find(scope, { unrated: { $exists: true }, "proof.at": { $gte: start, $lt: end } }, 100_000),
    ensureIndexes: async () => {
      await rows.createIndexes([
        { key: { tenantId: 1, month: 1 }, name: "tenant_month" },
        { key: { ancestorIds: 1, month: 1 }, name: "ancestors_month" },
        {
          key: { tenantId: 1, unrated: 1, _id: 1 },
          name: "tenant_unrated",
          partialFilterExpression: { unrated: { $exists: true } },
        },
        {
          key: { unrated: 1, wabaId: 1, _id: 1 },
          name: "unrated_account",
          partialFilterExpression: { unrated: { $exists: true } },
        },
        { key: { booking: 1, _id: 1 }, name: "booking", partialFilterExpression: { booking: true } },
      ]);
    },
  };
}

/** False when a version was not the expected one, or another process inserted first. Everything else is written. */
async function saveAll(rows: Collection<FactRow>, facts: readonly Fact[]): Promise<boolean> {
  if (facts.length === 0) return true;
  const writes = facts.map((fact): AnyBulkWriteOperation<FactRow> => {
    const next = toRow({ ...fact, version: fact.version + 1 });
    if (fact.version === 0) return { insertOne: { document: next } };
    return { replaceOne: { filter: { _id: fact.id, version: fact.version }, replacement: next } };
  });
  try {
    const { insertedCount, matchedCount } = await rows.bulkWrite(writes, { ordered: false });
    return insertedCount + matchedCount === facts.length;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

async function groupUnrated(rows: Collection<FactRow>, filter: Filter<FactRow>): Promise<readonly UnratedGroup[]> {
  interface Group {
    _id: { tenantId: TenantId; reason: UnratedReason; day: UtcDay };
    ancestorIds: readonly TenantId[];
    livemode: boolean;
    factId: string;
    word: string | null;
    count: number | bigint;
  }
  const day = { $dateToString: { date: "$proof.at", format: "%Y-%m-%d" } };
  const groups = await rows
    .aggregate<Group>([
      { $match: filter },
      {
        $group: {
          _id: { tenantId: "$tenantId", reason: "$unrated", day },
          ancestorIds: { $first: "$ancestorIds" },
          livemode: { $first: "$livemode" },
          factId: { $min: "$_id" },
          word: { $min: "$pricing.pricing.category" },
          count: { $sum: 1 },
        },
      },
    ])
    .toArray();
  return groups.map(({ _id, word, count, ...rest }) => ({
    ..._id,
    ...rest,
    count: Number(count),
    ...(word !== null && { category: word }),
  }));
}

async function countFacts(rows: Collection<FactRow>, filter: Filter<FactRow>): Promise<FactCounts> {
  const [sums, messages] = await Promise.all([
    rows
      .aggregate<{
        _id: { outcome: Outcome; unrated?: UnratedReason };
        count: number | bigint;
        duplicates: number | bigint;
        late: number | bigint;
        reordered: number | bigint;
      }>([
        { $match: filter },
        {
          $group: {
            _id: { outcome: "$outcome", unrated: "$unrated" },
            count: { $sum: 1 },
            duplicates: { $sum: "$duplicates" },
            late: { $sum: { $cond: ["$late", 1, 0] } },
            reordered: { $sum: { $cond: ["$reordered", 1, 0] } },
          },
        },
      ])
      .toArray(),
    rows
      .aggregate<{ messages: number | bigint }>([
        { $match: filter },
        { $unwind: "$messages" },
        { $group: { _id: "$messages" } },
        { $count: "messages" },
      ])
      .toArray(),
  ]);
  const of = (outcome: Outcome): number =>
    sums.filter((one) => one._id.outcome === outcome).reduce((sum, { count }) => sum + Number(count), 0);
  return {
    messages: Number(messages[0]?.messages ?? 0),
    charged: of("charged"),
    free: of("free"),
    failed: of("failed"),
    undelivered: of("undelivered"),
    unrated: of("unrated"),
    duplicatesIgnored: sums.reduce((sum, one) => sum + Number(one.duplicates), 0),
    late: sums.reduce((sum, one) => sum + Number(one.late), 0),
    reordered: sums.reduce((sum, one) => sum + Number(one.reordered), 0),
    unratedReasons: sums.flatMap(({ _id, count }) =>
      _id.unrated === undefined ? [] : [{ reason: _id.unrated, count: Number(count) }],
    ),
  };
}
