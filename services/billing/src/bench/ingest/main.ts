import { type FaultPointName, minuteMs, onFaultPoint } from "@greentick/kernel";
import { type Sighting } from "../../domain/fact.js";
import { bookUnbooked } from "../../usecases/rate-waiting.js";
import { rateSightings } from "../../usecases/rate-sightings.js";
import { type Ground, openGround } from "../ground.js";
import { deliveries } from "../sightings.js";

/**
 * Rates a fixed stream of updates and says on stdout whenever it reached a fault point, so that somebody can kill it there and start it again: `node
 * main.js <store> <database> <messages>`. Like the bus it moves its place only behind what was handled, and hands on again what was not.
 */
const batchSize = 50;
const aheadBy = 40;
const statuses = ["read", "delivered", "sent"] as const;

/** Each message is heard of three times, the last status first and far apart; what it costs is said with the later two. */
function heard(ground: Ground, place: number): readonly Sighting[] {
  const kind = place % statuses.length;
  const number = Math.floor(place / statuses.length) + (statuses.length - 1 - kind) * aheadBy;
  return deliveries(ground, number, 1).map(({ pricing, ...one }) => ({
    ...one,
    status: statuses[kind] ?? "sent",
    at: new Date(one.at.getTime() - kind * minuteMs),
    ...(kind > 0 && pricing && { pricing }),
    webhook: { sha256: `${kind}${one.webhook.sha256.slice(1)}`, index: 0 },
  }));
}

async function main([uri = "", name = "", count = "0"]: readonly string[]): Promise<void> {
  const ground = await openGround(uri, name);
  const places = ground.database.db.collection<{ _id: string; place: number }>("places");
  const standing = async (): Promise<number | undefined> => (await places.findOne({ _id: "ingest" }))?.place;
  if ((await standing()) === undefined) {
    await ground.prepare();
    await places.insertOne({ _id: "ingest", place: 0 });
  }
  onFaultPoint((point: FaultPointName) => {
    process.stdout.write(`${point}\n`);
  });
  const total = Number(count) * statuses.length;
  for (let place = (await standing()) ?? 0; place < total; place += batchSize) {
    const batch = Array.from({ length: Math.min(batchSize, total - place) }, (_, at) => heard(ground, place + at));
    await rateSightings(ground.ports)(batch.flat());
    process.stdout.write("handled\n");
    await places.updateOne({ _id: "ingest" }, { $set: { place: place + batchSize } });
  }
  const later = new Date(Date.now() + 2 * minuteMs);
  await bookUnbooked({ ...ground.ports, systemNow: () => later })();
  await ground.database.close();
  process.stdout.write("done\n");
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
