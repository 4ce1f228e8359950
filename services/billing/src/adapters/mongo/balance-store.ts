import { type Scope } from "@greentick/kernel";
import { type Database, scopeFilter } from "@greentick/runtime";
import { type Collection, type Filter, ObjectId } from "mongodb";
import { addLines, type BalanceLine, chargeOf } from "../../domain/balance.js";
import { type Bucket } from "../../domain/bucket.js";
import { type BalanceStore, type DayBalance } from "../../ports.js";
import { entryBalances } from "./entry-balances.js";
import { cellsOf, everySlot } from "./cells.js";
import { daysOf } from "./days.js";
import { windowId, type WindowRow } from "./window-rows.js";

const pageSize = 500;
const together = 8;

/** A window with so many entries is added up whole; above it cells are kept. */
const fewEntries = 2_000;
const countOf = (lines: readonly BalanceLine[]): number => lines.reduce((sum, { entries }) => sum + entries, 0);

/**
 * Balances of all tenants. A balance is a sum over cells, a cell a sum over its entries; neither is ever incremented. Whoever books marks
 * the cell's slot after the entries are durable, so a slot that is not marked holds no entry that its cell lacks.
 */
export function mongoBalanceStore(database: Database): BalanceStore {
  const rows: Collection<WindowRow> = database.db.collection("windows");
  const cells = cellsOf(database);
  const filtered = (scope: Scope, filter: Filter<WindowRow>): Filter<WindowRow> => ({
    $and: [scopeFilter(scope), filter],
  });

  /** The balance of the bookings that were read; a slot in which somebody booked meanwhile stays open. */
  const settle = async (row: WindowRow, lines: readonly BalanceLine[]): Promise<void> => {
    const { matchedCount } = await rows.updateOne(
      { _id: row._id, bookings: row.bookings },
      { $set: { balance: lines, balanceVersion: row.bookings, stale: false, open: {} } },
    );
    if (matchedCount > 0 || row.celled !== true) return;
    for (const [slot, word] of Object.entries(row.open ?? {}))
      await rows.updateOne({ _id: row._id, [`open.${slot}`]: word }, { $unset: { [`open.${slot}`]: "" } });
  };

  /** From now on only what is booked is added up; whoever booked since the row was read has opened its slot. */
  const divide = async (row: WindowRow): Promise<void> => {
    const counts = await cells.count(row, "all");
    await cells.keep(row, counts);
    await cells.onlyThese(row, counts);
    await rows.updateOne({ _id: row._id }, { $set: { celled: true } });
  };

  const wholeOf = async (row: WindowRow, keep: boolean): Promise<readonly BalanceLine[]> => {
    const lines = await cells.whole(row);
    if (keep) {
      if (countOf(lines) > fewEntries) await divide(row);
      await settle(row, lines);
    }
    return lines;
  };

  const added = async (row: WindowRow, keep: boolean): Promise<readonly BalanceLine[]> => {
    const slots = Object.keys(row.open ?? {});
    const all = slots.includes(everySlot);
    const counts = await cells.count(row, all ? "all" : slots);
    const others = all ? [] : await cells.others(row, counts);
    const lines = addLines([...[...counts.values()].flat(), ...others]);
    if (keep) {
      await cells.keep(row, counts);
      if (all) await cells.onlyThese(row, counts);
      await settle(row, lines);
    }
    return lines;
  };

  const balanceOf = async (row: WindowRow, keep: boolean): Promise<readonly BalanceLine[]> => {
    if (row.balance !== undefined && row.balanceVersion === row.bookings) return row.balance;
    return row.celled === true ? added(row, keep) : wholeOf(row, keep);
  };

  const toDay = async (row: WindowRow): Promise<DayBalance> => {
    const { tenantId, bucket, day, livemode } = row;
    return { tenantId, bucket, day, livemode, lines: await balanceOf(row, false) };
  };
  const daysBetween = async (scope: Scope, filter: Filter<WindowRow>): Promise<readonly DayBalance[]> => {
    const found = await rows.find(filtered(scope, filter)).sort({ _id: 1 }).toArray();
    const days: DayBalance[] = [];
    for (let from = 0; from < found.length; from += together)
      days.push(...(await Promise.all(found.slice(from, from + together).map(toDay))));
    return days;
  };

  return {
    windowTotal: async (scope, key) => {
      const row = await rows.findOne(filtered(scope, { _id: windowId(key) }));
      return row === null ? 0n : chargeOf(await balanceOf(row, true));
    },
    find: async (scope, key) => {
      const row = await rows.findOne(filtered(scope, { _id: windowId(key) }));
      return row === null ? undefined : toDay(row);
    },
    ofMonth: (scope, month) => daysBetween(scope, { day: daysOf(month) }),
    ofDays: (scope, { from, to, bucket }) =>
      daysBetween(scope, {
        day: { $gte: from, $lte: to },
        ...(bucket !== undefined && { bucket: { $eq: bucket as Bucket } }),
      }),
    settleStale: async (scope) => {
      const stale = await rows
        .find(filtered(scope, { stale: true }))
        .sort({ _id: 1 })
        .limit(pageSize)
        .toArray();
      for (const row of stale) await balanceOf(row, true);
      return stale.length;
    },
    recountedTotal: async (scope, key) =>
      chargeOf(await cells.whole({ ...key, _id: windowId(key), ancestorIds: [], bookings: 0 }, scopeFilter(scope))),
    recounted: (scope, month) => entryBalances(database, scope, month),
    rebuild: async (scope, window) => {
      const word = new ObjectId().toHexString();
      const update = {
        $inc: { bookings: 1, dirtyVersion: 1 },
        $set: { stale: true, dirty: true, notBefore: new Date(0), [`open.${everySlot}`]: word },
      };
      const row = await rows.findOneAndUpdate(filtered(scope, { _id: windowId(window) }), update, {
        returnDocument: "after",
      });
      if (row !== null) await balanceOf(row, true);
    },
  };
}
