// npm run isolation: attacks a platform of its own as one client business that asks for another's things, field by field and mutation by
// mutation. With --json exactly one object on stdout; ends with 1 when anything differs or anything was left out.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { prepare, root } from "./prepare.mjs";

prepare();
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const built = spawnSync(process.execPath, [tsc, "-b", "test"], { cwd: root, stdio: ["ignore", 2, 2] });
if (built.status !== 0) process.exit(1);
await import("../../test/dist/isolation/main.js");
