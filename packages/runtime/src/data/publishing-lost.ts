import { type Log } from "@greentick/kernel";
import { type Collection } from "mongodb";
import { type Bus } from "../bus/contract.js";
import { type Database } from "./database.js";

interface MarkRow {
  _id: string;
  /** The newest loss that was made good. */
  loss: number;
}

export interface PublishingLostParts {
  readonly database: Database;
  readonly bus: Pick<Bus, "publish" | "broker">;
  readonly log: Log;
  /** What this publishes from: each source makes good every loss once. */
  readonly name: string;
  /** Publishes again, with `again` and on the bus itself, what was published since then; the number of events. */
  readonly publishSince: (since: Date) => Promise<number>;
}

/** One source of truth behind the bus. Where events are kept in the store itself there is nothing to make good, and this costs nothing. */
export interface PublishingLost {
  /**
   * Makes good what the bus has lost. Safe to repeat: a run that ends before its mark is kept is done again; who asks during a run shares it.
   * Returns the number of events; costs nothing while nothing is lost.
   */
  readonly publishLost: () => Promise<number>;
  /** As `Bus.publish`, for what comes from this source: what the bus has lost goes before what is new, so that every key keeps its order. */
  readonly publish: Bus["publish"];
}

export function publishingLost({ database, bus, log, name, publishSince }: PublishingLostParts): PublishingLost {
  const { broker } = bus;
  if (broker === undefined) return { publishLost: () => Promise.resolve(0), publish: bus.publish };
  const marks: Collection<MarkRow> = database.db.collection("busLosses");
  let known = 0;
  const isDue = (): boolean => broker.losses(known).length > 0;
  const makeGood = async (): Promise<number> => {
    known = (await marks.findOne({ _id: name }))?.loss ?? 0;
    const losses = broker.losses(known);
    const newest = losses.at(-1);
    if (newest === undefined) return 0;
    const since = new Date(Math.min(...losses.map((loss) => loss.since.getTime())));
    const events = await publishSince(since);
    await marks.updateOne({ _id: name }, { $max: { loss: newest.number } }, { upsert: true });
    known = newest.number;
    log.warn({ source: name, since, events }, "events that the bus had lost are published again");
    return events;
  };
  let underWay: Promise<number> | undefined;
  const publishLost = (): Promise<number> => {
    if (!isDue()) return Promise.resolve(0);
    underWay ??= makeGood().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
  return {
    publishLost,
    publish: async (events, how) => {
      while (isDue()) await publishLost();
      await bus.publish(events, how);
    },
  };
}
