import { type Scope, type TenantId } from "@greentick/kernel";
import { type Database, isDuplicateKey, scopeFilter } from "@greentick/runtime";
import { type Collection, type Document, type Filter } from "mongodb";
import { type Once, type Reservation } from "../../domain/reservation.js";
import { type TopUp } from "../../domain/spending.js";
import { spendingErrors } from "../../domain/spending-errors.js";
import { without } from "../../domain/without.js";
import { type ReservationStore, type SpendingStore, type TopUpStore } from "../../ports/spending.js";
import { mongoSpendingAggregates } from "./aggregates.js";
import { pageOfIds } from "./pages.js";

interface Indexed {
  readonly ensureIndexes: () => Promise<void>;
}

export function mongoSpendingStore(database: Database): SpendingStore & Indexed {
  const rows: Collection<{ _id: TenantId }> = database.db.collection("spending");
  return {
    ...mongoSpendingAggregates(database),
    which: async (tenantIds) => {
      const found = await rows.find({ _id: { $in: [...tenantIds] } }, { projection: { _id: 1 } }).toArray();
      return new Set(found.map(({ _id }) => _id));
    },
  };
}

/** A reservation or payment as it lies in the store. */
type Row<T> = Omit<T, "id"> & { _id: string; schemaVersion: 1 };

const toRow = <T extends { readonly id: string }>({ id, ...rest }: T): Row<T> => ({
  ...rest,
  _id: id,
  schemaVersion: 1,
});
const fromRow = <T extends { readonly id: string }>(row: Row<T>): T => {
  const { _id, ...rest } = without(row, "schemaVersion") as Row<T>;
  return { ...rest, id: _id } as unknown as T;
};

const within = <R extends Document>(scope: Scope, filter: Filter<R>): Filter<R> =>
  ({ $and: [scopeFilter(scope), filter] }) as Filter<R>;

const onceIndex = { key: { tenantId: 1, "once.scope": 1, "once.key": 1 }, name: "once", unique: true } as const;
const madeBy = (requests: readonly Once[]): Document => ({
  $or: requests.map(({ scope, key }) => ({ "once.scope": { $eq: scope }, "once.key": { $eq: key } })),
});

export function mongoReservationStore(database: Database): ReservationStore & Indexed {
  type R = Row<Reservation>;
  const rows: Collection<R> = database.db.collection("reservations");
  const find = async (filter: Filter<R>, limit = 0): Promise<readonly Reservation[]> =>
    (await rows.find(filter).limit(limit).toArray()).map((row) => fromRow<Reservation>(row));
  return {
    get: async (scope, id) => {
      const [found] = await find(within<R>(scope, { _id: { $eq: id } }));
      if (found === undefined) throw spendingErrors.reservationNotFound(id);
      return found;
    },
    getMany: async (scope, ids) => {
      const found = new Map((await find(within<R>(scope, { _id: { $in: [...ids] } }))).map((one) => [one.id, one]));
      return ids.map((id) => found.get(id));
    },
    madeBy: (scope, requests) =>
      requests.length === 0 ? Promise.resolve([]) : find(within<R>(scope, madeBy(requests))),
    keep: (_, reservations) => keepNewest(rows, reservations.map(toRow)),
    due: (scope, { livemode, now, limit }) =>
      find(within<R>(scope, { livemode, status: "open", expiresAt: { $lte: now } }), limit),
    list: (scope, page, { openOnly }) =>
      pageOfIds(rows, {
        filter: within<R>(scope, openOnly ? { status: "open" } : {}),
        page,
        read: (row) => fromRow<Reservation>(row),
      }),
    ensureIndexes: async () => {
      await rows.createIndexes([
        onceIndex,
        { key: { tenantId: 1, status: 1, _id: -1 }, name: "tenant_status" },
        { key: { tenantId: 1, _id: -1 }, name: "tenant" },
        {
          key: { livemode: 1, expiresAt: 1 },
          name: "open_until",
          partialFilterExpression: { status: "open" },
        },
      ]);
    },
  };
}

/** The first revision is inserted, later ones replace older ones; whatever is there and newer stays. */
async function keepNewest(
  rows: Collection<Row<Reservation>>,
  reservations: readonly Row<Reservation>[],
): Promise<void> {
  const writes = reservations.map((row) => ({
    replaceOne: { filter: { _id: row._id, revision: { $lt: row.revision } }, replacement: row, upsert: true },
  }));
  await rows.bulkWrite(writes, { ordered: false }).catch((error: unknown) => {
    // The upsert of a row that is there with this revision or a newer one.
    if (!isDuplicateKey(error)) throw error;
  });
}

export function mongoTopUpStore(database: Database): TopUpStore & Indexed {
  type R = Row<TopUp>;
  const rows: Collection<R> = database.db.collection("top_ups");
  const read = (row: R): TopUp => fromRow<TopUp>(row);
  return {
    madeBy: async (scope, requests) => {
      if (requests.length === 0) return [];
      const found = await rows.find(within<R>(scope, madeBy(requests) as Filter<R>)).toArray();
      return found.map((row) => read(row as R));
    },
    keep: async (_, topUps) => {
      await rows.insertMany(topUps.map(toRow) as never[], { ordered: false }).catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error;
      });
    },
    list: (scope, page) => pageOfIds(rows, { filter: within<R>(scope, {}), page, read: (row) => read(row) }),
    ensureIndexes: async () => {
      await rows.createIndexes([onceIndex, { key: { tenantId: 1, _id: -1 }, name: "tenant" }]);
    },
  };
}
