import { faultPoint } from "@greentick/kernel";
import { type Clocks } from "../../clocks.js";
import { type Membership } from "../../members.js";
import { wakeable } from "../../wakeable.js";
import { type ConsumerParts, handleEvents } from "../consumer.js";
import { type ConsumerSpec } from "../contract.js";
import { type Lane } from "../engine.js";
import { type Place } from "../partitions.js";
import { Interrupted } from "../patience.js";
import { type Placed, type Shelf } from "./ahead.js";
import { type Held, type Holder, holder } from "./holder.js";
import { type Offsets } from "./offsets.js";
import { type Handed, handed } from "./handed.js";
import { type BusRecord, type RecordLog } from "./records.js";

export interface LaneParts extends ConsumerParts {
  readonly records: RecordLog;
  readonly offsets: Offsets;
  readonly members: Membership;
  readonly clocks: Clocks;
  /** What this process has read ahead. */
  readonly shelf: Shelf;
}

export interface MongoLane extends Lane {
  /** There are events up to this offset; without one, look whether there are. */
  readonly wake: (end?: number) => void;
  /** This process wrote it just now. */
  readonly hand: (record: BusRecord) => void;
}

/** Events that are handled before the offset moves, where the handlers take them one by one. */
const usualChunk = 100;
const retryMs = { first: 100, most: 5_000 };

/** Works when woken, while the partition is this process's. */
export function startLane(parts: LaneParts, spec: ConsumerSpec, place: Place): MongoLane {
  const stopping = new AbortController();
  const holding = holder(parts, place);
  const sought: Sought = { end: 0, look: true };
  const atHand = handed();
  let failures = 0;
  const step = stepper(parts, { spec, place, holding, sought, atHand, signal: stopping.signal });
  const drain = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const held = await holding.hold();
      if (held === undefined || (held.ahead.isEmpty() && !sought.look && held.offset >= sought.end)) break;
      await step(held);
    }
    failures = 0;
  };
  const failed = (error: unknown): number | undefined => {
    holding.forget();
    sought.look = true;
    if (stopping.signal.aborted || error instanceof Interrupted) return undefined;
    failures += 1;
    parts.log.warn({ err: error, ...place }, "consumer interrupted, it goes on from its offset");
    return Math.min(retryMs.first * 2 ** failures, retryMs.most);
  };
  const worker = wakeable(drain, failed);
  const wake = (end?: number): void => {
    if (end === undefined) sought.look = true;
    else sought.end = Math.max(sought.end, end);
    const offset = holding.held()?.offset;
    if (sought.look || offset === undefined || offset < sought.end) worker.wake();
  };
  worker.wake();
  return {
    wake,
    hand: (record) => {
      if (holding.held() !== undefined) atHand.offer(record);
    },
    review: () => {
      if (holding.mine() !== (holding.held() !== undefined)) worker.wake();
    },
    stop: async () => {
      stopping.abort();
      await worker.stop();
    },
  };
}

/** How far there are events, as far as is known; `look` when it is not. */
interface Sought {
  end: number;
  look: boolean;
}

interface StepParts {
  readonly spec: ConsumerSpec;
  readonly place: Place;
  readonly holding: Holder;
  readonly sought: Sought;
  readonly atHand: Handed;
  readonly signal: AbortSignal;
}

/** Reads as far ahead as there is room, handles what is next by turns of the tenants, and moves the offset behind what was handled. */
function stepper(
  parts: LaneParts,
  { spec, place, holding, sought, atHand, signal }: StepParts,
): (held: Held) => Promise<void> {
  const stored = async (from: number, room: number): Promise<readonly BusRecord[]> => {
    const records = await parts.records.read(place, from, room);
    // Another process may have set the sandbox clock before it wrote them; live events follow the system's.
    if (records.some(({ events }) => events.some(({ livemode }) => !livemode))) await parts.clocks.refresh();
    return records;
  };
  /** A wake-up that comes during the read must not be lost: what is being looked for is noted before. */
  const read = async (held: Held): Promise<void> => {
    const { ahead } = held;
    const { end, look } = sought;
    const room = ahead.room();
    if (room === 0 || (!look && ahead.end() >= end)) return;
    const written = atHand.take(ahead.end(), room);
    if (written.length > 0) {
      ahead.add(written);
      return;
    }
    sought.look = false;
    const isAny = !look || (await parts.records.endNow(place)) > ahead.end();
    const records = isAny ? await stored(ahead.end(), room) : [];
    if (records.length > 0) sought.look ||= look;
    else if (sought.end === end) sought.end = 0;
    ahead.add(records);
    if (records.length > 0 || !ahead.isEmpty() || held.deliveries === 1) return;
    await parts.offsets.unharmed(place);
    held.deliveries = 1;
  };
  const pass = async (held: Held, done: readonly Placed[]): Promise<void> => {
    const at = held.ahead.pass(done);
    if (done.length === 0 && at.offset === held.offset) return;
    if (!(await parts.offsets.move(place, held.offset, at))) holding.forget();
    if (at.offset > held.offset) held.deliveries = 1;
    held.offset = at.offset;
  };
  return async (held) => {
    await read(held);
    const watched = held.deliveries > parts.patience.deliveries;
    const taken = held.ahead.next(spec.batch?.batchSize ?? usualChunk, watched);
    if (taken.length > 0) {
      const life = { signal, holds: () => parts.members.term() === held.term, deliveries: held.deliveries };
      const events = taken.map(({ event }) => event);
      const handled = await handleEvents(parts, spec, { events, life }).catch(async (error: unknown) => {
        if (error instanceof Interrupted) await pass(held, taken.slice(0, error.done));
        throw error;
      });
      if (handled > 0) await faultPoint("bus.handled");
    }
    await pass(held, taken);
  };
}
