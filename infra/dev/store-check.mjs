// Tries to break what the platform relies on, against the store that MONGODB_URI or STORE selects; a store of our own is
// started on a temporary folder, for the embedded engine is killed on purpose. Exits with 1 when a guarantee is broken.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkStore, withStore } from "./store-tools.mjs";

const folder = mkdtempSync(join(tmpdir(), "greentick-store-check-"));
try {
  await withStore(folder, async (opened) => {
    const rows = await checkStore(opened);
    console.table(rows);
    if (rows.some(({ result }) => result === "BROKEN")) process.exitCode = 1;
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
