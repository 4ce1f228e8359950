import { createHash } from "node:crypto";

export interface PartitionOf {
  readonly stream: string;
  readonly partition: number;
}

/** One partition as one consumer reads it. */
export interface Place extends PartitionOf {
  readonly consumer: string;
}

export const partitionKey = ({ stream, partition }: PartitionOf): string => `${stream}/${partition}`;

export const placeId = ({ consumer, stream, partition }: Place): string => `${consumer}/${stream}/${partition}`;

/** What a member that reads a consumer's stream takes part in: members of an older version may not read all of its streams. */
export const partIn = ({ consumer, stream }: Pick<Place, "consumer" | "stream">): string => `${consumer}/${stream}`;

/** Partitions per stream. High-volume streams have more, so that numbers are worked on in parallel. */
const wide: ReadonlyMap<string, number> = new Map([
  ["status", 8],
  ["message", 8],
]);
const usual = 4;

export const partitionCount = (stream: string): number => wide.get(stream) ?? usual;

/** FNV-1a over the key's UTF-16 units: stable for ever, because offsets depend on it. */
export function partitionOf(stream: string, key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193) >>> 0;
  return hash % partitionCount(stream);
}

const typePattern = /^([a-z][a-z_]*)\.[a-z]/;

/** The stream of an event's type. @throws RangeError for a type that names none. */
export function streamOf(eventType: string): string {
  const stream = typePattern.exec(eventType)?.[1];
  if (stream === undefined)
    throw new RangeError(
      `The event type "${eventType.slice(0, 80)}" names no stream: it needs a word, a dot and a word.`,
    );
  return stream;
}

/**
 * Which of several processes reads a place: each member draws a lot from its id and the place, the highest wins. All come to the same
 * answer without talking, and a member that comes or goes moves only its own share.
 */
export function readerOf(place: string, members: readonly string[]): string | undefined {
  const lot = (member: string): string => createHash("sha1").update(`${member} ${place}`).digest("hex");
  return members.map((member) => ({ member, lot: lot(member) })).sort((a, b) => (a.lot < b.lot ? 1 : -1))[0]?.member;
}
