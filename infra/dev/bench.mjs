// npm run bench -- <name> [--json]: measures one thing and prints the figures. Rating is measured without a platform around it.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { prepare } from "./prepare.mjs";

/** As in the image. */
const flags = ["--max-semi-space-size=32"];

prepare();
if (process.argv[2] === "rating") {
  const main = fileURLToPath(new URL("../../services/billing/dist/bench/main.js", import.meta.url));
  const { status } = spawnSync(process.execPath, [...flags, main, ...process.argv.slice(2)], { stdio: "inherit" });
  process.exitCode = status ?? 1;
} else await import("../../gateway/dist/bench/main.js");
