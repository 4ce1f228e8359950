import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalPlatform, startLocal } from "@greentick/gateway";
import { silentLog } from "@greentick/runtime";

export const newFolder = (word: string): string => mkdtempSync(join(tmpdir(), `greentick-${word}-`));
export const removeFolder = (folder: string): void => {
  rmSync(folder, { recursive: true, force: true });
};

/** The whole platform with a store and providers of its own, in this process. What an earlier start left in the folder is found again. */
export const startIn = (dataDir: string, clock: Date): Promise<LocalPlatform> =>
  startLocal({
    dataDir,
    port: 0,
    fresh: false,
    clock,
    seed: 1,
    log: silentLog,
    logLevel: "error",
    store: {},
  });
