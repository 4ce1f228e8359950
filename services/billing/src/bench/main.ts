import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openStore } from "@greentick/runtime";
import { measureRating } from "./rating.js";

const quiet = (): void => undefined;
const log = { info: quiet, warn: quiet, error: quiet };

const usage = `usage: npm run bench rating [-- --rounds <count>] [--round-ms <ms>] [--sizes <list>] [--json]
  --rounds    alternating rounds of booking and of bare inserts (5)
  --round-ms  how long each side of a round lasts (3000)
  --sizes     ledger entries at which the cost of one more is measured (50000,1000000); the full size is 5000000
  --json      one JSON object
ends with 1 when a bound does not hold; stderr says which`;

const whole = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`"${text}" is not a whole number above zero.\n${usage}`);
  return value;
};

async function main(): Promise<number> {
  const { values } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "5" },
      "round-ms": { type: "string", default: "3000" },
      sizes: { type: "string", default: "50000,1000000" },
      json: { type: "boolean", default: false },
    },
  });
  const options = {
    rounds: whole(values.rounds),
    roundMs: whole(values["round-ms"]),
    sizes: values.sizes.split(",").map(whole),
  };
  const machine = { cores: availableParallelism(), loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100 };
  const dataDir = mkdtempSync(join(tmpdir(), "greentick-rating-"));
  const { MONGODB_URI: uri } = process.env;
  const store = await openStore({ dataDir, log, ...(uri !== undefined && { uri }) });
  try {
    const { figures, rows, broken } = await measureRating(store.uri, options);
    const table = rows.map(([what, value]) => `${what.padEnd(58)} ${value}`).join("\n");
    const on = `${"machine".padEnd(58)} ${machine.cores} cores, load ${machine.loadBefore} before`;
    process.stdout.write(values.json ? `${JSON.stringify({ ...figures, machine })}\n` : `${table}\n${on}\n`);
    for (const sentence of broken) process.stderr.write(`${sentence}\n`);
    return broken.length === 0 ? 0 : 1;
  } finally {
    await store.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
