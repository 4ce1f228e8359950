import { faultPoint } from "@greentick/kernel";
import { type ConsumerMessages, type JsMsg } from "@nats-io/jetstream";
import { type Clocks } from "../../clocks.js";
import { pause } from "../../pause.js";
import { type ConsumerParts, handleEvents } from "../consumer.js";
import { type ConsumerSpec } from "../contract.js";
import { type Lane } from "../engine.js";
import { type Place } from "../partitions.js";
import { Interrupted } from "../patience.js";
import { type NatsLink } from "./connection.js";
import { type Positions } from "./positions.js";
import { eventsIn } from "./records.js";

export interface LaneParts extends ConsumerParts {
  readonly link: NatsLink;
  readonly stream: string;
  readonly positions: Positions;
  readonly clocks: Clocks;
  /** A record whose process says nothing for this long goes to another one. */
  readonly leaseMs: number;
}

export interface NatsLane extends Lane {
  /** Asks the servers anew, because they have forgotten what was asked or whom they know. */
  readonly restart: () => void;
}

const retryMs = { first: 100, most: 5_000 };
const gapAfter = (failures: number): number => Math.min(retryMs.first * 2 ** (failures - 1), retryMs.most);
/** A process takes its hands off this much before the servers give the record to another. */
const fenceShare = 0.8;
const signsPerLease = 4;

/** Works on one partition of one consumer; processes that run the same one take records in turn, one in hand at a time among all of them. */
export function startLane(parts: LaneParts, spec: ConsumerSpec, place: Place): NatsLane {
  const stopping = new AbortController();
  let asking: ConsumerMessages | undefined;
  let failures = 0;
  const handle = inHand(parts, { spec, place, signal: stopping.signal });
  const restart = (): void => {
    asking?.close().catch(() => undefined);
  };
  const readOn = async (): Promise<void> => {
    const consumer = await parts.link.js.consumers.get(parts.stream, await parts.positions.ensure(place));
    asking = await consumer.consume({ max_messages: 1 });
    // Not waited for: the end stands in the queue of messages, which only the loop below empties.
    if (stopping.signal.aborted) restart();
    failures = 0;
    for await (const message of asking) await handle(message);
  };
  const failed = async (error: unknown): Promise<void> => {
    failures += 1;
    if (failures === 2) parts.log.warn({ err: error, ...place }, "consumer interrupted, it goes on from its position");
    await pause(gapAfter(failures), stopping.signal);
  };
  const work = async (): Promise<void> => {
    while (!stopping.signal.aborted) await readOn().catch(failed);
  };
  const working = work();
  return {
    restart,
    review: () => undefined,
    stop: async () => {
      stopping.abort();
      restart();
      await working;
    },
  };
}

interface InHand {
  readonly spec: ConsumerSpec;
  readonly place: Place;
  readonly signal: AbortSignal;
}

/** Handles a record and acknowledges it, telling the servers meanwhile that it is being worked on; else hands it back. */
function inHand(parts: LaneParts, { spec, place, signal }: InHand): (message: JsMsg) => Promise<void> {
  const { link, leaseMs } = parts;
  return async (message) => {
    let toldAt = performance.now();
    const tell = (): void => {
      if (!link.connected()) return;
      message.working();
      toldAt = performance.now();
    };
    const signs = setInterval(tell, leaseMs / signsPerLease);
    const holds = (): boolean => link.connected() && performance.now() - toldAt < leaseMs * fenceShare;
    try {
      await parts.clocks.refresh();
      const life = { signal, holds, deliveries: message.info.deliveryCount };
      const handled = await handleEvents(parts, spec, { events: eventsIn(message.data), life });
      if (handled > 0) await faultPoint("bus.handled");
      await message.ackAck();
    } catch (error) {
      const broken = !(error instanceof Interrupted);
      if (broken) parts.log.warn({ err: error, ...place }, "consumer interrupted, it goes on from its position");
      handBack(message, broken ? gapAfter(message.info.deliveryCount) : undefined);
    } finally {
      clearInterval(signs);
    }
  };
}

/** Without a connection the servers find out by the missing signs. */
function handBack(message: JsMsg, afterMs: number | undefined): void {
  try {
    message.nak(afterMs);
  } catch {
    return;
  }
}
