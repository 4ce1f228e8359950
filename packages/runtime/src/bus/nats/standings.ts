import { type ConsumerInfo, type JetStreamManager, type StoredMsg } from "@nats-io/jetstream";
import { type Standing } from "../engine.js";
import { partitionKey, type Place } from "../partitions.js";
import { partitionOfSubject, placeOf, subjectOf } from "./names.js";
import { endIn, offsetIn } from "./records.js";

interface Position {
  readonly place: Place;
  /** Everything up to this sequence was handled. */
  readonly passed: number;
}

interface End {
  readonly records: number;
  readonly seq: number;
  readonly end: number;
}

/** How far every consumer of the stream is. Positions first, then ends: a consumer is never shown ahead of its log. */
export function standingsIn(jsm: JetStreamManager, stream: string): () => Promise<readonly Standing[]> {
  const endsOf = knownEnds(jsm, stream);
  return async () => {
    const positions = (await all(jsm.consumers.list(stream))).flatMap(positionOf);
    const ends = await endsOf();
    return Promise.all(
      positions.map(async ({ place, passed }) => {
        const last = ends.get(partitionKey(place));
        if (last === undefined || last.seq <= passed) return { ...place, offset: last?.end ?? 0, behind: 0 };
        const query = { seq: passed + 1, next_by_subj: subjectOf(stream, place) };
        const next = await jsm.direct.getMessage(stream, query);
        const offset = next === null ? last.end : Math.min(offsetIn(next), last.end);
        return { ...place, offset, behind: last.end - offset };
      }),
    );
  };
}

async function all(listed: AsyncIterable<ConsumerInfo>): Promise<readonly ConsumerInfo[]> {
  const found: ConsumerInfo[] = [];
  for await (const one of listed) found.push(one);
  return found;
}

function positionOf({ config, ack_floor: floor }: ConsumerInfo): readonly Position[] {
  const place = placeOf(config.description);
  return place === undefined ? [] : [{ place, passed: floor.stream_seq }];
}

/** The end of each partition; a record is fetched only where their number has changed since the last look. */
function knownEnds(jsm: JetStreamManager, stream: string): () => Promise<ReadonlyMap<string, End>> {
  const known = new Map<string, End>();
  let created = "";
  const endOf = (record: StoredMsg, records: number): End => ({ records, seq: record.seq, end: endIn(record) });
  return async () => {
    const info = await jsm.streams.info(stream, { subjects_filter: ">" });
    if (info.created !== created) known.clear();
    created = info.created;
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
