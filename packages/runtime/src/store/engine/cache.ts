import { totalmem } from "node:os";
import { ask } from "./ask.js";
import { type EmbeddedEngine } from "./embedded-engine.js";

const MIB = 1_048_576;
const LEAST_MIB = 256;

/**
 * MiB of cache for a store on a machine with so many bytes of memory: half of what is above one GiB, and never below 256 MiB, as mongod takes it
 * (MongoDB manual, "WiredTiger Storage Engine", Memory Use).
 */
export const cacheMiB = (memoryBytes: number): number =>
  Math.max(LEAST_MIB, Math.floor((memoryBytes - 1_024 * MIB) / 2 / MIB));

/** Of the machine, or of the container when that has less. */
export function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** The engine opens with 256 MiB whatever the machine has, and begins to write pages out at a fifth of that: too soon for more than a first look. */
export async function sizeCache(engine: EmbeddedEngine, mib: number): Promise<void> {
  await ask(engine, { setParameter: 1, wiredTigerEngineRuntimeConfig: `cache_size=${mib}M`, $db: "admin" });
}
