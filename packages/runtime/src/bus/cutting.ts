import { type EventEnvelope } from "@greentick/kernel";
import { maxEventsPerRecord, maxRecordBytes, recordOverheadBytes, sizeOf } from "./event-rules.js";

/** An element of an array costs its index as text beside its value. */
const elementBytes = 8;

/** The events of one record, and how many bytes it will have. */
export interface Filling {
  readonly events: EventEnvelope[];
  bytes: number;
}

/** Cuts a list so that no record has more than 500 events or 1 MB. */
export function intoRecords(events: readonly EventEnvelope[]): readonly Readonly<Filling>[] {
  const records: Filling[] = [];
  for (const event of events) {
    const bytes = sizeOf(event) + elementBytes;
    const open = records.at(-1);
    if (open === undefined || open.events.length >= maxEventsPerRecord || open.bytes + bytes > maxRecordBytes)
      records.push({ events: [event], bytes: recordOverheadBytes + bytes });
    else {
      open.events.push(event);
      open.bytes += bytes;
    }
  }
  return records;
}
