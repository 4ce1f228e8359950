import { courtesy } from "../../courtesy.js";
import { membership } from "../../members.js";
import { wakeable } from "../../wakeable.js";
import { appending, type Appending, lossLearnt } from "../appending.js";
import { type Bus } from "../contract.js";
import { busOver } from "../core.js";
import { deadLetterBox } from "../dead-letters.js";
import { type BusCore, type Engine } from "../engine.js";
import { type MongoBusParts } from "../mongo/mongo-bus.js";
import { usualPatience } from "../patience.js";
import { linkTo } from "./connection.js";
import { type LaneParts, type NatsLane, startLane } from "./lane.js";
import { type LossBook, lossBook } from "./losses.js";
import { subjectOf } from "./names.js";
import { positions } from "./positions.js";
import { subjectEnd } from "./records.js";
import { standingsIn } from "./standings.js";
import { subjectSweep } from "./sweep.js";
import { shortness, streamState } from "./stream.js";

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
    const patience = parts.patience ?? usualPatience;
    const { calls, manners = courtesy() } = parts;
    const core: BusCore = { log, members, deadLetters, calls, patience, manners, now: clocks.system };
    const book = lossBook(db, clocks.system, { stream, log });
    const leaseMs = parts.recordLeaseMs ?? usualRecordLeaseMs;
    const places = positions({ link, stream, leaseMs, book });
    const lanes: LaneParts = { ...core, clocks, link, stream, leaseMs, positions: places };
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
  const { jsm } = link;
  const lanes = new Set<NatsLane>();
  const restart = (): void => {
    for (const lane of lanes) lane.restart();
  };
  /** The servers may have less than they said: at the start, after a cut, and when they answer strangely. Ends with a look that began later. */
  const doubts = { raised: 1, settled: 0 };
  const inDoubt = (): boolean => doubts.raised > doubts.settled;
  const lookNow = async (): Promise<void> => {
    const [isDoubted, { raised }] = [inDoubt(), doubts];
    const lost = await book.compare(async (learnt) => {
      const state = await streamState(jsm, stream);
      const witnesses = { jsm, stream, positions: parts.positions, writers, number: book.number(), learnt };
      return isDoubted ? { ...state, ...(await shortness(witnesses)) } : state;
    });
    doubts.settled = raised;
    if (!lost) return;
    writers.forget();
    restart();
  };
  const look = inTurn(lookNow);
  const doubt = (): Promise<void> => {
    doubts.raised += 1;
    return look();
  };
  /** Whoever writes first after a cut would otherwise write before what the servers have lost. */
  let settling: Promise<void> | undefined;
  const settle = async (): Promise<void> => {
    const known = book.number();
    while (inDoubt()) {
      settling ??= look().finally(() => {
        settling = undefined;
      });
      await settling;
    }
    if (book.number() !== known) throw lossLearnt();
  };
  const looking = wakeable(look, (error) => {
    log.warn({ err: error }, "the event bus could not be looked at");
    return undefined;
  });
  const writers: Appending = appending((to) =>
    subjectEnd({ link, stream, subject: subjectOf(stream, to), now: parts.clocks.system, doubt }),
  );
  return {
    look,
    beat: looking.wake,
    returned: () => {
      doubts.raised += 1;
      restart();
      looking.wake();
    },
    append: async (to, events, again) => {
      await settle();
      await writers.append(to, events, again);
    },
    register: async (places) => {
      await Promise.all(places.map((place) => parts.positions.ensure(place)));
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
    standings: standingsIn({ jsm, stream, positions: parts.positions, losses: book.number }),
    sweep: subjectSweep(jsm, stream, parts.positions),
    broker: { losses: book.losses },
    close: async () => {
      await writers.idle();
      await looking.stop();
      await link.close();
    },
  };
}

/** One after the other. */
function inTurn(work: () => Promise<void>): () => Promise<void> {
  let last = Promise.resolve();
  return () => (last = last.catch(() => undefined).then(work));
}
