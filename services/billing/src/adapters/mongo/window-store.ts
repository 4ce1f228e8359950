import { type LocalDate, type Scope } from "@greentick/kernel";
import { type Database, scopeFilter } from "@greentick/runtime";
import { type Collection, type Filter, ObjectId } from "mongodb";
import { type Bucket } from "../../domain/bucket.js";
import { type UsageWindow, type WindowStore } from "../../ports.js";
import { everySlot } from "./cells.js";
import { daysOf } from "./days.js";
import { fromRow, marksOf, windowId, type WindowRow } from "./window-rows.js";
import { changeMany } from "./write-many.js";

const behind = (after: string | undefined): Filter<WindowRow> => (after === undefined ? {} : { _id: { $gt: after } });

const due = (now: Date, hurried: boolean): Filter<WindowRow> => ({
  dirty: true,
  notBefore: { $lte: now },
  ...(!hurried && { restsUntil: { $not: { $gt: now } } }),
});

/** The usage windows of all tenants. Totals are never added up here: they come from the entries. */
export function mongoWindowStore(database: Database): WindowStore & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<WindowRow> = database.db.collection("windows");
  const filtered = (scope: Scope, filter: Filter<WindowRow>): Filter<WindowRow> => ({
    $and: [scopeFilter(scope), filter],
  });
  const find = async (scope: Scope, filter: Filter<WindowRow>, limit = 0): Promise<readonly UsageWindow[]> =>
    (await rows.find(filtered(scope, filter)).sort({ _id: 1 }).limit(limit).toArray()).map(fromRow);
  return {
    markDirty: async (_, entries) => {
      const marks = [...marksOf(entries)];
      await changeMany(
        database,
        "windows",
        marks.map(([_id, u]) => ({ q: { _id }, u, upsert: true })),
      );
    },
    tellAgain: async (scope, windows) => {
      const ids = windows.map(({ id }) => id);
      const update = { $inc: { dirtyVersion: 1 }, $set: { dirty: true, notBefore: new Date(0) } };
      await rows.updateMany(filtered(scope, { _id: { $in: ids } }), update);
    },
    dirty: (scope, { now, hurried, limit, after }) => find(scope, { ...due(now, hurried), ...behind(after) }, limit),
    sent: async (scope, window, told) => {
      const version = window.dirtyVersion;
      const known = {
        sentVersion: version,
        sentMicros: told.micros,
        sentAt: told.at,
        afterInvoice: told.afterInvoice,
        restsUntil: told.restsUntil,
        tries: 0,
      };
      await rows.updateOne(filtered(scope, { _id: window.id, sentVersion: { $lt: version } }), {
        $set: { ...known, confirmed: told.afterInvoice },
        $unset: { rejected: "" },
      });
      await rows.updateOne(filtered(scope, { _id: window.id, dirtyVersion: version }), { $set: { dirty: false } });
    },
    postponed: async (scope, window, until) => {
      await rows.updateOne(filtered(scope, { _id: window.id }), {
        $set: { notBefore: until },
        $inc: { tries: 1, dirtyVersion: 1 },
      });
    },
    rejected: async (scope, window, why) => {
      await rows.updateOne(filtered(scope, { _id: window.id, dirtyVersion: window.dirtyVersion }), {
        $set: { rejected: why, dirty: false },
      });
    },
    unconfirmed: (scope, { limit, after }) =>
      find(scope, { confirmed: false, sentVersion: { $gt: 0 }, ...behind(after) }, limit),
    confirmed: async (scope, windows, at) => {
      if (windows.length === 0) return;
      const updates = windows.map(({ id, sentVersion, sentMicros }) => ({
        updateOne: {
          filter: filtered(scope, { _id: id, sentVersion }),
          update: {
            $set: {
              confirmed: true,
              confirmedAt: at,
              ...(sentMicros !== undefined && { confirmedMicros: sentMicros }),
            },
          },
        },
      }));
      await rows.bulkWrite(updates, { ordered: false });
    },
    ofMonth: (scope, month) => find(scope, { day: daysOf(month) }),
    ofDays: (scope, { from, to, bucket }) =>
      find(scope, {
        day: { $gte: from, $lte: to },
        ...(bucket !== undefined && { bucket: { $eq: bucket as Bucket } }),
      }),
    find: async (scope, key) => {
      const row = await rows.findOne(filtered(scope, { _id: windowId(key) }));
      return row === null ? undefined : fromRow(row);
    },
    lastBookedDay: async (scope) => {
      const [byDay, byPriceDate] = await Promise.all([
        rows.findOne(filtered(scope, {}), { sort: { day: -1 } }),
        rows.findOne(filtered(scope, { lastPriceDate: { $exists: true } }), { sort: { lastPriceDate: -1 } }),
      ]);
      const [day, priceDate] = [byDay?.day, byPriceDate?.lastPriceDate];
      if (day === undefined || priceDate === undefined) return day ?? (priceDate as LocalDate | undefined);
      return (day as string) > priceDate ? day : (priceDate as LocalDate);
    },
    ensureIndexes: async () => {
      await rows.createIndexes([
        { key: { tenantId: 1, day: 1 }, name: "tenant_day" },
        { key: { ancestorIds: 1, day: 1 }, name: "ancestors_day" },
        {
          key: { tenantId: 1, lastPriceDate: 1 },
          name: "tenant_price_date",
          partialFilterExpression: { lastPriceDate: { $exists: true } },
        },
        { key: { dirty: 1, _id: 1 }, name: "dirty", partialFilterExpression: { dirty: true } },
        { key: { stale: 1, _id: 1 }, name: "stale", partialFilterExpression: { stale: true } },
        { key: { confirmed: 1, _id: 1 }, name: "unconfirmed", partialFilterExpression: { confirmed: false } },
      ]);
      // Windows of a version that kept no balances: everything in them is counted once.
      const uncounted = { bookings: { $exists: false } } as Filter<WindowRow>;
      const word = new ObjectId().toHexString();
      await rows.updateMany(uncounted, { $set: { bookings: 1, stale: true, open: { [everySlot]: word } } });
    },
  };
}
