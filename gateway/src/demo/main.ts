import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "@greentick/runtime";
import { Command, InvalidArgumentError } from "commander";
import { pino } from "pino";
import { startLocal } from "../local/local-platform.js";
import { checksOf, holds } from "./checks.js";
import { figuresOf, tablesOf } from "./report.js";
import { type DemoOptions, playStory, storyStart } from "./story.js";

const count = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new InvalidArgumentError("a whole number of 0 or more.");
  return number;
};

const command = new Command("npm run demo --")
  .description(
    "Plays the story once, from two new clients to a reconciled November, on a platform of its own that is removed at the end.",
  )
  .option("--messages <n>", "status webhooks of the generated November", count, 20_000)
  .option("--seed <n>", "the same seed gives the same figures", count, 1)
  .option("--lose <n>", "withhold n webhooks of delivered messages: the reconciliation must find them", count, 0)
  .option("--double <n>", "double n lines of Meta's invoice: the reconciliation must find them", count, 0)
  .option("--json", "exactly one JSON object on stdout, everything else on stderr");

async function main(): Promise<number> {
  const options = command.parse().opts<DemoOptions & { readonly json?: true }>();
  const dataDir = mkdtempSync(join(tmpdir(), "greentick-demo-"));
  const logLevel = process.env["LOG_LEVEL"] ?? "error";
  const log = createLog({ level: logLevel, name: "demo", to: pino.destination(2) });
  const tell = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const local = await startLocal({
    dataDir,
    port: 0,
    fresh: false,
    clock: storyStart,
    seed: options.seed,
    log,
    logLevel,
    store: storeOptions(),
  });
  const stop = async (): Promise<void> => {
    await local.close();
    rmSync(dataDir, { recursive: true, force: true });
  };
  process.once("SIGINT", () => {
    void stop().finally(() => process.exit(130));
  });
  try {
    const outcome = await playStory(local.target, options, tell);
    const checks = checksOf(outcome);
    process.stdout.write(
      options.json === true ? `${JSON.stringify(figuresOf(outcome, checks))}\n` : tablesOf(outcome, checks),
    );
    const failed = checks.filter((one) => !holds(one));
    for (const one of failed) tell(`FAILED  ${one.what}: expected ${one.expected}, found ${one.found}`);
    return failed.length === 0 ? 0 : 1;
  } finally {
    await stop();
  }
}

const storeOptions = (): { readonly uri?: string; readonly force?: string } => ({
  ...(process.env["STORE"] !== undefined && { force: process.env["STORE"] }),
});

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`The demo stopped: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
