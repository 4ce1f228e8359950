import { type Collection, type Db } from "mongodb";

/** One partition as one consumer reads it. */
export interface Place {
  readonly consumer: string;
  readonly stream: string;
  readonly partition: number;
}

interface OffsetRow extends Place {
  _id: string;
  offset: number;
  /** The member that reads it; empty while nobody does. */
  owner: string;
}

/** Who reads a partition for a consumer, and how far it is. */
export interface Offsets {
  /** Makes the rows of places that are read for the first time; they begin at the first event. */
  readonly register: (places: readonly Place[]) => Promise<void>;
  readonly ownerOf: (place: Place) => Promise<string | undefined>;
  /** The offset to read from, if the place still belonged to `from`; else undefined. */
  readonly take: (place: Place, from: string) => Promise<number | undefined>;
  /** False when another member took the place, or moved it: what was read will be read again. */
  readonly move: (place: Place, from: number, to: number) => Promise<boolean>;
  readonly release: (place: Place) => Promise<void>;
  /** Every place that this member reads for the consumer. */
  readonly releaseAll: (consumer: string) => Promise<void>;
  readonly all: () => Promise<readonly OffsetRow[]>;
}

export const placeId = ({ consumer, stream, partition }: Place): string => `${consumer}/${stream}/${partition}`;

/** What a member that reads a consumer's stream takes part in: members of an older version may not read all of its streams. */
export const partIn = ({ consumer, stream }: Pick<Place, "consumer" | "stream">): string => `${consumer}/${stream}`;

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
      const mine = { $set: { owner: member } };
      const row = await rows.findOneAndUpdate({ _id: placeId(place), owner: from }, mine, { returnDocument: "after" });
      return row?.offset;
    },
    move: async (place, from, to) => {
      const held = { _id: placeId(place), owner: member, offset: from };
      return (await rows.updateOne(held, { $set: { offset: to } })).matchedCount === 1;
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
