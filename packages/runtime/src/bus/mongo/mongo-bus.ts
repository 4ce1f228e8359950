import { type Log } from "@greentick/kernel";
import { type Db } from "mongodb";
import { type CallFactory } from "../../calls.js";
import { type Clocks } from "../../clocks.js";
import { courtesy, type Courtesy } from "../../courtesy.js";
import { membership } from "../../members.js";
import { appending } from "../appending.js";
import { type Bus } from "../contract.js";
import { busOver } from "../core.js";
import { deadLetterBox } from "../dead-letters.js";
import { type BusCore, type Engine, type Standing } from "../engine.js";
import { partitionKey, type PartitionOf } from "../partitions.js";
import { type Patience, usualPatience } from "../patience.js";
import { type LaneParts, type MongoLane, startLane } from "./lane.js";
import { type Offsets, offsets } from "./offsets.js";
import { type BusRecord, type RecordLog, recordLog } from "./records.js";
import { recordSweep } from "./sweep.js";
import { watchAppends } from "./watch.js";

export interface MongoBusParts {
  readonly db: Db;
  readonly clocks: Clocks;
  readonly calls: CallFactory;
  readonly log: Log;
  /** System time between looks for what other processes appended. */
  readonly watchEveryMs?: number;
  /** Partitions of a process that is silent for this long go to others. */
  readonly leaseMs?: number;
  readonly patience?: Patience;
  /** Batches of events give way to those who wait for an answer of this process. */
  readonly manners?: Courtesy;
}

const usualLeaseMs = 3_000;
const usualWatchMs = 200;
/** Lanes look by themselves now and then, in case a wake-up was missed; all at once, so that the store is asked once. */
const lookEveryMs = 10_000;

/** The embedded bus over MongoDB; see Bus for its promises. */
export async function mongoBus(parts: MongoBusParts): Promise<Bus> {
  const { db, clocks, log } = parts;
  let beat = (): void => undefined;
  const members = membership({
    db,
    log,
    leaseMs: parts.leaseMs ?? usualLeaseMs,
    onBeat: () => {
      beat();
    },
  });
  const deadLetters = deadLetterBox(db, clocks.system);
  const records = recordLog(db, clocks.system);
  await Promise.all([records.ensureIndexes(), deadLetters.ensureIndexes()]);
  await clocks.refresh();
  await members.join();
  const patience = parts.patience ?? usualPatience;
  const { calls, manners = courtesy() } = parts;
  const core: BusCore = { log, members, deadLetters, calls, patience, manners, now: clocks.system };
  const laneParts: LaneParts = {
    ...core,
    clocks,
    records,
    offsets: offsets(db, members.id, clocks.system),
    shelf: { bytes: 0 },
  };
  const { onBeat, ...bus } = busOver(core, {
    ...mongoEngine(laneParts, parts.watchEveryMs ?? usualWatchMs),
    sweep: recordSweep(db),
  });
  beat = onBeat;
  return bus;
}

/** Partitions belong to members by lot; their offsets lie beside the log. */
function mongoEngine(parts: LaneParts, everyMs: number): Omit<Engine, "sweep"> {
  const { records, clocks, log } = parts;
  const lanes = new Map<string, Set<MongoLane>>();
  const lanesOf = (of: PartitionOf): Set<MongoLane> => {
    const some = lanes.get(partitionKey(of)) ?? new Set();
    lanes.set(partitionKey(of), some);
    return some;
  };
  const wake = (to: PartitionOf, end: number): void => {
    for (const lane of lanesOf(to)) lane.wake(end);
  };
  const lookAround = setInterval(() => {
    for (const some of lanes.values()) for (const lane of some) lane.wake();
  }, lookEveryMs);
  const hand = (record: BusRecord): void => {
    for (const lane of lanesOf(record)) lane.hand(record);
  };
  const writers = appending((to) => records.endOf(to, hand));
  const watch = watchAppends({ records, now: clocks.system, log, everyMs, wake });
  return {
    append: async (to, events, again) => {
      wake(to, await writers.append(to, events, again));
    },
    register: parts.offsets.register,
    startLane: (spec, place) => {
      const lane = startLane(parts, spec, place);
      lanesOf(place).add(lane);
      const stop = async (): Promise<void> => {
        lanesOf(place).delete(lane);
        await lane.stop();
      };
      return { review: lane.review, stop };
    },
    release: parts.offsets.releaseAll,
    standings: () => standingsOf(parts.offsets, records),
    close: async () => {
      clearInterval(lookAround);
      await watch.stop();
      await writers.idle();
    },
  };
}

/** Offsets first, then ends: a consumer is never shown ahead of its log. */
async function standingsOf(places: Offsets, records: RecordLog): Promise<readonly Standing[]> {
  const rows = await places.all();
  const partitions = new Map(
    rows.map(({ stream, partition }) => [partitionKey({ stream, partition }), { stream, partition }]),
  );
  const ends = await records.ends([...partitions.values()]);
  return rows.map(({ consumer, stream, partition, offset, ahead = 0 }) => ({
    consumer,
    stream,
    partition,
    offset,
    behind: Math.max(0, (ends.get(partitionKey({ stream, partition })) ?? offset) - offset - ahead),
  }));
}
