import { monthOfDay } from "@greentick/kernel";
import { ObjectId } from "mongodb";
import { type BalanceLine, slotOf } from "../../domain/balance.js";
import { without } from "../../domain/without.js";
import { type MarkedEntry, type UsageWindow, type WindowKey } from "../../ports.js";

export interface WindowRow extends Omit<UsageWindow, "id"> {
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
  /** Raised whenever entries were booked. */
  bookings: number;
  /** Slots in which something was booked since they were counted, each with the word of whoever booked last. */
  open?: Readonly<Record<string, string>>;
  /** It holds so many entries that cells are kept of them. */
  celled?: boolean;
  /** What the entries amounted to when `bookings` was `balanceVersion`. */
  balance?: readonly BalanceLine[];
  balanceVersion?: number;
  /** The balance is older than the last booking. */
  stale: boolean;
  /** The latest price date booked here, in an account's zone. */
  lastPriceDate?: string;
}

export const windowId = ({ tenantId, bucket, day }: WindowKey): string => `${tenantId}:${bucket}:${day}`;

export const fromRow = (row: WindowRow): UsageWindow => {
  const { _id, ...rest } = without(
    row,
    "schemaVersion",
    "ancestorIds",
    "billToTenantId",
    "dirty",
    "confirmed",
    "notBefore",
    "restsUntil",
    "bookings",
    "open",
    "celled",
    "balance",
    "balanceVersion",
    "stale",
    "lastPriceDate",
  );
  return { ...rest, id: _id };
};

/** One upsert for each window of the entries. */
export function marksOf(entries: readonly MarkedEntry[]): Map<string, Record<string, unknown>> {
  const groups = new Map<string, { readonly first: MarkedEntry; readonly all: MarkedEntry[] }>();
  for (const entry of entries) {
    const id = windowId(entry);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, { first: entry, all: [entry] });
    else group.all.push(entry);
  }
  return new Map([...groups].map(([id, { first, all }]) => [id, marked(first, all)]));
}

function marked(first: MarkedEntry, group: readonly MarkedEntry[]): Record<string, unknown> {
  const { tenantId, ancestorIds, livemode, bucket, day } = first;
  const word = new ObjectId().toHexString();
  const slots = [...new Set(group.map(({ bookedAt }) => slotOf(bookedAt)))];
  const priceDates = group.flatMap(({ service }) => service?.localDate ?? []).sort();
  const last = priceDates.at(-1);
  return {
    $inc: { dirtyVersion: 1, bookings: 1 },
    $set: {
      dirty: true,
      stale: true,
      notBefore: new Date(0),
      ...Object.fromEntries(slots.map((slot) => [`open.${slot}`, word])),
    },
    ...(last !== undefined && { $max: { lastPriceDate: last } }),
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
