// npm test: the whole suite against the real store and both simulators. Arguments go to jest. Ends with `N passed, N failed`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare, root } from "./prepare.mjs";

prepare();
const folder = mkdtempSync(join(tmpdir(), "greentick-jest-"));
const report = join(folder, "report.json");
const jest = join(root, "node_modules", "jest", "bin", "jest.js");
const done = spawnSync(process.execPath, [jest, "--json", `--outputFile=${report}`, ...process.argv.slice(2)], {
  cwd: root,
  stdio: ["ignore", 2, 2],
});
const counts = () => {
  try {
    return JSON.parse(readFileSync(report, "utf8"));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numRuntimeErrorTestSuites: 1 };
  }
};
const {
  numPassedTests: passed,
  numFailedTests,
  numPendingTests: skipped,
  numRuntimeErrorTestSuites: broken,
} = counts();
const failed = numFailedTests + broken;
rmSync(folder, { recursive: true, force: true });
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`);
process.exit(done.status === 0 && failed === 0 && passed > 0 ? 0 : 1);
