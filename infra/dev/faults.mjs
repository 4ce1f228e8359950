// npm run faults: webhooks come in while a platform of its own is killed, stalled and flooded; then everything that it acknowledged is looked for.
// With --json exactly one object on stdout; ends with 1 when anything was lost, doubled or reordered, or a fault point was never reached.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { prepare, root } from "./prepare.mjs";

prepare();
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const built = spawnSync(process.execPath, [tsc, "-b", "test"], { cwd: root, stdio: ["ignore", 2, 2] });
if (built.status !== 0) process.exit(1);
await import("../../test/dist/faults/main.js");
