import { type EventEnvelope, type Log } from "@greentick/kernel";
import { type Db } from "mongodb";
import { type CallFactory } from "../calls.js";
import { type Clocks } from "../clocks.js";
import { membership } from "../members.js";
import { type Bus, type ConsumerLag, type ConsumerSpec, type RunningConsumer } from "./contract.js";
import { deadLetterBox } from "./dead-letters.js";
import { checkEvent } from "./event-rules.js";
import { type Lane, type LaneParts, startLane } from "./lane.js";
import { offsets, partIn, type Place } from "./offsets.js";
import { partitionCount, partitionOf, streamOf } from "./partitions.js";
import { type Patience, usualPatience } from "./patience.js";
import { partitionKey, type PartitionOf, type RecordLog, recordLog } from "./records.js";
import { redelivery } from "./redelivery.js";
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
}

interface Running {
  readonly spec: ConsumerSpec;
  readonly lanes: readonly (PartitionOf & { readonly lane: Lane })[];
  readonly consumer: RunningConsumer;
  readonly stopping: AbortController;
}

const usualLeaseMs = 3_000;
const usualWatchMs = 200;

/** The embedded bus over MongoDB; see Bus for its promises. */
export async function mongoBus(parts: MongoBusParts): Promise<Bus> {
  const { db, clocks, log } = parts;
  const running = new Map<string, Running>();
  const letters = deadLetterBox(db, clocks.system);
  const records = recordLog(db, clocks.system);
  const members = membership({
    db,
    log,
    leaseMs: parts.leaseMs ?? usualLeaseMs,
    onBeat: () => {
      onBeat();
    },
  });
  const lanes: LaneParts = {
    log,
    records,
    clocks,
    members,
    calls: parts.calls,
    deadLetters: letters,
    offsets: offsets(db, members.id),
    patience: parts.patience ?? usualPatience,
  };
  const lanesOf = ({ stream, partition }: PartitionOf): readonly Lane[] =>
    [...running.values()].flatMap((one) =>
      one.lanes.filter((at) => at.stream === stream && at.partition === partition).map(({ lane }) => lane),
    );
  const wake = (to: PartitionOf, end: number): void => {
    for (const lane of lanesOf(to)) lane.wake(end);
  };
  const again = redelivery(lanes, running);
  const onBeat = (): void => {
    for (const one of running.values()) for (const { lane } of one.lanes) lane.review();
    again.takeUp();
  };
  await Promise.all([records.ensureIndexes(), letters.ensureIndexes()]);
  await clocks.refresh();
  await members.join();
  const watch = watchAppends({ records, now: clocks.system, log, everyMs: parts.watchEveryMs ?? usualWatchMs, wake });
  return {
    publish: publishing(records, wake),
    consume: (spec) => startConsumer(lanes, running, spec),
    lag: () => lagOf(lanes, running),
    deadLetters: letters.list,
    redeliver: again.redeliver,
    close: async () => {
      await watch.stop();
      await Promise.all([...running.values()].map(({ consumer }) => consumer.stop()));
      await again.stop();
      await records.idle();
      await members.leave().catch((error: unknown) => {
        log.warn({ err: error }, "the event bus closed without taking leave of its other processes");
      });
    },
  };
}

const publishing =
  (records: RecordLog, wake: (to: PartitionOf, end: number) => void): Bus["publish"] =>
  async (events) => {
    for (const event of events) checkEvent(event);
    const parted = intoPartitions(events).map(async ({ to, events: some }) => {
      wake(to, await records.append(to, some));
    });
    await Promise.all(parted);
  };

/** Events of one key keep their order: they share a partition, and a partition's list keeps the order of the whole. */
function intoPartitions(events: readonly EventEnvelope[]): { to: PartitionOf; events: EventEnvelope[] }[] {
  const parted = new Map<string, { to: PartitionOf; events: EventEnvelope[] }>();
  for (const event of events) {
    const stream = streamOf(event.type);
    const to = { stream, partition: partitionOf(stream, event.partitionKey) };
    const key = `${stream}/${to.partition}`;
    const one = parted.get(key) ?? { to, events: [] };
    parted.set(key, one);
    one.events.push(event);
  }
  return [...parted.values()];
}

function placesOf(spec: ConsumerSpec): readonly Place[] {
  const definitions = spec.batch?.events ?? spec.on.map((one) => one.event);
  const streams = [...new Set(definitions.map((one) => one.stream))];
  return streams.flatMap((stream) =>
    Array.from({ length: partitionCount(stream) }, (_, partition) => ({ consumer: spec.name, stream, partition })),
  );
}

function checkSpec(running: ReadonlyMap<string, Running>, spec: ConsumerSpec): void {
  if (running.has(spec.name))
    throw new Error(`The consumer ${spec.name} runs in this process already: names are unique.`);
  if (spec.batch !== undefined && spec.on.length > 0)
    throw new Error(`The consumer ${spec.name} has both a table and a batch handler: split it into two consumers.`);
}

async function startConsumer(
  parts: LaneParts,
  running: Map<string, Running>,
  spec: ConsumerSpec,
): Promise<RunningConsumer> {
  checkSpec(running, spec);
  const names = (): string[] => [...new Set([...running.values()].flatMap((one) => placesOf(one.spec).map(partIn)))];
  const places = placesOf(spec);
  const stopping = new AbortController();
  const lanes: (PartitionOf & { readonly lane: Lane })[] = [];
  const stop = async (): Promise<void> => {
    stopping.abort();
    await Promise.all(lanes.map(({ lane }) => lane.stop()));
    if (running.get(spec.name)?.stopping === stopping) running.delete(spec.name);
    await takeLeave(parts, spec.name, names());
  };
  let stopped: Promise<void> | undefined;
  const consumer: RunningConsumer = { stop: () => (stopped ??= stop()) };
  running.set(spec.name, { spec, lanes, consumer, stopping });
  try {
    await parts.offsets.register(places);
    await parts.members.nowDoing(names());
  } catch (error) {
    running.delete(spec.name);
    throw error;
  }
  for (const { stream, partition } of places)
    lanes.push({ stream, partition, lane: startLane(parts, spec, { consumer: spec.name, stream, partition }) });
  return consumer;
}

/** The others hear of it at once; without a store they find out by the missing beat. */
async function takeLeave({ offsets: places, members, log }: LaneParts, name: string, left: string[]): Promise<void> {
  try {
    await members.nowDoing(left);
    await places.releaseAll(name);
  } catch (error) {
    log.warn({ err: error, consumer: name }, "consumer stopped without giving its partitions back");
  }
}

/** Offsets first, then ends: a consumer is never shown ahead of its log. */
async function lagOf(parts: LaneParts, running: ReadonlyMap<string, Running>): Promise<readonly ConsumerLag[]> {
  const rows = await parts.offsets.all();
  const partitions = new Map(
    rows.map(({ stream, partition }) => [partitionKey({ stream, partition }), { stream, partition }]),
  );
  const ends = await parts.records.ends([...partitions.values()]);
  return rows.map(({ consumer, stream, partition, offset }) => ({
    consumer,
    stream,
    partition,
    offset,
    behind: (ends.get(partitionKey({ stream, partition })) ?? offset) - offset,
    running: running.has(consumer) || parts.members.doing(partIn({ consumer, stream })).length > 0,
  }));
}
