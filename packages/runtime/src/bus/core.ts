import { type EventEnvelope } from "@greentick/kernel";
import { type Bus, type ConsumerLag, type ConsumerSpec, type RunningConsumer } from "./contract.js";
import { type BusCore, type Engine, type Lane } from "./engine.js";
import { checkEvent } from "./event-rules.js";
import {
  partIn,
  partitionCount,
  partitionKey,
  type PartitionOf,
  partitionOf,
  type Place,
  streamOf,
} from "./partitions.js";
import { redelivery } from "./redelivery.js";
import { retention } from "./retention.js";

interface Running {
  readonly spec: ConsumerSpec;
  readonly lanes: readonly Lane[];
  readonly consumer: RunningConsumer;
  readonly stopping: AbortController;
}

export interface BusBody extends Bus {
  /** The picture of the other processes is fresh. */
  readonly onBeat: () => void;
}

/** What does not depend on where events lie. Join the members before; `close` leaves them. */
export function busOver(parts: BusCore, engine: Engine): BusBody {
  const running = new Map<string, Running>();
  const again = redelivery(parts, running);
  const keeping = retention(parts, engine.sweep);
  return {
    publish: publishing(engine),
    consume: (spec) => startConsumer({ ...parts, engine }, running, spec),
    lag: () => lagOf(parts, engine, running),
    deadLetters: parts.deadLetters.list,
    redeliver: again.redeliver,
    ...(engine.broker && { broker: engine.broker }),
    onBeat: () => {
      for (const one of running.values()) for (const lane of one.lanes) lane.review();
      again.takeUp();
      keeping.review();
    },
    close: async () => {
      await Promise.all([...running.values()].map(({ consumer }) => consumer.stop()));
      await again.stop();
      await keeping.stop();
      await engine.close();
      await parts.members.leave().catch((error: unknown) => {
        parts.log.warn({ err: error }, "the event bus closed without taking leave of its other processes");
      });
    },
  };
}

const publishing =
  (engine: Engine): Bus["publish"] =>
  async (events, how = {}) => {
    for (const event of events) checkEvent(event);
    const again = how.again ?? false;
    await Promise.all(intoPartitions(events).map(({ to, events: some }) => engine.append(to, some, again)));
  };

interface Parted {
  readonly to: PartitionOf;
  readonly events: EventEnvelope[];
}

/** Events of one key keep their order: they share a partition, and a partition's list keeps the order of the whole. */
function intoPartitions(events: readonly EventEnvelope[]): readonly Parted[] {
  const parted = new Map<string, Parted>();
  for (const event of events) {
    const stream = streamOf(event.type);
    const to = { stream, partition: partitionOf(stream, event.partitionKey) };
    const one = parted.get(partitionKey(to)) ?? { to, events: [] };
    parted.set(partitionKey(to), one);
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

type Starting = BusCore & { readonly engine: Engine };

async function startConsumer(
  parts: Starting,
  running: Map<string, Running>,
  spec: ConsumerSpec,
): Promise<RunningConsumer> {
  checkSpec(running, spec);
  const names = (): string[] => [...new Set([...running.values()].flatMap((one) => placesOf(one.spec).map(partIn)))];
  const places = placesOf(spec);
  const stopping = new AbortController();
  const lanes: Lane[] = [];
  const stop = async (): Promise<void> => {
    stopping.abort();
    await Promise.all(lanes.map((lane) => lane.stop()));
    if (running.get(spec.name)?.stopping === stopping) running.delete(spec.name);
    await takeLeave(parts, spec.name, names());
  };
  let stopped: Promise<void> | undefined;
  const consumer: RunningConsumer = { stop: () => (stopped ??= stop()) };
  running.set(spec.name, { spec, lanes, consumer, stopping });
  try {
    await parts.engine.register(places);
    await parts.members.nowDoing(names());
  } catch (error) {
    running.delete(spec.name);
    throw error;
  }
  lanes.push(...places.map((place) => parts.engine.startLane(spec, place)));
  return consumer;
}

/** The others hear of it at once; without a store they find out by the missing beat. */
async function takeLeave({ engine, members, log }: Starting, name: string, left: string[]): Promise<void> {
  try {
    await members.nowDoing(left);
    await engine.release(name);
  } catch (error) {
    log.warn({ err: error, consumer: name }, "consumer stopped without giving its partitions back");
  }
}

async function lagOf(
  { members }: BusCore,
  engine: Engine,
  running: ReadonlyMap<string, Running>,
): Promise<readonly ConsumerLag[]> {
  return (await engine.standings()).map((one) => ({
    ...one,
    running: running.has(one.consumer) || members.doing(partIn(one)).length > 0,
  }));
}
