import { monthOfDay, type Scope, type TenantId, type UtcDay, utcDayOf } from "@greentick/kernel";
import { type Database, scopeFilter } from "@greentick/runtime";
import { type Collection, type Filter } from "mongodb";
import { type Fact } from "../../domain/fact.js";
import { type UnratedReason } from "../../domain/rate.js";
import { type UnratedGroup } from "../../domain/unrated-alarm.js";
import { type FactCounts, type FactStore } from "../../ports.js";
import { bookingNotes } from "./booking-notes.js";
import { type FactRow, fromFactRow, messagesOfRow, type Outcome, toFactRow } from "./fact-rows.js";
import { changeMany, insertMissing } from "./write-many.js";
import { pageOfIds } from "./pages.js";

/** The facts of all tenants; ids begin with the tenant. */
export function mongoFactStore(database: Database): FactStore & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<FactRow> = database.db.collection("facts");
  const filtered = (scope: Scope, filter: Filter<FactRow>): Filter<FactRow> => ({ $and: [scopeFilter(scope), filter] });
  const notes = bookingNotes(database);
  const read = async (found: readonly FactRow[]): Promise<Fact[]> => {
    const open = await notes.openAmong(found.flatMap(({ note }) => note ?? []));
    return found.map((row) => fromFactRow(row, open));
  };
  const find = async (scope: Scope, filter: Filter<FactRow>, limit: number): Promise<readonly Fact[]> =>
    read(await rows.find(filtered(scope, filter)).sort({ _id: 1 }).limit(limit).toArray());
  return {
    load: async (scope, ids) => {
      const found = await read(await rows.find(filtered(scope, { _id: { $in: [...ids] } })).toArray());
      return new Map(found.map((fact) => [fact.id, fact]));
    },
    save: async (_, facts, now) => {
      const noted = await notes.open(
        facts.filter(({ booking }) => booking),
        now,
      );
      const ok = await saveAll(database, facts, noted);
      return { ok, notes: [...new Set(noted.values())] };
    },
    booked: (_, ids) => notes.close(ids),
    noted: async (scope, note) => {
      const noted = await notes.factsOf(note);
      const found = await rows.find(filtered(scope, { _id: { $in: noted.map(({ id }) => id) } })).toArray();
      const versions = new Map(found.map(({ _id, version }) => [_id, version]));
      const complete = noted.every(({ id, version }) => (versions.get(id) ?? 0) >= version);
      return { facts: await read(found.filter((row) => row.note === note)), complete };
    },
    leftOpen: (_, { now, limit }) => notes.due(now, limit),
    putOff: (_, note, until) => notes.putOff(note, until),
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
    listUnrated: (scope, page) =>
      pageOfIds(rows, {
        filter: filtered(scope, { unrated: { $exists: true } }),
        page,
        read: (row) => fromFactRow(row, new Set()),
      }),
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
    receivedIn: (scope, { tenantId, from, until, wabaId, after, limit }) =>
      find(
        scope,
        {
          _id: { $gt: after ?? `${tenantId}/`, $lt: `${tenantId}0` },
          "kept.last": { $gte: from },
          "kept.first": { $lt: until },
          ...(wabaId !== undefined && { wabaId }),
        },
        limit,
      ),
    unratedIn: (scope, { start, end }) =>
      find(scope, { unrated: { $exists: true }, "proof.at": { $gte: start, $lt: end } }, 100_000),
    ensureIndexes: async () => {
      await rows.createIndexes([
        { key: { month: 1, tenantId: 1 }, name: "month_tenant" },
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
      ]);
      await notes.ensureIndexes();
    },
  };
}

/** False when a version was not the expected one, or another process inserted first. Everything else is written. */
async function saveAll(
  database: Database,
  facts: readonly Fact[],
  notes: ReadonlyMap<string, string>,
): Promise<boolean> {
  const next = (fact: Fact): FactRow => toFactRow(fact, { version: fact.version + 1, note: notes.get(fact.id) });
  const [fresh, known] = [facts.filter(({ version }) => version === 0), facts.filter(({ version }) => version > 0)];
  const changes = known.map((fact) => ({ q: { _id: fact.id, version: fact.version }, u: next(fact) }));
  const [inserted, found] = await Promise.all([
    insertMissing(database, "facts", fresh.map(next)),
    changeMany(database, "facts", changes),
  ]);
  return inserted === fresh.length && found === known.length;
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
          word: { $min: { $ifNull: ["$word", "$pricing.pricing.category"] } },
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
        { $project: { messages: messagesOfRow } },
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
