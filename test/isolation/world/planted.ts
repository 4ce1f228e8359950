import { type MongoClient } from "mongodb";
import { type Side } from "./sides.js";

export interface Databases {
  readonly mongo: MongoClient;
  readonly databasePrefix: string;
}

/**
 * What only a fault brings about, put into the store as the services keep it: a usage total that Stripe refused, a month that waits, a comparison that failed, a body of which something
 * else was said than would be now, some events of the side that a consumer gave up on, and one for a consumer that runs nowhere any more.
 */
export async function plantFaults({ mongo, databasePrefix }: Databases, side: Side): Promise<void> {
  const { tenantId, resellerId, canary } = side;
  const windows = mongo.db(`${databasePrefix}billing`).collection("windows");
  const window = await windows.findOne({ tenantId });
  await windows.updateOne(
    { _id: window?._id as never },
    { $set: { rejected: `Stripe refused the total of ${canary}` } },
  );
  const months = mongo.db(`${databasePrefix}billing`).collection("months");
  await months.updateOne(
    { tenantId, "state.status": "finalized" },
    { $set: { "state.waitsFor": `a word of ${canary}` } },
  );
  const runs = mongo.db(`${databasePrefix}billing`).collection("reconciliation_runs");
  await runs.updateOne(
    { tenantId: resellerId },
    { $set: { "state.status": "failed", "state.failure": `Meta gave ${canary} no figures` } },
  );
  const raw = mongo.db(`${databasePrefix}webhook`).collection("raw");
  await raw.updateOne({ tenants: tenantId, "told.0": { $nin: ["", null] } }, { $set: { "told.0": `of ${canary}` } });
  const bus = mongo.db(`${databasePrefix}bus`);
  const records = await bus
    .collection<{ events: readonly { id: string; tenantId: string }[] }>("records")
    .find({ "events.tenantId": tenantId })
    .limit(6)
    .toArray();
  const own = records.flatMap(({ events }) => events.filter((event) => event.tenantId === tenantId).slice(0, 1));
  const letters = own.map((event) => ({
    _id: `tenant.audit:${event.id}` as never,
    consumer: "tenant.audit",
    event,
    tries: 5,
    error: `Error: no reply for ${canary}`,
    at: new Date(),
  }));
  const kept = letters.slice(-1).map((one) => ({
    ...one,
    _id: `tenant.retired:${one.event.id}` as never,
    consumer: "tenant.retired",
  }));
  await bus.collection("deadLetters").insertMany([...letters, ...kept]);
}
