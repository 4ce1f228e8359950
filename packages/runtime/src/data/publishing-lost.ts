import { type Log } from "@greentick/kernel";
import { type Collection } from "mongodb";
import { type Broker } from "../bus/contract.js";
import { type Database } from "./database.js";

interface MarkRow {
  _id: string;
  /** The newest loss that was made good. */
  loss: number;
}

export interface PublishingLostParts {
  readonly database: Database;
  readonly broker: Broker;
  readonly log: Log;
  /** What this publishes from: each source makes good every loss once. */
  readonly name: string;
  /** Publishes again, with `again`, what was published since then; the number of events. */
  readonly publishSince: (since: Date) => Promise<number>;
}

/**
 * Makes good what the bus has lost, from one source of truth. Safe to repeat: a run that ends before its mark is kept is done again. Returns the
 * number of events; costs nothing while nothing is lost.
 */
export function publishingLost({
  database,
  broker,
  log,
  name,
  publishSince,
}: PublishingLostParts): () => Promise<number> {
  const marks: Collection<MarkRow> = database.db.collection("busLosses");
  let known: number | undefined;
  return async () => {
    if (broker.losses(known ?? 0).length === 0) return 0;
    known ??= (await marks.findOne({ _id: name }))?.loss ?? 0;
    const losses = broker.losses(known);
    const newest = losses.at(-1);
    if (newest === undefined) return 0;
    const since = new Date(Math.min(...losses.map((loss) => loss.since.getTime())));
    const events = await publishSince(since);
    await marks.updateOne({ _id: name }, { $set: { loss: newest.number } }, { upsert: true });
    known = newest.number;
    log.warn({ source: name, since, events }, "events that the bus had lost are published again");
    return events;
  };
}
