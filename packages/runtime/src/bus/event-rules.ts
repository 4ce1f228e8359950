import { type EventEnvelope } from "@greentick/kernel";
import { BSON } from "mongodb";
import { streamOf } from "./partitions.js";

/** A record holds at most this much, so an event does too; what is larger travels as a reference. */
export const maxRecordBytes = 1_000_000;
export const maxEventsPerRecord = 500;

/** Room for a record's own fields. */
export const recordOverheadBytes = 1_000;

/** An event does not change, and is asked for its size wherever it passes. */
const sizes = new WeakMap<EventEnvelope, number>();

/** Its bytes in a record. */
export function sizeOf(event: EventEnvelope): number {
  const size = sizes.get(event) ?? BSON.calculateObjectSize(event);
  sizes.set(event, size);
  return size;
}

const bytesOf = (event: EventEnvelope): number => sizeOf(event) + recordOverheadBytes;

/** Whether the event is small enough to travel; for events made of what came from outside, which has no bounds of ours. */
export const fitsRecord = (event: EventEnvelope): boolean => bytesOf(event) <= maxRecordBytes;

/**
 * Refuses an event that no bus could carry, where it is made: once an aggregate carries it, it would wait for ever.
 * @throws RangeError naming the event: its type names no stream, or it has more bytes than a record holds.
 */
export function checkEvent(event: EventEnvelope): void {
  streamOf(event.type);
  const bytes = bytesOf(event);
  if (bytes > maxRecordBytes)
    throw new RangeError(
      `The event ${event.type} ${event.id} has ${bytes} bytes; at most ${maxRecordBytes} travel. Keep the data in a document and send its id.`,
    );
}
