import { partitionKey, type PartitionOf, type Place, placeId } from "../partitions.js";

/** A JetStream stream and its subjects bear the same name; each of our partitions is a subject. */
export const subjectOf = (stream: string, to: PartitionOf): string => `${stream}.${to.stream}.${to.partition}`;

/** A place as it is read since the stream lost something for the so many-th time. */
export interface PlaceSince extends Place {
  readonly losses: number;
}

/** Names of JetStream's consumers have neither dots nor slashes; ours are lower-case words between them, so this stays unique. */
export const durableOf = (place: PlaceSince): string =>
  `${placeId(place).replaceAll(/[./]/g, "-")}${place.losses > 0 ? `-${place.losses}` : ""}`;

/** A consumer's description holds what its name cannot. */
export const descriptionOf = (place: PlaceSince): string => `${placeId(place)}/${place.losses}`;

export const placeOf = (description: string | undefined): PlaceSince | undefined => {
  const [consumer, stream, partition, losses, ...more] = (description ?? "").split("/");
  if (consumer === undefined || stream === undefined || partition === undefined || more.length > 0) return undefined;
  return { consumer, stream, partition: Number(partition), losses: Number(losses ?? 0) };
};

/** Partition of a subject, as in `partitionKey`. */
export const partitionOfSubject = (subject: string): string => {
  const [partition = "", stream = ""] = subject.split(".").reverse();
  return partitionKey({ stream, partition: Number(partition) });
};
