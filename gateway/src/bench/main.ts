import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@greentick/runtime";
import { Command } from "commander";
import { type LocalPlatform, startLocal } from "../local/local-platform.js";
import { noisyNeighbour } from "./noisy-neighbour.js";

/** Each measures something about a platform of its own and answers with plain figures. */
const benches: Readonly<
  Record<string, { readonly what: string; readonly run: (on: LocalPlatform) => Promise<object> }>
> = {
  limits: { what: "what one tenant feels of another that asks as fast as it can", run: noisyNeighbour },
};

const command = new Command("npm run bench --")
  .description("Measures the platform on this machine; the figures go to stdout as JSON.")
  .argument(
    "<bench>",
    Object.entries(benches)
      .map(([name, { what }]) => `${name}: ${what}`)
      .join("; "),
  );

async function main(): Promise<void> {
  const [name = ""] = command.parse().args;
  const bench = benches[name];
  if (bench === undefined) throw new Error(`There is no bench ${name}; there is ${Object.keys(benches).join(", ")}.`);
  const dataDir = mkdtempSync(join(tmpdir(), "greentick-bench-"));
  const options = {
    dataDir,
    port: 0,
    fresh: false,
    clock: "system" as const,
    seed: 1,
    log: silentLog,
    logLevel: "error",
  };
  const local = await startLocal({ ...options, store: {} });
  try {
    process.stdout.write(`${JSON.stringify(await bench.run(local))}\n`);
  } finally {
    await local.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
