import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runningFile } from "./running.js";

/** Everything that a local platform keeps in its folder. */
export const folderEntries = {
  secrets: "secrets.json",
  unfinishedSecrets: "secrets.json.new",
  store: "store",
  tokens: "tokens",
  examples: "examples",
  running: runningFile,
} as const;

const known: ReadonlySet<string> = new Set(Object.values(folderEntries));

/** Removes what an earlier platform left in its folder; this process must have claimed it. @throws Error when the folder holds anything else. */
export function clearDataFolder(dataDir: string): void {
  const entries = readdirSync(dataDir);
  const strange = entries.filter((entry) => !known.has(entry));
  if (strange.length > 0)
    throw new Error(
      `${dataDir} holds files that are not a platform's data (${strange.slice(0, 3).join(", ")}), so --fresh leaves it alone: empty it yourself, or choose another folder with --data.`,
    );
  for (const entry of entries.filter((one) => one !== runningFile))
    rmSync(join(dataDir, entry), { recursive: true, force: true });
}
