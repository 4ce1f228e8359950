import { type Collection, type Db } from "mongodb";
import { type Place, placeId } from "../partitions.js";

interface OffsetRow extends Place {
  _id: string;
  offset: number;
  /** The member that reads it; empty while nobody does. */
  owner: string;
  /** How often its reader was lost since it last moved. */
  lost?: number;
}

export interface Taken {
  readonly offset: number;
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
  readonly move: (place: Place, from: number, to: number) => Promise<boolean>;
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
      return row === null ? undefined : { offset: row.offset, deliveries: 1 + (row.lost ?? 0) };
    },
    move: async (place, from, to) => {
      const held = { _id: placeId(place), owner: member, offset: from };
      return (await rows.updateOne(held, { $set: { offset: to, lost: 0 } })).matchedCount === 1;
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
