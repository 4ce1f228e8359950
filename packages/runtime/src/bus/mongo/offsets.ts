import { type Collection, type Db } from "mongodb";
import { type Place, placeId } from "../partitions.js";
import { type Beyond, type Standpoint } from "./ahead.js";

interface OffsetRow extends Place {
  _id: string;
  offset: number;
  /** The member that reads it; empty while nobody does. */
  owner: string;
  /** How often its reader was lost since the offset last moved. */
  lost?: number;
  /** Tenants whose events are handled beyond the offset, and how many events that are. */
  beyond?: Beyond[];
  ahead?: number;
}

export interface Taken {
  readonly offset: number;
  readonly beyond: readonly Beyond[];
  /** How often what comes next was given out: once more than readers were lost over it. */
  readonly deliveries: number;
}

/** Who reads a partition for a consumer, and how far it is. */
export interface Offsets {
  /** Makes the rows of places that are read for the first time; they begin at the first event. */
  readonly register: (places: readonly Place[]) => Promise<void>;
  readonly ownerOf: (place: Place) => Promise<string | undefined>;
  /** Where to read from, if the place still belonged to `from`; else undefined. */
  readonly take: (place: Place, from: string) => Promise<Taken | undefined>;
  /** False when another member took the place, or moved it: what was read will be read again. */
  readonly move: (place: Place, from: number, to: Standpoint) => Promise<boolean>;
  readonly release: (place: Place) => Promise<void>;
  /** Every place that this member reads for the consumer. */
  readonly releaseAll: (consumer: string) => Promise<void>;
  readonly all: () => Promise<readonly OffsetRow[]>;
}

export function offsets(db: Db, member: string): Offsets {
  const rows: Collection<OffsetRow> = db.collection("offsets");
  return {
    register: async (places) => {
      const known = places.map((place) => ({
        updateOne: {
          filter: { _id: placeId(place) },
          update: { $setOnInsert: { ...place, offset: 0, owner: "" } },
          upsert: true,
        },
      }));
      if (known.length > 0) await rows.bulkWrite(known, { ordered: false });
    },
    ownerOf: async (place) => (await rows.findOne({ _id: placeId(place) }))?.owner,
    take: async (place, from) => {
      const lost = from === "" || from === member ? 0 : 1;
      const mine = { $set: { owner: member }, $inc: { lost } };
      const row = await rows.findOneAndUpdate({ _id: placeId(place), owner: from }, mine, { returnDocument: "after" });
      if (row === null) return undefined;
      return { offset: row.offset, beyond: row.beyond ?? [], deliveries: 1 + (row.lost ?? 0) };
    },
    move: async (place, from, { offset, beyond, ahead }) => {
      const held = { _id: placeId(place), owner: member, offset: from };
      const moved = { offset, beyond: [...beyond], ahead, ...(offset > from && { lost: 0 }) };
      return (await rows.updateOne(held, { $set: moved })).matchedCount === 1;
    },
    release: async (place) => {
      await rows.updateOne({ _id: placeId(place), owner: member }, { $set: { owner: "" } });
    },
    releaseAll: async (consumer) => {
      await rows.updateMany({ consumer, owner: member }, { $set: { owner: "" } });
    },
    all: () => rows.find().toArray(),
  };
}
