import { partitionKey, type PartitionOf, type Place, placeId } from "../partitions.js";

/** A JetStream stream and its subjects bear the same name; each of our partitions is a subject. */
export const subjectOf = (stream: string, to: PartitionOf): string => `${stream}.${to.stream}.${to.partition}`;

/** Names of JetStream's consumers have neither dots nor slashes; ours are lower-case words between them, so this stays unique. */
export const durableOf = (place: Place): string => placeId(place).replaceAll(/[./]/g, "-");

/** A consumer's description holds what its name cannot. */
export const placeOf = (description: string | undefined): Place | undefined => {
  const [consumer, stream, partition, ...more] = (description ?? "").split("/");
  if (consumer === undefined || stream === undefined || partition === undefined || more.length > 0) return undefined;
  return { consumer, stream, partition: Number(partition) };
};

/** Partition of a subject, as in `partitionKey`. */
export const partitionOfSubject = (subject: string): string => {
  const [partition = "", stream = ""] = subject.split(".").reverse();
  return partitionKey({ stream, partition: Number(partition) });
};
