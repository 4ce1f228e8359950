import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import { silentLog } from "@greentick/runtime";
import { Argument, Command } from "commander";
import { startLocal } from "../local/local-platform.js";
import { type Bench, type Outcome } from "./bench.js";
import { noisyNeighbour } from "./noisy-neighbour.js";
import { signIns } from "./sign-ins.js";
import { webhooks } from "./webhooks.js";

/** Each measures something about a platform of its own. */
const benches: Readonly<Record<string, Bench>> = { limits: noisyNeighbour, "sign-ins": signIns, webhook: webhooks };

const list = Object.entries(benches).map(([name, { what }]) => `${name}: ${what}`);
const command = new Command("npm run bench --")
  .description("Measures one thing about a platform of its own on this machine, which is removed at the end.")
  .addArgument(new Argument("<bench>", list.join("; ")).choices(Object.keys(benches)))
  .option("--json", "exactly one JSON object on stdout, everything else on stderr")
  .addHelpText("after", "\nEnds with 1 when a bound does not hold; stderr says which.");

/** What else the machine had to do tells how much the figures are worth. */
const machine = (): { readonly cores: number; readonly loadBefore: number } => ({
  cores: availableParallelism(),
  loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
});

async function measure({ env, run }: Bench): Promise<Outcome> {
  const dataDir = mkdtempSync(join(tmpdir(), "greentick-bench-"));
  try {
    const options = { dataDir, port: 0, fresh: false, clock: "system", seed: 1, logLevel: "error" } as const;
    const local = await startLocal({ ...options, log: silentLog, store: {}, ...(env && { env }) });
    try {
      return await run(local, dataDir);
    } finally {
      await local.close();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function tableOf({ how, rows }: Outcome, { cores, loadBefore }: ReturnType<typeof machine>): string {
  const table = new Table({ style: { head: [], border: [] } });
  table.push(...rows.map((row) => [...row]), ["machine", `${cores} cores, load ${loadBefore} before`]);
  return `${how}\n\n${table.toString()}\n`;
}

async function main(): Promise<number> {
  const { args, json } = { args: command.parse().args, ...command.opts<{ json?: true }>() };
  const bench = benches[args[0] ?? ""];
  if (bench === undefined) return 1;
  const on = machine();
  const outcome = await measure(bench);
  const text = json === true ? `${JSON.stringify({ ...outcome.figures, machine: on })}\n` : tableOf(outcome, on);
  process.stdout.write(text);
  for (const sentence of outcome.broken) process.stderr.write(`${sentence}\n`);
  return outcome.broken.length === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
