import { loadavg } from "node:os";
import { type Outcome } from "./bench.js";
import { openGround } from "./door/ground.js";
import { measureGrowth } from "./door/growth.js";
import { measureLag, measureLatency } from "./door/latency.js";
import { measureNeighbours } from "./door/neighbours.js";
import { type DoorOptions, type DoorPart, steady } from "./door/options.js";
import { type DoorFigures, outcomeOf } from "./door/outcome.js";
import { measureAcks, measureCpu } from "./door/throughput.js";
import { measureKill, measureOverload } from "./door/trouble.js";

/** Where a part was left out on whose figure another one depends. */
const unknownRates = { acks: 4_000, ledger: 800 };
/** Of what the ledger path takes. */
const floods = [0.2, 0.4];

/** The door under load: how many webhooks it makes durable and acknowledges, at what cost, and what follows from too many of them. */
export async function measureDoor(dataDir: string, options: DoorOptions): Promise<Outcome> {
  const ground = await openGround(dataDir);
  const found: { -readonly [part in keyof DoorFigures]: DoorFigures[part] } = {};
  const capacity = (): number => found.acks?.doorPerSecond ?? unknownRates.acks;
  const followed = (): number => found.cpu?.ledgerPerSecond ?? found.acks?.ledgerPerSecond ?? unknownRates.ledger;
  const measure: Readonly<Record<DoorPart, () => Promise<void>>> = {
    acks: async () => void (found.acks = await measureAcks(ground, options)),
    cpu: async () => void (found.cpu = await measureCpu(ground, options)),
    latency: async () => {
      const held = { ...options, roundMs: Math.max(options.roundMs, steady.leastMs) };
      found.latency = [await measureLatency(ground, held, steady.perSecond)];
      for (const share of [0.5, 0.9])
        found.latency = [...found.latency, await measureLatency(ground, options, capacity() * share)];
    },
    lag: async () => void (found.lag = await measureLag(ground, options, followed() / 2)),
    neighbours: async () => {
      found.neighbours = [];
      for (const share of floods)
        found.neighbours = [...found.neighbours, await measureNeighbours(ground, options, followed() * share)];
    },
    overload: async () => void (found.overload = await measureOverload(ground, options, capacity())),
    kill: async () => void (found.kill = await measureKill(ground, options)),
    growth: async () => void (found.growth = await measureGrowth(ground, options)),
  };
  try {
    for (const part of options.parts) {
      process.stderr.write(`measuring ${part}, load ${(loadavg()[0] ?? 0).toFixed(1)} …\n`);
      await measure[part]();
      process.stderr.write(`${JSON.stringify(found[part])}\n`);
    }
    return outcomeOf(found, options);
  } finally {
    await ground.close();
  }
}
