// npm test: the whole suite against the real store and both simulators. Arguments go to jest. Ends with `N passed, N failed` on stdout;
// everything else goes to stderr. A test file that cannot be run counts as one failure, and so does a run in which nothing was tested.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare, root } from "./prepare.mjs";

prepare();
const folder = mkdtempSync(join(tmpdir(), "greentick-jest-"));
const report = join(folder, "report.json");
const jest = join(root, "node_modules", "jest", "bin", "jest.js");
const args = [jest, "--json", `--outputFile=${report}`, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", 2, 2] });

const read = () => {
  try {
    return JSON.parse(readFileSync(report, "utf8"));
  } catch {
    return {};
  }
};
const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numRuntimeErrorTestSuites = 0 } = read();
rmSync(folder, { recursive: true, force: true });
const counted = numFailedTests + numRuntimeErrorTestSuites;
const failed = counted === 0 && (status !== 0 || numPassedTests === 0) ? 1 : counted;
const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : "";
process.stdout.write(`${numPassedTests} passed, ${failed} failed${skipped}\n`);
process.exit(failed === 0 ? 0 : 1);
