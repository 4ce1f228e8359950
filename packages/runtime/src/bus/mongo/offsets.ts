import { type Clock } from "@greentick/kernel";
import DataLoader from "dataloader";
import { type Collection, type Db } from "mongodb";
import { type Place, placeId } from "../partitions.js";
import { beginningOf } from "./sweep.js";
import { type Beyond, type Standpoint } from "./ahead.js";

interface OffsetRow extends Place {
  _id: string;
  offset: number;
  /** The member that reads it; empty while nobody does. */
  owner: string;
  /** How often its reader was lost since the offset last moved, or since nothing was left to read. */
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

/** Who reads a partition for a consumer, and how far it is. What many lanes ask at once, as at a start, is asked of the store together. */
export interface Offsets {
  /** Makes the rows of places that are read for the first time; they begin at the oldest event that is kept. */
  readonly register: (places: readonly Place[]) => Promise<void>;
  readonly ownerOf: (place: Place) => Promise<string | undefined>;
  /** Where to read from, if the place still belonged to `from`; else undefined. */
  readonly take: (place: Place, from: string) => Promise<Taken | undefined>;
  /** False when another member took the place, or moved it: what was read will be read again. */
  readonly move: (place: Place, from: number, to: Standpoint) => Promise<boolean>;
  /** Nothing is there to be read, so no reader was lost over it. */
  readonly unharmed: (place: Place) => Promise<void>;
  readonly release: (place: Place) => Promise<void>;
  /** Every place that this member reads for the consumer. */
  readonly releaseAll: (consumer: string) => Promise<void>;
  readonly all: () => Promise<readonly OffsetRow[]>;
}

/** A move that the store forgets in a crash makes the bus hand out again what was handled: no reason to wait for the disk. */
const whenSeen = { w: 1, journal: false } as const;

export function offsets(db: Db, member: string, now: Clock): Offsets {
  const rows: Collection<OffsetRow> = db.collection("offsets");
  const owners = new DataLoader(ownersOf(rows), together);
  const takes = new DataLoader(takeFor(rows, member), together);
  const unharmed = new DataLoader<string, true>(async (ids) => {
    await rows.updateMany({ _id: { $in: [...ids] }, owner: member }, { $set: { lost: 0 } });
    return ids.map(() => true);
  }, together);
  return {
    register: async (places) => {
      const found = await rows.find({ _id: { $in: places.map(placeId) } }, { projection: { _id: 1 } }).toArray();
      const known = new Set(found.map(({ _id }) => _id));
      const made = places
        .filter((place) => !known.has(placeId(place)))
        .map(async (place) => ({
          updateOne: {
            filter: { _id: placeId(place) },
            update: { $setOnInsert: { ...place, offset: await beginningOf(db, place, now()), owner: "" } },
            upsert: true,
          },
        }));
      if (made.length > 0) await rows.bulkWrite(await Promise.all(made), { ordered: false });
    },
    ownerOf: (place) => owners.load(placeId(place)),
    take: (place, from) => takes.load({ id: placeId(place), from }),
    move: async (place, from, { offset, beyond, ahead }) => {
      const held = { _id: placeId(place), owner: member, offset: from };
      const moved = { offset, beyond: [...beyond], ahead, ...(offset > from && { lost: 0 }) };
      return (await rows.updateOne(held, { $set: moved }, { writeConcern: whenSeen })).matchedCount === 1;
    },
    unharmed: async (place) => {
      await unharmed.load(placeId(place));
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

const together = { cache: false, maxBatchSize: 500 } as const;

const ownersOf =
  (rows: Collection<OffsetRow>) =>
  async (ids: readonly string[]): Promise<(string | undefined)[]> => {
    const found = await rows.find({ _id: { $in: [...ids] } }, { projection: { owner: 1 } }).toArray();
    const owners = new Map(found.map(({ _id, owner }) => [_id, owner]));
    return ids.map((id) => owners.get(id));
  };

interface Claim {
  readonly id: string;
  readonly from: string;
}

/** A place that is ours afterwards was taken: it was still its former owner's, or ours already. */
const takeFor =
  (rows: Collection<OffsetRow>, member: string) =>
  async (claims: readonly Claim[]): Promise<(Taken | undefined)[]> => {
    for (const from of new Set(claims.map((claim) => claim.from))) {
      const ids = claims.filter((claim) => claim.from === from).map(({ id }) => id);
      const lost = from === "" || from === member ? 0 : 1;
      await rows.updateMany({ _id: { $in: ids }, owner: from }, { $set: { owner: member }, $inc: { lost } });
    }
    const ours = await rows.find({ _id: { $in: claims.map(({ id }) => id) }, owner: member }).toArray();
    const taken = new Map(ours.map((row) => [row._id, row]));
    return claims.map(({ id }) => takenOf(taken.get(id)));
  };

const takenOf = (row: OffsetRow | undefined): Taken | undefined =>
  row && { offset: row.offset, beyond: row.beyond ?? [], deliveries: 1 + (row.lost ?? 0) };
