import { type JetStreamManager, type StoredMsg, type StreamInfo } from "@nats-io/jetstream";
import { type Standing } from "../engine.js";
import { partitionKey } from "../partitions.js";
import { partitionOfSubject, subjectOf } from "./names.js";
import { type Positions } from "./positions.js";
import { endIn, offsetIn } from "./records.js";

interface End {
  readonly records: number;
  readonly seq: number;
  readonly end: number;
}

export interface StandingsParts {
  readonly jsm: JetStreamManager;
  readonly stream: string;
  readonly positions: Positions;
  /** How often the stream has lost something. */
  readonly losses: () => number;
}

/** How far every consumer of the stream is. Positions first, then ends: a consumer is never shown ahead of its log. */
export function standingsIn(parts: StandingsParts): () => Promise<readonly Standing[]> {
  const { jsm, stream, positions } = parts;
  const endsOf = knownEnds(parts);
  return async () => {
    const found = await positions.all();
    const ends = await endsOf();
    return Promise.all(
      found.map(async ({ place: { consumer, ...of }, passed }) => {
        const place = { consumer, stream: of.stream, partition: of.partition };
        const last = ends.get(partitionKey(of));
        if (last === undefined || last.seq <= passed) return { ...place, offset: last?.end ?? 0, behind: 0 };
        const query = { seq: passed + 1, next_by_subj: subjectOf(stream, of) };
        const next = await jsm.direct.getMessage(stream, query);
        const offset = next === null ? last.end : Math.min(offsetIn(next), last.end);
        return { ...place, offset, behind: last.end - offset };
      }),
    );
  };
}

/** The end of each partition; a record is fetched only where their number has changed since the last look, unless some have gone. */
function knownEnds({ jsm, stream, losses }: StandingsParts): () => Promise<ReadonlyMap<string, End>> {
  const known = new Map<string, End>();
  let stands = "";
  const endOf = (record: StoredMsg, records: number): End => ({ records, seq: record.seq, end: endIn(record) });
  return async () => {
    const info = await jsm.streams.info(stream, { subjects_filter: ">" });
    if (standOf(info, losses()) !== stands) known.clear();
    stands = standOf(info, losses());
    const changed = Object.entries(info.state.subjects ?? {}).filter(
      ([subject, records]) => known.get(partitionOfSubject(subject))?.records !== records,
    );
    await Promise.all(
      changed.map(async ([subject, records]) => {
        const last = await jsm.direct.getMessage(stream, { last_by_subj: subject });
        if (last !== null) known.set(partitionOfSubject(subject), endOf(last, records));
      }),
    );
    return known;
  };
}

/** Changes when the stream is another one, and when records have gone. */
const standOf = ({ created, state }: StreamInfo, losses: number): string =>
  [created, losses, state.last_seq - state.messages].join();
