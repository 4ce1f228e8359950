import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Removes what an earlier platform left in its folder. @throws Error when the folder holds something that is not a platform's data. */
export function clearDataFolder(dataDir: string): void {
  if (!existsSync(dataDir)) return;
  const files = readdirSync(dataDir);
  if (files.length > 0 && !existsSync(join(dataDir, "secrets.json")))
    throw new Error(
      `${dataDir} holds files that are not a platform's data; --fresh does not remove them. Empty it yourself, or choose another folder with --data.`,
    );
  rmSync(dataDir, { recursive: true, force: true });
}
