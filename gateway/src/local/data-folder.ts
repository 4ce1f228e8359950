import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Where the data of `npm start` lies when nothing else is said. */
export const defaultFolder = ".greentick";

/** Everything that a local platform keeps in its folder. */
export const folderEntries = {
  secrets: "secrets.json",
  unfinishedSecrets: "secrets.json.new",
  store: "store",
  tokens: "tokens",
  examples: "examples",
  mail: "mail",
  running: "running.json",
} as const;

const known: ReadonlySet<string> = new Set(Object.values(folderEntries));
const namedStrangers = 3;

/**
 * Looks at the folder without touching it. @throws Error with one sentence when it is no folder, or holds somebody else's files: what lay there before
 * a platform's data could not be told from it afterwards.
 */
export function checkDataFolder(dataDir: string): void {
  const entries = entriesOf(dataDir);
  if (!entries.includes(folderEntries.secrets)) refuseStrangers(dataDir, entries, "it is left alone");
}

function entriesOf(dataDir: string): readonly string[] {
  try {
    return readdirSync(dataDir);
  } catch (cause) {
    const code = codeOf(cause);
    if (code === "ENOENT") return [];
    const why =
      code === "ENOTDIR"
        ? "cannot be used because a file is in its place: move that file away"
        : `cannot be read (${code}): make it readable`;
    throw new Error(`The data folder ${dataDir} ${why}, or choose another folder with --data.`, { cause });
  }
}

/** The system's word for what went wrong with a file. */
export const codeOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? String(cause);

/** Removes what an earlier platform left in its folder; this process must have claimed it. @throws Error when the folder holds anything else. */
export function clearDataFolder(dataDir: string): void {
  const entries = readdirSync(dataDir);
  refuseStrangers(dataDir, entries, "--fresh leaves it alone");
  for (const entry of entries.filter((one) => known.has(one) && one !== folderEntries.running))
    rmSync(join(dataDir, entry), { recursive: true, force: true });
}

/** What a desktop leaves in every folder (.DS_Store) is nobody's data. */
const isHidden = (entry: string): boolean => entry.startsWith(".");

function refuseStrangers(dataDir: string, entries: readonly string[], soWhat: string): void {
  const strange = entries.filter((entry) => !known.has(entry) && !isHidden(entry));
  if (strange.length > 0)
    throw new Error(
      `${dataDir} holds files that are not a platform's data (${strange.slice(0, namedStrangers).join(", ")}), so ${soWhat}: empty it yourself, or choose another folder with --data.`,
    );
}
