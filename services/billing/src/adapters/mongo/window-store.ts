import { monthOfDay, type Scope } from "@greentick/kernel";
import { type Database, scopeFilter } from "@greentick/runtime";
import { type Collection, type Filter } from "mongodb";
import { without } from "../../domain/without.js";
import { type UsageWindow, type WindowKey, type WindowOwner, type WindowStore } from "../../ports.js";

interface WindowRow extends Omit<UsageWindow, "id"> {
  _id: string;
  schemaVersion: 1;
  ancestorIds: readonly string[];
  billToTenantId: string;
  dirty: boolean;
  confirmed: boolean;
  /** System time before which a window that failed is left alone. */
  notBefore: Date;
  /** System time until which a window that was told lies still, unless somebody hurries. Absent before it was first told. */
  restsUntil?: Date;
}

const windowId = ({ tenantId, bucket, day }: WindowKey): string => `${tenantId}:${bucket}:${day}`;

const behind = (after: string | undefined): Filter<WindowRow> => (after === undefined ? {} : { _id: { $gt: after } });

const due = (now: Date, hurried: boolean): Filter<WindowRow> => ({
  dirty: true,
  notBefore: { $lte: now },
  ...(!hurried && { restsUntil: { $not: { $gt: now } } }),
});

const fromRow = (row: WindowRow): UsageWindow => {
  const { _id, ...rest } = without(
    row,
    "schemaVersion",
    "ancestorIds",
    "billToTenantId",
    "dirty",
    "confirmed",
    "notBefore",
    "restsUntil",
  );
  return { ...rest, id: _id };
};

/** The usage windows of all tenants. Totals are never added up here: they come from the entries. */
export function mongoWindowStore(database: Database): WindowStore & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<WindowRow> = database.db.collection("windows");
  const filtered = (scope: Scope, filter: Filter<WindowRow>): Filter<WindowRow> => ({
    $and: [scopeFilter(scope), filter],
  });
  const find = async (scope: Scope, filter: Filter<WindowRow>, limit = 0): Promise<readonly UsageWindow[]> =>
    (await rows.find(filtered(scope, filter)).sort({ _id: 1 }).limit(limit).toArray()).map(fromRow);
  return {
    markDirty: async (_, windows) => {
      if (windows.length === 0) return;
      const updates = windows.map((window) => ({
        updateOne: { filter: { _id: windowId(window) }, update: dirtied(window), upsert: true },
      }));
      await rows.bulkWrite(updates, { ordered: false });
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
    ofMonth: (scope, month) => find(scope, { month }),
    find: async (scope, key) => {
      const row = await rows.findOne(filtered(scope, { _id: windowId(key) }));
      return row === null ? undefined : fromRow(row);
    },
    ensureIndexes: async () => {
      await rows.createIndexes([
        { key: { tenantId: 1, month: 1 }, name: "tenant_month" },
        { key: { ancestorIds: 1, month: 1 }, name: "ancestors_month" },
        { key: { dirty: 1, _id: 1 }, name: "dirty", partialFilterExpression: { dirty: true } },
        { key: { confirmed: 1, _id: 1 }, name: "unconfirmed", partialFilterExpression: { confirmed: false } },
      ]);
    },
  };
}

function dirtied(window: WindowKey & WindowOwner): Record<string, unknown> {
  const { tenantId, ancestorIds, livemode, bucket, day } = window;
  return {
    $inc: { dirtyVersion: 1 },
    $set: { dirty: true, notBefore: new Date(0) },
    $setOnInsert: {
      tenantId,
      ancestorIds,
      billToTenantId: tenantId,
      livemode,
      schemaVersion: 1,
      bucket,
      day,
      month: monthOfDay(day),
      sentVersion: 0,
      confirmed: false,
      afterInvoice: false,
      tries: 0,
    },
  };
}
