import { type Scope } from "@greentick/kernel";
import { type Database, isDuplicateKey, scopeFilter } from "@greentick/runtime";
import { type AnyBulkWriteOperation, type Collection, type Filter } from "mongodb";
import { type Fact } from "../../domain/fact.js";
import { type ShadowStore } from "../../ports/replay.js";

/** A fact of one replay as it lies in the store. */
interface ShadowRow extends Pick<Fact, "tenantId" | "ancestorIds" | "livemode" | "version"> {
  /** `<replay>/<fact>`. */
  _id: string;
  schemaVersion: 1;
  replayId: string;
  /** Different statuses that it was made of; a conversation's are counted with its messages. */
  statuses: number;
  fact: Fact;
}

const rowId = (replayId: string, factId: string): string => `${replayId}/${factId}`;
const fromRow = ({ fact, version }: ShadowRow): Fact => ({ ...fact, version });

function toRow(replayId: string, fact: Fact): ShadowRow {
  const { tenantId, ancestorIds, livemode, version, seen } = fact;
  return {
    _id: rowId(replayId, fact.id),
    tenantId,
    ancestorIds,
    livemode,
    schemaVersion: 1,
    version: version + 1,
    replayId,
    statuses: fact.kind === "conversation" ? 0 : seen.reduce((sum, { webhooks }) => sum + webhooks.length, 0),
    fact,
  };
}

/** What replays made of kept webhooks; ids begin with the replay. Removed once every proposal of it is decided. */
export function mongoShadowStore(database: Database): ShadowStore & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<ShadowRow> = database.db.collection("replay_facts");
  const of = (scope: Scope, replayId: string, after = ""): Filter<ShadowRow> => ({
    $and: [scopeFilter(scope), { _id: { $gt: rowId(replayId, after), $lt: `${replayId}0` } }],
  });
  return {
    load: async (scope, replayId, factIds) => {
      const ids = factIds.map((id) => rowId(replayId, id));
      const found = await rows.find({ $and: [scopeFilter(scope), { _id: { $in: ids } }] }).toArray();
      return new Map(found.map((row) => [row.fact.id, fromRow(row)]));
    },
    save: (_, replayId, facts) => saveAll(rows, replayId, facts),
    behind: async (scope, { replayId, after, limit }) =>
      (
        await rows
          .find(of(scope, replayId, after))
          .sort({ _id: 1 })
          .limit(limit)
          .toArray()
      ).map(fromRow),
    statuses: async (scope, replayId) => {
      const sum = { $group: { _id: null, statuses: { $sum: "$statuses" } } };
      const [total] = await rows
        .aggregate<{ statuses: number | bigint }>([{ $match: of(scope, replayId) }, sum])
        .toArray();
      return Number(total?.statuses ?? 0);
    },
    remove: async (scope, replayId) => {
      await rows.deleteMany(of(scope, replayId));
    },
    ensureIndexes: async () => {
      await rows.createIndexes([{ key: { tenantId: 1 }, name: "tenant" }]);
    },
  };
}

async function saveAll(rows: Collection<ShadowRow>, replayId: string, facts: readonly Fact[]): Promise<boolean> {
  if (facts.length === 0) return true;
  const writes = facts.map((fact): AnyBulkWriteOperation<ShadowRow> => {
    const row = toRow(replayId, fact);
    if (fact.version === 0) return { insertOne: { document: row } };
    return { replaceOne: { filter: { _id: row._id, version: fact.version }, replacement: row } };
  });
  try {
    const { insertedCount, matchedCount } = await rows.bulkWrite(writes, { ordered: false });
    return insertedCount + matchedCount === facts.length;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
