import { randomBytes } from "node:crypto";
import { writtenOut } from "@greentick/runtime";
import { MongoClient, type Document } from "mongodb";
import { type Ground } from "./ground.js";
import { type DoorOptions, fewRounds } from "./options.js";
import { measureCpu } from "./throughput.js";

/** What one more webhook costs beside so many stored ones. */
export interface AtSize {
  readonly stored: number;
  readonly perSecond: number;
  readonly anchorPerSecond: number;
  readonly cpuUs: number;
  readonly ledgerPerSecond: number;
}

const together = 1_000;

/** Fills the log with copies of what it holds, under other keys, up to each size, and measures there. */
export async function measureGrowth(ground: Ground, options: DoorOptions): Promise<readonly AtSize[]> {
  const client = await new MongoClient(ground.storeUri).connect();
  try {
    const raw = client.db("greentick_webhook").collection<Document & { _id: string }>("raw");
    const found: AtSize[] = [];
    for (const size of options.sizes) {
      const pattern = await raw
        .find({ waiting: { $exists: false } })
        .limit(together)
        .toArray();
      for (let missing = size - (await raw.estimatedDocumentCount()); missing > 0; missing -= pattern.length)
        await raw.insertMany(pattern.slice(0, missing).map(copied), { ordered: false });
      await writtenOut(client.db("greentick_webhook"));
      const stored = await raw.estimatedDocumentCount();
      const cpu = await measureCpu(ground, { ...options, rounds: Math.min(options.rounds, fewRounds) });
      const anchorPerSecond = cpu.doorPerSecond / cpu.ratio.median;
      const { doorPerSecond, doorUs, ledgerPerSecond } = cpu;
      found.push({ stored, perSecond: doorPerSecond, anchorPerSecond, cpuUs: doorUs, ledgerPerSecond });
    }
    return found;
  } finally {
    await client.close();
  }
}

/** Other keys where keys differ from one webhook to the next. */
function copied(row: Document & { _id: string }): Document & { _id: string } {
  const name = randomBytes(32).toString("hex");
  const refs = (row["refs"] as string[] | undefined)?.map((ref) =>
    ref.replace(/^((?:ten_\w+\/)?(?:message|request)\/).*$/, `$1${name}`),
  );
  const people = (row["people"] as string[] | undefined)?.map((one) => `${one.split("/")[0] ?? ""}/${name}`);
  return { ...row, _id: name, ...(refs && { refs }), ...(people && { people }) };
}
