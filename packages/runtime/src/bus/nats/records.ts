import { type Clock, type EventEnvelope } from "@greentick/kernel";
import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type PubAck,
  type StoredMsg,
} from "@nats-io/jetstream";
import { headers } from "@nats-io/transport-node";
import { BSON } from "mongodb";
import { type EndMark, type PartitionEnd, rememberedRecords } from "../appending.js";
import { type Filling } from "../cutting.js";
import { type NatsLink } from "./connection.js";

/** Offset of the record's first event, the number of its events, and the sequence of the record before it in its subject. */
const header = { offset: "Greentick-Offset", count: "Greentick-Count", before: "Greentick-Before" } as const;

/** Instants and 64-bit integers arrive as they were sent. */
export const eventsIn = (data: Uint8Array): readonly EventEnvelope[] =>
  (BSON.deserialize(data, { useBigInt64: true, promoteValues: true }) as { events: EventEnvelope[] }).events;

const numberIn = (record: StoredMsg, name: string): number => Number(record.header.get(name));

export const offsetIn = (record: StoredMsg): number => numberIn(record, header.offset);
export const endIn = (record: StoredMsg): number => numberIn(record, header.offset) + numberIn(record, header.count);

export interface SubjectParts {
  readonly link: NatsLink;
  readonly stream: string;
  readonly subject: string;
  readonly now: Clock;
  /** Something is wrong with the stream: makes it when it has gone, and finds out what is lost. @throws when the servers cannot be asked. */
  readonly doubt: () => Promise<void>;
}

/**
 * One partition as its writers see it. A record says which sequence it expects to be the last of its subject, so two writers never put theirs in
 * the same place, and a write of which no answer came is found when it is looked for.
 */
export const subjectEnd = (parts: SubjectParts): PartitionEnd => ({
  onLoss: parts.doubt,
  look: async (since) => {
    const newest: StoredMsg[] = [];
    let record = await parts.link.jsm.direct.getMessage(parts.stream, { last_by_subj: parts.subject });
    while (record !== null && record.seq > since.mark && newest.length < rememberedRecords) {
      newest.push(record);
      record = await recordBefore(parts.link.jsm, parts.stream, record);
    }
    const last = newest[0] ?? record;
    const ids = newest.toReversed().flatMap((one) => eventsIn(one.data).map(({ id }) => id));
    return { at: last === null ? { end: 0, mark: 0 } : markOf(last), ids, lost: await isLost(parts, since, last) };
  },
  write: async (at, record) => {
    try {
      const { seq } = await publish(parts, at, record);
      return { end: at.end + record.events.length, mark: seq, proof: { id: lastId(record.events), at: parts.now() } };
    } catch (error) {
      if (isTaken(error)) return undefined;
      await parts.doubt();
      throw error;
    }
  },
});

const lastId = (events: readonly EventEnvelope[]): string => events.at(-1)?.id ?? "";

const markOf = (record: StoredMsg): EndMark => ({
  end: endIn(record),
  mark: record.seq,
  proof: { id: lastId(eventsIn(record.data)), at: record.time },
});

/** A stream that came back with less fills up again, with other records under the same sequences. One that nobody needs any more may be gone. */
async function isLost({ link, stream, subject }: SubjectParts, was: EndMark, last: StoredMsg | null): Promise<boolean> {
  if (was.mark === 0) return false;
  if (last === null || last.seq < was.mark) return true;
  const record = last.seq === was.mark ? last : await link.jsm.direct.getMessage(stream, { seq: was.mark });
  if (record === null) return false;
  return record.subject !== subject || lastId(eventsIn(record.data)) !== was.proof?.id;
}

async function recordBefore(jsm: JetStreamManager, stream: string, record: StoredMsg): Promise<StoredMsg | null> {
  const seq = numberIn(record, header.before);
  return seq > 0 ? jsm.direct.getMessage(stream, { seq }) : null;
}

function publish({ link, stream, subject }: SubjectParts, at: EndMark, { events }: Readonly<Filling>): Promise<PubAck> {
  const told = headers();
  told.set(header.offset, String(at.end));
  told.set(header.count, String(events.length));
  told.set(header.before, String(at.mark));
  const data = BSON.serialize({ events }, { ignoreUndefined: true });
  return link.js.publish(subject, data, {
    headers: told,
    expect: { streamName: stream, lastSubjectSequence: at.mark },
  });
}

/** Another writer was there first, or the stream is not the one that was seen last. */
const isTaken = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamWrongLastSequence;
