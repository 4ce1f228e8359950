import { Command, Option } from "commander";
import { type FaultName, faultNames } from "./plan.js";
import { runFaults } from "./run.js";
import { type BusKind } from "./world.js";

const whole = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new RangeError(`"${text}" is no whole number`);
  return number;
};

const kinds = (text: string): readonly FaultName[] =>
  text.split(",").map((word) => {
    const name = faultNames.find((one) => one === word);
    if (name === undefined) throw new RangeError(`"${word}" is none of ${faultNames.join(", ")}`);
    return name;
  });

interface Options {
  readonly runs: number;
  readonly seed: number;
  readonly from: number;
  readonly only?: readonly FaultName[];
  readonly bus?: BusKind;
  readonly without?: string;
  readonly json?: true;
}

const command = new Command("npm run faults --")
  .description(
    "Kills, stalls and floods a platform of its own while webhooks come in, and looks what became of every one that it acknowledged.",
  )
  .option("--runs <number>", "how many runs", whole, faultNames.length)
  .option("--seed <number>", "the same seed plays the same runs", whole, 1)
  .option("--from <number>", "the first run, to see one again", whole, 0)
  .option("--only <kinds>", "only these kinds of fault, with commas between them", kinds)
  .addOption(
    new Option("--bus <where>", "where events travel; with nats its broker is attacked, too").choices([
      "store",
      "nats",
    ]),
  )
  .option("--without <guard>", "takes a guard out of the platform, to see that it is missed: see tools/guards.mjs")
  .option("--json", "exactly one JSON object on stdout, everything else on stderr")
  .addHelpText(
    "after",
    "\nEnds with 1 when anything was lost, doubled, reordered or forged, or when a fault point was never reached.",
  );

async function main(): Promise<number> {
  const { json, ...wanted } = command.parse().opts<Options>();
  const tell = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const { figures, words } = await runFaults(wanted, tell);
  words.forEach(tell);
  for (const [kind, why] of Object.entries(figures.skipped)) tell(`Left out: ${kind}, ${why}.`);
  const never = Object.entries(figures.points).flatMap(([name, hits]) => (hits === 0 ? [name] : []));
  const isWhole = wanted.only === undefined && wanted.from === 0;
  if (never.length > 0 && isWhole) tell(`Never reached: ${never.join(", ")}. More runs are needed: --runs.`);
  process.stdout.write(json === true ? `${JSON.stringify(figures)}\n` : `${JSON.stringify(figures, null, 2)}\n`);
  return words.length === 0 && !(isWhole && never.length > 0) ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(
      `The runs stopped: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(1);
  },
);
