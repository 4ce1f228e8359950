import { type Database, isDuplicateKey } from "@greentick/runtime";
import { type Collection, type Document, type Filter } from "mongodb";
import { addLines, type BalanceLine, slotBounds, slotLengthMs } from "../../domain/balance.js";
import { type WindowKey } from "../../ports.js";

/** The slot that stands for all: a window in which everything is to be counted again. */
export const everySlot = "all";

/** What the entries of a window that were booked in one stretch of time amount to. Always added up from them, never incremented. */
interface CellRow extends WindowKey {
  _id: string;
  schemaVersion: 1;
  ancestorIds: readonly string[];
  billToTenantId: string;
  slot: string;
  /** How often the window had been marked when the entries were read: an older count never replaces a newer one. */
  asOf: number;
  lines: readonly BalanceLine[];
}

/** A window whose cells are counted. */
export interface CountedWindow extends WindowKey {
  readonly _id: string;
  readonly ancestorIds: readonly string[];
  readonly bookings: number;
}

/** `$sum` gives an int32 for small sums and a 64-bit integer otherwise. */
type Sum = number | bigint;
interface Group extends Record<"entries" | "units" | "freeUnits" | "chargeMicros" | "costMicros", Sum> {
  readonly _id: Readonly<Record<string, unknown>>;
}

/** What the lines of entries are made of; amounts are 64-bit integers in the store as well. */
export const lineGroup = {
  kind: "$kind",
  market: "$service.market",
  category: "$service.category",
  pricingType: "$service.pricingType",
  rateMicros: "$service.rate.rateMicros",
  currency: "$charge.currency",
  costCurrency: "$cost.currency",
};
export const lineSums = {
  entries: { $sum: 1 },
  units: { $sum: "$units" },
  freeUnits: { $sum: { $cond: ["$free", "$units", 0] } },
  chargeMicros: { $sum: "$charge.amountMicros" },
  costMicros: { $sum: "$cost.amountMicros" },
};

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

export const toBalanceLine = ({ _id, ...sums }: Group): BalanceLine => ({
  kind: textOf(_id["kind"]) as BalanceLine["kind"],
  market: textOf(_id["market"]),
  category: textOf(_id["category"]),
  pricingType: textOf(_id["pricingType"]),
  ...(typeof _id["rateMicros"] === "bigint" && { rateMicros: _id["rateMicros"] }),
  currency: textOf(_id["currency"]),
  costCurrency: textOf(_id["costCurrency"]),
  entries: Number(sums.entries),
  units: Number(sums.units),
  freeUnits: Number(sums.freeUnits),
  chargeMicros: BigInt(sums.chargeMicros),
  costMicros: BigInt(sums.costMicros),
});

const slotNumber = { $floor: { $divide: [{ $toLong: "$bookedAt" }, slotLengthMs] } };

type Counts = ReadonlyMap<string, readonly BalanceLine[]>;

/** The cells of windows. */
export interface Cells {
  /** Adds the window up from all its entries, or from those that somebody may see. */
  readonly whole: (window: CountedWindow, seen?: Filter<Document>) => Promise<readonly BalanceLine[]>;
  /** Adds the slots up again from their entries; `all` finds the slots itself. */
  readonly count: (window: CountedWindow, slots: readonly string[] | "all") => Promise<Counts>;
  /** Keeps what was counted, unless something newer is kept. */
  readonly keep: (window: CountedWindow, counts: Counts) => Promise<void>;
  /** Takes away what is kept of slots in which nothing is booked. */
  readonly onlyThese: (window: CountedWindow, counts: Counts) => Promise<void>;
  /** What is kept of the slots that are not among these. */
  readonly others: (window: CountedWindow, slots: Counts) => Promise<readonly BalanceLine[]>;
}

export function cellsOf(database: Database): Cells {
  const rows: Collection<CellRow> = database.db.collection("cells");
  const entries = database.db.collection("entries");
  /** Ids of a window's cells begin with it; `;` comes right behind `:`. */
  const ofWindow = ({ _id }: CountedWindow): Filter<CellRow> => ({ _id: { $gt: `${_id}:`, $lt: `${_id};` } });

  const linesOf = async (
    { tenantId, bucket, day }: CountedWindow,
    more: Filter<Document> = {},
  ): Promise<readonly BalanceLine[]> => {
    const filter = { day, tenantId, bucket, ...more };
    const groups = await entries
      .aggregate<Group>([{ $match: filter }, { $group: { _id: lineGroup, ...lineSums } }])
      .toArray();
    return addLines(groups.map(toBalanceLine));
  };
  const countAll = async ({ tenantId, bucket, day }: CountedWindow): Promise<Counts> => {
    const groups = await entries
      .aggregate<Group>([
        { $match: { day, tenantId, bucket } },
        { $group: { _id: { ...lineGroup, slot: slotNumber }, ...lineSums } },
      ])
      .toArray();
    const found = new Map<string, BalanceLine[]>();
    for (const group of groups) {
      const slot = String(group._id["slot"]);
      found.set(slot, [...(found.get(slot) ?? []), toBalanceLine(group)]);
    }
    return new Map([...found].map(([slot, lines]) => [slot, addLines(lines)]));
  };
  return {
    whole: linesOf,
    count: async (window, slots) => {
      if (slots === "all") return countAll(window);
      const found = new Map<string, readonly BalanceLine[]>();
      for (const slot of slots) {
        const { start, end } = slotBounds(Number(slot));
        found.set(slot, await linesOf(window, { bookedAt: { $gte: start, $lt: end } }));
      }
      return found;
    },
    keep: async (window, counts) => {
      const { _id, tenantId, ancestorIds, bucket, day, bookings: asOf } = window;
      const key = { tenantId, ancestorIds, billToTenantId: tenantId, schemaVersion: 1 as const, bucket, day };
      const writes = [...counts].map(([slot, lines]) => ({
        updateOne: {
          filter: { _id: `${_id}:${slot}`, asOf: { $lte: asOf } },
          update: { $set: { ...key, slot, asOf, lines } },
          upsert: true,
        },
      }));
      if (writes.length === 0) return;
      await rows.bulkWrite(writes, { ordered: false }).catch((error: unknown) => {
        // Something newer is kept.
        if (!isDuplicateKey(error)) throw error;
      });
    },
    onlyThese: async (window, counts) => {
      const gone = { slot: { $nin: [...counts.keys()] }, asOf: { $lte: window.bookings } };
      await rows.deleteMany({ $and: [ofWindow(window), gone] });
    },
    others: async (window, slots) => {
      const kept = await rows.find(ofWindow(window)).toArray();
      return kept.filter(({ slot }) => !slots.has(slot)).flatMap(({ lines }) => lines);
    },
  };
}
