import { AppError, type EventEnvelope, type Log } from "@greentick/kernel";
import { type CallFactory } from "../calls.js";
import { type Courtesy } from "../courtesy.js";
import { type BatchHandler, type ConsumerSpec, type EventHandler } from "./contract.js";
import { type DeadLetterBox, letterId } from "./dead-letters.js";
import { Interrupted, patiently, type Patience } from "./patience.js";

export interface ConsumerParts {
  readonly log: Log;
  readonly deadLetters: DeadLetterBox;
  readonly calls: CallFactory;
  readonly patience: Patience;
  /** For batches, which call nobody but the store. */
  readonly manners: Courtesy;
}

/** The run of a consumer that an event is handled in. */
export interface Life {
  /** Comes when the consumer stops. */
  readonly signal: AbortSignal;
  /** False once the partition may belong to another process. */
  readonly holds: () => boolean;
  /** How often these events were handed out, this time included. */
  readonly deliveries: number;
}

type Reading = "other" | "newer" | "known";

/** Whether an event is for a consumer that knows these versions of its type. */
function readingOf(event: Pick<EventEnvelope, "version">, versions: readonly number[]): Reading {
  if (versions.length === 0) return "other";
  return versions.some((version) => event.version <= version) ? "known" : "newer";
}

const versionsOf = (spec: ConsumerSpec, type: string): number[] =>
  (spec.batch?.events ?? spec.on.map((one) => one.event)).filter((one) => one.type === type).map((one) => one.version);

/** The lines of the table for this event: those of the oldest version that still covers it. */
function handlersFor(spec: ConsumerSpec, event: EventEnvelope): readonly EventHandler[] {
  const fitting = spec.on.filter((one) => one.event.type === event.type && event.version <= one.event.version);
  const closest = Math.min(...fitting.map((one) => one.event.version));
  return fitting.filter((one) => one.event.version === closest).map((one) => one.handle);
}

async function handleOne(parts: ConsumerParts, spec: ConsumerSpec, event: EventEnvelope): Promise<void> {
  if (spec.batch !== undefined) {
    await spec.batch.handle([event]);
    return;
  }
  const [service = spec.name] = spec.name.split(".");
  for (const handle of handlersFor(spec, event))
    await handle(parts.calls.fromEvent(service, event, spec.permissions), event);
}

/** Tries one event within its bounds; afterwards it lies in the dead letters and its neighbours go on. False when it was buried. */
async function handleOrBury(
  parts: ConsumerParts,
  spec: ConsumerSpec,
  { event, signal }: { readonly event: EventEnvelope; readonly signal: AbortSignal },
): Promise<boolean> {
  const { tries, failed } = await patiently(() => handleOne(parts, spec, event), parts.patience, signal);
  if (failed === undefined) return true;
  const about = { consumer: spec.name, eventId: event.id, eventType: event.type, tries };
  parts.log.error({ err: failed.error, ...about }, "event put among the dead letters");
  await parts.deadLetters.put(spec.name, event, { reason: "failed", tries, error: failed.error });
  return false;
}

/** An older consumer must not guess at a newer event, nor lose it: it is kept for the release that reads it. */
async function keepNewer(parts: ConsumerParts, spec: ConsumerSpec, event: EventEnvelope): Promise<void> {
  const known = Math.max(...versionsOf(spec, event.type));
  const error = new AppError(
    "CONFLICT",
    "unknown_version",
    `${spec.name} reads ${event.type} up to version ${known}, this is version ${event.version}. It is handed in by itself once a release that reads it runs.`,
  );
  parts.log.error(
    { consumer: spec.name, eventId: event.id, eventType: event.type, version: event.version },
    "event of a newer version parked among the dead letters",
  );
  await parts.deadLetters.put(spec.name, event, { reason: "unknown_version", tries: 0, error });
}

/** A dead letter whose consumer has stopped listening to its type can be handled by nobody: it says so, and stays. */
async function keepUnread(parts: ConsumerParts, spec: ConsumerSpec, event: EventEnvelope): Promise<void> {
  const error = new AppError(
    "CONFLICT",
    "unread_type",
    `${spec.name} does not read ${event.type} any more. Hand it in again when a release that reads it runs.`,
  );
  await parts.deadLetters.put(spec.name, event, { reason: "failed", tries: 0, error });
}

/** Whether a consumer can be given an event of this type and version. */
export const reads = (spec: ConsumerSpec | undefined, event: Pick<EventEnvelope, "type" | "version">): boolean =>
  spec !== undefined && readingOf(event, versionsOf(spec, event.type)) === "known";

/** The same for a dead letter. True when it was handled, so that it can leave the box. */
export async function handleAgain(
  parts: ConsumerParts,
  spec: ConsumerSpec,
  work: { readonly event: EventEnvelope; readonly signal: AbortSignal },
): Promise<boolean> {
  const reading = readingOf(work.event, versionsOf(spec, work.event.type));
  if (reading === "known") return handleOrBury(parts, spec, work);
  await (reading === "newer" ? keepNewer : keepUnread)(parts, spec, work.event);
  return false;
}

/** Handles what the consumer wants of these, in their order. @throws Interrupted when it ends in between: those that are not done come again. */
export async function handleEvents(
  parts: ConsumerParts,
  spec: ConsumerSpec,
  { events, life }: InHand,
): Promise<number> {
  const wanted: EventEnvelope[] = [];
  for (const event of events) {
    const reading = readingOf(event, versionsOf(spec, event.type));
    if (reading === "known") wanted.push(event);
    if (reading === "newer") await keepNewer(parts, spec, event);
  }
  const watched = life.deliveries > parts.patience.deliveries;
  const size = watched ? 1 : (spec.batch?.batchSize ?? 1);
  for (let at = 0; at < wanted.length; at += size) {
    const handle = async (): Promise<void> => {
      goOn(life);
      await (watched ? handleWatched : handleTogether)(parts, spec, { events: wanted.slice(at, at + size), life });
    };
    await handle().catch((error: unknown) => {
      const done = events.findIndex((event) => event === wanted[at]);
      throw error instanceof Interrupted ? new Interrupted(error.message, { cause: error, done }) : error;
    });
  }
  return wanted.length;
}

/**
 * For events over which process after process ended: each lies among the dead letters while it is tried. The one that ends its process is
 * found there by the next, which leaves it where it is, so the neighbours go on.
 */
async function handleWatched(parts: ConsumerParts, spec: ConsumerSpec, { events, life }: InHand): Promise<void> {
  const { deadLetters, log } = parts;
  for (const event of events) {
    const [known] = await deadLetters.list({ id: letterId(spec.name, event) });
    if (known !== undefined) continue;
    const about = { consumer: spec.name, eventId: event.id, eventType: event.type, deliveries: life.deliveries };
    log.warn(about, "event tried under watch: processes that had it in hand have ended");
    const error = new AppError(
      "CONFLICT",
      "process_lost",
      `${spec.name} ended with its process while it had this event in hand, after ${life.deliveries} deliveries.`,
    );
    await deadLetters.put(spec.name, event, { reason: "failed", tries: life.deliveries, error });
    const takeBack = (): Promise<void> => deadLetters.remove(letterId(spec.name, event));
    const handled = await handleOrBury(parts, spec, { event, signal: life.signal }).catch(async (error: unknown) => {
      await takeBack();
      throw error;
    });
    if (handled) await takeBack();
  }
}

interface InHand {
  readonly events: readonly EventEnvelope[];
  readonly life: Life;
}

/** @throws Interrupted when nothing more may be begun: what is left comes again, here or elsewhere. */
function goOn({ signal, holds }: Life): void {
  if (signal.aborted || !holds()) throw new Interrupted("stopped between two events");
}

/** In a queue of those who wait for an answer of this process. */
const smallPiece = 10;

/**
 * All or nothing still: what is handled again was done already, and handlers are idempotent. A piece may have had to wait, so each looks
 * whether it may still begin.
 */
async function inPieces({ giveWay, isQueue }: Courtesy, handle: BatchHandler, { events, life }: InHand): Promise<void> {
  let done = 0;
  while (done < events.length)
    await giveWay(async () => {
      goOn(life);
      const piece = events.slice(done, isQueue() ? done + smallPiece : events.length);
      done += piece.length;
      await handle(piece);
    });
}

async function handleTogether(parts: ConsumerParts, spec: ConsumerSpec, { events, life }: InHand): Promise<void> {
  const { batch } = spec;
  if (batch !== undefined && events.length > 1) {
    try {
      await inPieces(parts.manners, batch.handle, { events, life });
      return;
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      const about = { err: error, consumer: spec.name, events: events.length };
      parts.log.warn(about, "batch failed, its events are tried one by one");
    }
  }
  for (const event of events) {
    goOn(life);
    await handleOrBury(parts, spec, { event, signal: life.signal });
  }
}
