import { type Month, type Scope } from "@greentick/kernel";
import { type Database, isDuplicateKey, scopeFilter } from "@greentick/runtime";
import { type Collection, type Document, type Filter } from "mongodb";
import { type LedgerEntry } from "../../domain/ledger-entry.js";
import { spentEntryOf, type SpentEntry } from "../../domain/reservation.js";
import { type BudgetScope } from "../../domain/spending.js";
import { without } from "../../domain/without.js";
import { type SpentEntryStore, type SpentFilter } from "../../ports/spending.js";
import { type EntryRow, fromEntryRow } from "./entry-rows.js";

interface SpentRow extends Omit<SpentEntry, "id"> {
  _id: string;
  schemaVersion: 1;
  counted: boolean;
}

const fromRow = (row: SpentRow): SpentEntry => {
  const { _id, ...rest } = without(row, "schemaVersion", "counted");
  return { ...rest, id: _id };
};

const pageSize = 1_000;

/** What budgets and balances count, one document for each entry of the ledger. */
export function mongoSpentEntryStore(
  database: Database,
): SpentEntryStore & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<SpentRow> = database.db.collection("spent_entries");
  const ledger: Collection<EntryRow> = database.db.collection("entries");
  const filtered = (scope: Scope, filter: Filter<SpentRow>): Filter<SpentRow> => ({
    $and: [scopeFilter(scope), filter],
  });
  const note = async (entries: readonly SpentEntry[]): Promise<void> => {
    const found = entries.map(({ id, ...rest }): SpentRow => ({ ...rest, _id: id, schemaVersion: 1, counted: false }));
    if (found.length === 0) return;
    await rows.insertMany(found, { ordered: false }).catch((error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
    });
  };
  return {
    note: (_, entries) => note(entries),
    noteLedger: (scope, from) => noteLedger(ledger, { scope, from }, (found) => note(found.map(spentEntryOf))),
    uncounted: async (scope, { limit, after }) => {
      const filter = { counted: false, ...(after !== undefined && { _id: { $gt: after } }) };
      const waiting = rows.find(filtered(scope, filter)).sort({ _id: 1 }).limit(limit);
      return (await waiting.toArray()).map(fromRow);
    },
    counted: async (scope, ids) => {
      const filter = filtered(scope, { _id: { $in: [...ids] }, counted: true });
      return new Set((await rows.find(filter, { projection: { _id: 1 } }).toArray()).map(({ _id }) => _id));
    },
    mark: async (scope, marks) => {
      const plain = marks.filter(({ templateId, apiKeyId }) => templateId === undefined && apiKeyId === undefined);
      const named = marks.filter((one) => !plain.includes(one));
      const all = { _id: { $in: plain.map(({ id }) => id) } };
      await rows.bulkWrite(
        [
          { updateMany: { filter: filtered(scope, all), update: { $set: { counted: true } } } },
          ...named.map(({ id, ...names }) => ({
            updateOne: { filter: filtered(scope, { _id: id }), update: { $set: { ...names, counted: true } } },
          })),
        ],
        { ordered: false },
      );
    },
    sum: async (scope, filter) => {
      const [total] = await rows
        .aggregate<{ micros: bigint | number }>([
          { $match: { $and: [scopeFilter(scope), { counted: true, ...sumFilter(filter) }] } },
          { $group: { _id: null, micros: { $sum: "$chargeMicros" } } },
        ])
        .toArray();
      return BigInt(total?.micros ?? 0);
    },
    ensureIndexes: async () => {
      await rows.createIndexes([
        { key: { counted: 1, _id: 1 }, name: "uncounted", partialFilterExpression: { counted: false } },
        { key: { tenantId: 1, month: 1 }, name: "tenant_month" },
        { key: { tenantId: 1, day: 1 }, name: "tenant_day" },
      ]);
    },
  };
}

/** Walks the ledger of a scope from a month on, in pages, without carries: they repeat what the month before has. */
async function noteLedger(
  ledger: Collection<EntryRow>,
  { scope, from }: { readonly scope: Scope; readonly from: Month },
  note: (entries: readonly LedgerEntry[]) => Promise<void>,
): Promise<void> {
  let page: LedgerEntry[] = [];
  const filter: Filter<EntryRow> = { month: { $gte: from }, kind: { $ne: "carry" } };
  for await (const row of ledger.find({ $and: [scopeFilter(scope), filter] })) {
    page.push(fromEntryRow(row));
    if (page.length === pageSize) {
      await note(page);
      page = [];
    }
  }
  await note(page);
}

const scopePart = (scope: BudgetScope): Document => {
  const messages = { factId: { $exists: true } };
  switch (scope.kind) {
    case "all":
      return messages;
    case "category":
      return { ...messages, category: { $eq: scope.category } };
    case "template":
      return { ...messages, templateId: { $eq: scope.templateId } };
    case "api_key":
      return { ...messages, apiKeyId: { $eq: scope.apiKeyId } };
  }
};

const sumFilter = ({ currency, month, sinceDay, scope }: SpentFilter): Document => ({
  currency: { $eq: currency },
  ...(month !== undefined && { month }),
  ...(sinceDay !== undefined && { day: { $gte: sinceDay } }),
  ...(scope && scopePart(scope)),
});
