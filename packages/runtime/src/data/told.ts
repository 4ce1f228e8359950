import { type EventEnvelope, type Log } from "@greentick/kernel";
import { type Collection } from "mongodb";
import { type Bus } from "../bus/contract.js";
import { intoRecords } from "../bus/cutting.js";
import { type Database } from "./database.js";
import { publishingLost, type PublishingLost } from "./publishing-lost.js";

interface ToldRow {
  /** System time at which it was published. */
  at: Date;
  events: EventEnvelope[];
}

export interface ToldParts {
  readonly database: Database;
  readonly bus: Bus;
  readonly log: Log;
}

/** What was published lately, kept where the bus is a server of its own: nobody else remembers it once that has lost it. */
export interface Told extends PublishingLost {
  /** Before the events leave the documents that carry them. */
  readonly keep: (events: readonly EventEnvelope[]) => Promise<void>;
}

/** Longer than anybody takes to notice that a server came back with less than it had. */
const keptSeconds = 86_400;

export function toldEvents({ database, bus, log }: ToldParts): Told {
  const rows: Collection<ToldRow> = database.db.collection("outboxTold");
  let indexed: Promise<unknown> | undefined;
  const publishSince = async (since: Date): Promise<number> => {
    let count = 0;
    for await (const { events } of rows.find({ at: { $gte: since } }).sort({ at: 1, _id: 1 })) {
      await bus.publish(events, { again: true });
      count += events.length;
    }
    return count;
  };
  const lost = publishingLost({ database, bus, log, name: "outbox", publishSince });
  if (bus.broker === undefined) return { ...lost, keep: () => Promise.resolve() };
  return {
    ...lost,
    keep: async (events) => {
      indexed ??= rows.createIndex({ at: 1 }, { name: "told", expireAfterSeconds: keptSeconds }, {});
      await indexed;
      const at = new Date();
      await rows.insertMany(intoRecords(events).map((record) => ({ at, events: record.events })));
    },
  };
}
