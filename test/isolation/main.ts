import { randomBytes } from "node:crypto";
import { figuresOf, holds, tableOf } from "./figures.js";
import { runSuite } from "./run.js";

async function main(): Promise<number> {
  const uri = process.env["MONGODB_URI"];
  const databasePrefix = `isolation_${randomBytes(4).toString("hex")}_`;
  const tell = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const outcome = await runSuite({ databasePrefix, ...(uri !== undefined && { uri }) }, tell);
  const isForMachines = process.argv.includes("--json");
  process.stdout.write(isForMachines ? `${JSON.stringify(figuresOf(outcome))}\n` : tableOf(outcome));
  if (isForMachines && !holds(outcome)) tell(tableOf(outcome));
  return holds(outcome) ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(
      `The isolation suite stopped: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(1);
  },
);
