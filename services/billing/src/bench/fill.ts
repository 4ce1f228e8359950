import { randomBytes } from "node:crypto";
import { dayMs, makeId, minuteMs, type TenantId, utcDayOf } from "@greentick/kernel";
import { type Database } from "@greentick/runtime";
import { type Collection, type Document } from "mongodb";
import { type BalanceStore, type MarkedEntry, type WindowStore } from "../ports.js";

type Row = Document & { _id: string };

export interface Filling {
  readonly database: Database;
  readonly windows: WindowStore;
  readonly balances: BalanceStore;
  /** Noon of the first day. */
  readonly start: Date;
  readonly days: number;
}

const together = 1_000;
const scope = { system: "price-facts" } as const;

/** Fills a client's month up with copies of what is booked already, under other keys, on other days. */
export async function fillEntries(filling: Filling, tenantId: TenantId, count: number): Promise<void> {
  const entries: Collection<Row> = filling.database.db.collection("entries");
  const pattern = await entries.find({ kind: "usage" }).limit(together).toArray();
  for (let done = 0; done < count; done += pattern.length) {
    const rows = pattern.slice(0, count - done).map((row, at) => copied(filling, row, { tenantId, at: done + at }));
    await entries.insertMany(rows, { ordered: false });
    await filling.windows.markDirty(scope, rows as unknown as MarkedEntry[]);
  }
}

/** Facts have no part in balances: only their number matters. */
export async function fillFacts({ database }: Filling, count: number): Promise<void> {
  const facts: Collection<Row> = database.db.collection("facts");
  const pattern = await facts.find({}).limit(together).toArray();
  for (let done = 0; done < count; done += pattern.length)
    await facts.insertMany(
      pattern.slice(0, count - done).map((row) => ({ ...row, _id: `${row._id}/${randomBytes(9).toString("hex")}` })),
      { ordered: false },
    );
}

/** Bookings of a day are spread over its minutes, as a busy client's are. */
function copied({ start, days }: Filling, row: Row, place: { tenantId: TenantId; at: number }): Row {
  const at = new Date(
    start.getTime() + (place.at % days) * dayMs + ((Math.floor(place.at / days) % 600) * minuteMs) / 2,
  );
  const day = utcDayOf(at);
  return {
    ...row,
    _id: makeId("entry", at.getTime(), randomBytes(10)),
    key: `${place.tenantId}/copy/${place.at}`,
    tenantId: place.tenantId,
    day,
    month: day.slice(0, 7),
    bookedAt: at,
  };
}

/** Everything that was filled in is counted, as the job would have done meanwhile. */
export async function countAll(balances: BalanceStore): Promise<void> {
  while ((await balances.settleStale(scope)) > 0);
}
