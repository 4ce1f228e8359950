// npm run check: types, lint, boundaries, formatting and unused code. A result is remembered (by turbo, in .turbo) under the contents of
// every file that is not ignored by git, so nothing that changed is believed unseen. Arguments go to turbo: `npm run check -- --force`.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { prepareTools, root } from "./prepare.mjs";

prepareTools();
const turbo = fileURLToPath(import.meta.resolve("turbo/bin/turbo"));
const tasks = ["types", "lint", "boundaries", "format", "unused"];
const quiet = { TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1", DO_NOT_TRACK: "1" };
const given = process.argv.slice(2);
// Every check is heard, even when the first one fails.
const args = [
  "run",
  ...tasks,
  "--output-logs=errors-only",
  "--continue=always",
  "--concurrency=2",
  "--cache=local:rw",
  ...given,
];
const env = { ...process.env, ...quiet };
const done = spawnSync(process.execPath, [turbo, ...args], { cwd: root, stdio: ["ignore", 1, 2], env });
process.exit(done.status ?? 1);
