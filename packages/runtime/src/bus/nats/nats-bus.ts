import { JetStreamApiCodes, JetStreamApiError, type StreamInfo } from "@nats-io/jetstream";
import { membership } from "../../members.js";
import { wakeable } from "../../wakeable.js";
import { appending, type Appending } from "../appending.js";
import { type Bus } from "../contract.js";
import { busOver } from "../core.js";
import { deadLetterBox } from "../dead-letters.js";
import { type BusCore, type Engine } from "../engine.js";
import { type MongoBusParts } from "../mongo/mongo-bus.js";
import { usualPatience } from "../patience.js";
import { linkTo, type NatsLink } from "./connection.js";
import { ensurePosition, type LaneParts, type NatsLane, startLane } from "./lane.js";
import { type LossBook, lossBook } from "./losses.js";
import { subjectOf } from "./names.js";
import { subjectEnd } from "./records.js";
import { standingsIn } from "./standings.js";

export interface NatsBusParts extends Omit<MongoBusParts, "watchEveryMs"> {
  /** `nats://host:4222`, or several of a cluster separated by commas. */
  readonly url: string;
  /** A record whose process says nothing for this long goes to another one. */
  readonly recordLeaseMs?: number;
  /** Letters, digits and underscores; deployments that share servers differ in it. */
  readonly stream: string;
}

/** Longer than a member's lease: what a stalled process does twice costs more than a wait. */
const usualRecordLeaseMs = 10_000;
const usualMemberLeaseMs = 3_000;
/** The servers' own memory of message ids; ours is the check of the last records. */
const duplicateWindowNs = 120_000_000_000;

/** The bus on NATS JetStream; see Bus for its promises. The store keeps its dead letters, its members, and what the servers had. */
export async function natsBus(parts: NatsBusParts): Promise<Bus> {
  const { db, clocks, log, stream } = parts;
  const heard = { beat: (): void => undefined, returned: (): void => undefined };
  const members = membership({
    db,
    log,
    leaseMs: parts.leaseMs ?? usualMemberLeaseMs,
    onBeat: () => {
      heard.beat();
    },
  });
  const deadLetters = deadLetterBox(db, clocks.system);
  await deadLetters.ensureIndexes();
  await clocks.refresh();
  const link = await linkTo(parts.url, log, () => {
    heard.returned();
  });
  try {
    const core: BusCore = { log, members, deadLetters, calls: parts.calls, patience: parts.patience ?? usualPatience };
    const book = lossBook(db, clocks.system, { stream, log });
    const lanes: LaneParts = { ...core, clocks, link, stream, leaseMs: parts.recordLeaseMs ?? usualRecordLeaseMs };
    const { look, returned, ...engine } = natsEngine(lanes, book);
    await look();
    await members.join();
    const { onBeat, ...bus } = busOver(core, engine);
    heard.returned = returned;
    heard.beat = () => {
      onBeat();
      engine.beat();
    };
    return bus;
  } catch (error) {
    await link.close();
    throw error;
  }
}

interface NatsEngine extends Engine {
  /** Makes the stream if there is none, and notices what it has lost. */
  readonly look: () => Promise<void>;
  /** The same soon, at most one at a time. */
  readonly beat: () => void;
  /** The connection stands again. */
  readonly returned: () => void;
}

function natsEngine(parts: LaneParts, book: LossBook): NatsEngine {
  const { link, stream, log } = parts;
  const lanes = new Set<NatsLane>();
  const restart = (): void => {
    for (const lane of lanes) lane.restart();
  };
  const look = async (): Promise<void> => {
    const lost = await book.compare(() => streamState(link, stream));
    if (!lost) return;
    writers.forget();
    restart();
  };
  const looking = wakeable(look, (error) => {
    log.warn({ err: error }, "the event bus could not be looked at");
    return undefined;
  });
  const writers: Appending = appending((to) =>
    subjectEnd({ link, stream, subject: subjectOf(stream, to), restore: look }),
  );
  return {
    look,
    beat: looking.wake,
    returned: () => {
      restart();
      looking.wake();
    },
    append: async (to, events, again) => {
      await writers.append(to, events, again);
    },
    register: async (places) => {
      await Promise.all(places.map((place) => ensurePosition(parts, place)));
    },
    startLane: (spec, place) => {
      const lane = startLane(parts, spec, place);
      lanes.add(lane);
      const stop = async (): Promise<void> => {
        lanes.delete(lane);
        await lane.stop();
      };
      return { review: lane.review, stop };
    },
    release: () => Promise.resolve(),
    standings: standingsIn(link.jsm, stream),
    broker: { losses: book.losses },
    close: async () => {
      await writers.idle();
      await looking.stop();
      await link.close();
    },
  };
}

async function streamState({ jsm }: NatsLink, name: string): Promise<{ created: string; lastSeq: number }> {
  const found = await jsm.streams.info(name).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined;
    throw error;
  });
  const { created, state }: StreamInfo = found ?? (await addStream(jsm, name));
  return { created, lastSeq: state.last_seq };
}

const addStream = (jsm: NatsLink["jsm"], name: string): Promise<StreamInfo> =>
  jsm.streams.add({ name, subjects: [`${name}.>`], allow_direct: true, duplicate_window: duplicateWindowNs });
