import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import { silentLog } from "@greentick/runtime";
import { Argument, Command, InvalidArgumentError } from "commander";
import { startLocal } from "../local/local-platform.js";
import { type Bench, type Outcome } from "./bench.js";
import { type DoorOptions, type DoorPart, doorParts, steady, usualDoorOptions } from "./door/options.js";
import { noisyNeighbour } from "./noisy-neighbour.js";
import { signIns } from "./sign-ins.js";
import { measureDoor } from "./webhooks.js";

/** Each measures something about a platform of its own; that of the door starts its own processes. */
const benches: Readonly<Record<string, Bench>> = { limits: noisyNeighbour, "sign-ins": signIns };
const door = {
  name: "webhook",
  what: "webhooks in: durable acknowledgements, their cost, the way to the ledger, floods and kills",
};

const list = [...Object.entries(benches).map(([name, { what }]) => `${name}: ${what}`), `${door.name}: ${door.what}`];

const whole = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It must be a whole number above zero.");
  return value;
};
const wholes = (text: string): number[] => text.split(",").map(whole);
const partsIn = (text: string): DoorPart[] =>
  text.split(",").map((word) => {
    const part = doorParts.find((one) => one === word);
    if (part === undefined) throw new InvalidArgumentError(`The parts are ${doorParts.join(", ")}.`);
    return part;
  });
const { rounds, roundMs, parts, sizes } = usualDoorOptions;
const command = new Command("npm run bench --")
  .description("Measures one thing about a platform of its own on this machine, which is removed at the end.")
  .addArgument(new Argument("<bench>", list.join("; ")).choices([...Object.keys(benches), door.name]))
  .option("--json", "exactly one JSON object on stdout, everything else on stderr")
  .option("--parts <list>", `webhook: which of ${doorParts.join(",")}`, partsIn, [...parts])
  .option("--rounds <count>", "webhook: alternating rounds of the door and its anchors", whole, rounds)
  .option(
    "--round-ms <ms>",
    `webhook: how long each side of a round lasts; at ${steady.perSecond} a second at least ${steady.leastMs}`,
    whole,
    roundMs,
  )
  .option("--sizes <list>", "webhook: stored webhooks beside which the cost of one more is measured", wholes, [
    ...sizes,
  ])
  .addHelpText(
    "after",
    "\n`rating` measures rating and the ledger alone and has options of its own.\nEnds with 1 when a bound does not hold; stderr says which.",
  );

/** What else the machine had to do tells how much the figures are worth. */
const machine = (): { readonly cores: number; readonly loadBefore: number } => ({
  cores: availableParallelism(),
  loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
});

async function measure(work: (dataDir: string) => Promise<Outcome>): Promise<Outcome> {
  const dataDir = mkdtempSync(join(tmpdir(), "greentick-bench-"));
  try {
    return await work(dataDir);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const onLocal =
  ({ env, run }: Bench) =>
  async (dataDir: string): Promise<Outcome> => {
    const options = { dataDir, port: 0, fresh: false, clock: "system", seed: 1, logLevel: "error" } as const;
    const local = await startLocal({ ...options, log: silentLog, store: {}, ...(env && { env }) });
    try {
      return await run(local, dataDir);
    } finally {
      await local.close();
    }
  };

function tableOf({ how, rows }: Outcome, { cores, loadBefore }: ReturnType<typeof machine>): string {
  const table = new Table({ style: { head: [], border: [] } });
  table.push(...rows.map((row) => [...row]), ["machine", `${cores} cores, load ${loadBefore} before`]);
  return `${how}\n\n${table.toString()}\n`;
}

async function main(): Promise<number> {
  const { args, json, ...options } = { args: command.parse().args, ...command.opts<DoorOptions & { json?: true }>() };
  const bench = benches[args[0] ?? ""];
  const on = machine();
  const outcome = await measure(bench ? onLocal(bench) : (dataDir) => measureDoor(dataDir, options));
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
