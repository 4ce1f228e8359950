import { type Collection, type Db } from "mongodb";
import { partitionCount, type PartitionOf } from "../partitions.js";
import { type Old } from "../retention.js";
import { type BusRecord } from "./records.js";

/** Records that go at once. */
const atOnce = 200;
/** A consumer that has asked where a partition begins has its place by then, or its process is gone. */
const beginningMs = 3_600_000;

type Standing = PartitionOf & { readonly offset: number };
type Going = Pick<BusRecord, "_id" | "offset" | "at">;

/**
 * Deletes records from the beginning of each partition: those that every consumer has passed, and that are old enough. The newest one of a
 * partition stays: it tells where the next one begins.
 */
export function recordSweep(db: Db): (old: Old) => Promise<void> {
  const records: Collection<BusRecord> = db.collection("records");
  const offsets: Collection<Standing> = db.collection("offsets");
  /** The oldest records that may go, and where the partition begins without them. */
  const goingOf = async (
    of: PartitionOf,
    old: Old,
  ): Promise<{ readonly going: readonly Going[]; readonly to: number }> => {
    const readers = await offsets.find(of, { projection: { offset: 1 } }).toArray();
    const newest = await records.findOne(of, { sort: { offset: -1 }, projection: { offset: 1 } });
    const passed = Math.min(newest?.offset ?? 0, ...readers.map(({ offset }) => offset));
    const found = await records
      .find<Going>(of, { projection: { offset: 1, at: 1 } })
      .sort({ offset: 1 })
      .limit(atOnce + 1)
      .toArray();
    const limit = readers.length === 0 ? old.unread : old.passed;
    const kept = found.findIndex(({ offset, at }, place) => offset >= passed || at >= limit || place === atOnce);
    return { going: found.slice(0, kept), to: found[kept]?.offset ?? 0 };
  };
  /** The oldest one says where the partition begins as long as others go; so it goes last, and not while a consumer begins there. */
  const deleteSome = async (of: PartitionOf, old: Old): Promise<boolean> => {
    const { going, to } = await goingOf(of, old);
    const [oldest, ...others] = going;
    if (oldest === undefined) return false;
    const latest = new Date(old.now.getTime() - beginningMs);
    const free = { _id: oldest._id, $or: [{ begunAt: { $exists: false } }, { begunAt: { $lt: latest } }] };
    if ((await records.updateOne(free, { $max: { beginsAt: to } })).matchedCount === 0) return false;
    if (others.length > 0) await records.deleteMany({ _id: { $in: others.map(({ _id }) => _id) } });
    await records.deleteOne({ _id: oldest._id });
    return going.length === atOnce;
  };
  return async (old) => {
    for (const stream of await records.distinct("stream"))
      for (let partition = 0; partition < partitionCount(stream); partition++)
        while (await deleteSome({ stream, partition }, old));
  };
}

/**
 * The offset at which a new consumer of the partition begins: that of the oldest event that is kept. Nothing from there on goes for an hour, so
 * that it can take its place.
 */
export async function beginningOf(db: Db, { stream, partition }: PartitionOf, now: Date): Promise<number> {
  const records: Collection<BusRecord> = db.collection("records");
  const oldest = await records.findOneAndUpdate(
    { stream, partition },
    { $set: { begunAt: now } },
    { sort: { offset: 1 }, projection: { offset: 1, beginsAt: 1 } },
  );
  return oldest?.beginsAt ?? oldest?.offset ?? 0;
}
