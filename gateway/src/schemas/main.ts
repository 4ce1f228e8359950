import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeSubgraphs } from "../all-in-one.js";
import { schemaFiles } from "./compose.js";
import { offlineOutside, shapeOnlyEnv } from "./offline.js";

const root = join(__dirname, "..", "..", "..");

/** Writes the schema files, or with `--check` says which of them no longer match the code. */
async function main(): Promise<void> {
  const files = schemaFiles(await describeSubgraphs(shapeOnlyEnv, offlineOutside));
  const stale = [...files].filter(([path, text]) => {
    const file = join(root, path);
    return !existsSync(file) || readFileSync(file, "utf8") !== text;
  });
  if (process.argv.includes("--check")) report(stale.map(([path]) => path));
  else for (const [path, text] of stale) writeFileSync(join(root, path), text);
  if (!process.argv.includes("--check"))
    process.stdout.write(`${stale.length} of ${files.size} schema files written\n`);
}

function report(paths: readonly string[]): void {
  if (paths.length === 0) process.stdout.write("all schema files match the code\n");
  else {
    process.stderr.write(
      `These schema files do not match the code; run "npm run schema" and look at the difference:\n  ${paths.join("\n  ")}\n`,
    );
    process.exitCode = 1;
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
