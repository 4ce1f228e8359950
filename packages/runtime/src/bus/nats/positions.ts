import {
  AckPolicy,
  type ConsumerInfo,
  type ConsumerUpdateConfig,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
} from "@nats-io/jetstream";
import { type Place, placeId } from "../partitions.js";
import { type NatsLink } from "./connection.js";
import { type LossBook } from "./losses.js";
import { descriptionOf, durableOf, placeOf, type PlaceSince, subjectOf } from "./names.js";

/** How far one consumer has come in one partition, as the servers know it. */
export interface Position {
  readonly place: PlaceSince;
  readonly durable: string;
  /** Everything up to this sequence was handled, and is still what it was then. */
  readonly passed: number;
  /** The highest sequence that was given out. */
  readonly given: number;
}

/**
 * The positions of a stream. One that stands behind what the stream has would silently pass over everything that fills it again; so every
 * loss gives every place a new position, which begins where the stream is known to be whole: what lies behind is handed out again.
 */
export interface Positions {
  /** The newest one of each place. */
  readonly all: () => Promise<readonly Position[]>;
  /**
   * The name of the position to read from; makes it when there is none. Safe to repeat. Whoever asks first is given a record, and nobody the
   * next one before it is acknowledged.
   */
  readonly ensure: (place: Place) => Promise<string>;
  /** Removes positions that a newer one follows. */
  readonly clear: () => Promise<void>;
}

export interface PositionsParts {
  readonly link: Pick<NatsLink, "jsm">;
  readonly stream: string;
  readonly leaseMs: number;
  readonly book: Pick<LossBook, "number" | "wholeSince">;
}

const nanosPerMs = 1_000_000;

export function positions({ link, stream, leaseMs, book }: PositionsParts): Positions {
  const { consumers } = link.jsm;
  const positionOf = (info: ConsumerInfo): readonly Position[] => {
    const place = placeOf(info.config.description);
    if (place === undefined) return [];
    const floor = Math.max(info.ack_floor.stream_seq, (info.config.opt_start_seq ?? 1) - 1);
    const passed = Math.min(floor, book.wholeSince(place.losses));
    const given = Math.max(info.ack_floor.stream_seq, info.delivered.stream_seq);
    return [{ place, durable: info.name, passed, given }];
  };
  const listed = inOne(async () => (await listOf(link.jsm, stream)).flatMap(positionOf));
  const isThere = (durable: string): Promise<boolean> =>
    consumers.info(stream, durable).then(
      () => true,
      (error: unknown) => {
        if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound) return false;
        throw error;
      },
    );
  /** Where a position begins: at the oldest event that is kept, or where the one before the loss stands. */
  const beginning = async (place: PlaceSince): Promise<object> => {
    const before = place.losses === 0 ? undefined : newestOf(await listed()).get(placeId(place));
    return before
      ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: before.passed + 1 }
      : { deliver_policy: DeliverPolicy.All };
  };
  /** Of what a position is made with, only the lease ever changes; where another process let it begin, it began. */
  const ackWait: Partial<ConsumerUpdateConfig> = { ack_wait: leaseMs * nanosPerMs };
  return {
    all: async () => [...newestOf(await listed()).values()],
    ensure: async (of) => {
      const place = { ...of, losses: book.number() };
      const durable = durableOf(place);
      const position = {
        durable_name: durable,
        description: descriptionOf(place),
        filter_subject: subjectOf(stream, place),
        ack_policy: AckPolicy.Explicit,
        max_ack_pending: 1,
        max_deliver: -1,
        ...(await beginning(place)),
        ...ackWait,
      };
      await consumers.add(stream, position).catch(async (error: unknown) => {
        if (!(error instanceof JetStreamApiError) || !(await isThere(durable))) throw error;
        await consumers.update(stream, durable, ackWait);
      });
      return durable;
    },
    clear: async () => {
      const found = await listed();
      const newest = new Set([...newestOf(found).values()].map(({ durable }) => durable));
      for (const { durable } of found) if (!newest.has(durable)) await consumers.delete(stream, durable);
    },
  };
}

/** Those who ask while somebody is being answered share the answer. */
function inOne<T>(ask: () => Promise<T>): () => Promise<T> {
  let asking: Promise<T> | undefined;
  return () =>
    (asking ??= ask().finally(() => {
      asking = undefined;
    }));
}

async function listOf(jsm: JetStreamManager, stream: string): Promise<readonly ConsumerInfo[]> {
  const found: ConsumerInfo[] = [];
  for await (const one of jsm.consumers.list(stream)) found.push(one);
  return found;
}

function newestOf(found: readonly Position[]): ReadonlyMap<string, Position> {
  const newest = new Map<string, Position>();
  for (const one of found.toSorted((a, b) => a.place.losses - b.place.losses)) newest.set(placeId(one.place), one);
  return newest;
}
