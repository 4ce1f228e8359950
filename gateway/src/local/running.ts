import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { checkDataFolder, codeOf, folderEntries } from "./data-folder.js";

const Running = z.object({
  pid: z.int(),
  startedAt: z.iso.datetime(),
  /** Absent while it starts. */
  addresses: z.object({ url: z.url(), controlUrl: z.url() }).optional(),
});
type Running = z.infer<typeof Running>;
export type RunningAddresses = NonNullable<Running["addresses"]>;

/** A data folder that belongs to this process until it is given back. */
export interface ClaimedFolder {
  /** Tells others where this platform answers. */
  readonly announce: (addresses: RunningAddresses) => void;
  readonly release: () => void;
}

const answerMs = 2_000;
/** A start that has not announced itself for this long was killed, and its process id may be somebody else's by now. */
const startingMs = 120_000;

/** Takes the folder for this process. @throws Error with one sentence when it cannot be used or another platform runs on it. */
export async function claimFolder(dataDir: string): Promise<ClaimedFolder> {
  checkDataFolder(dataDir);
  const path = join(dataDir, folderEntries.running);
  const seen = textIn(path);
  const other = read(path);
  if (other !== undefined && (await isRunning(other))) throw alreadyRunning(dataDir, other);
  const mine: Running = { pid: process.pid, startedAt: new Date().toISOString() };
  take(dataDir, mine, seen);
  return {
    announce: (addresses) => {
      writeFileSync(path, textOf({ ...mine, addresses }));
    },
    release: () => {
      rmSync(path, { force: true });
    },
  };
}

/** Undefined when there is none that can be read. */
function textIn(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

const textOf = (facts: Running): string => `${JSON.stringify(facts, null, 2)}\n`;

/** What a start left that was killed is removed first, while it is still what was seen; of two that start at once, one makes the file. */
function take(dataDir: string, mine: Running, seen: string | undefined): void {
  const path = join(dataDir, folderEntries.running);
  try {
    mkdirSync(dataDir, { recursive: true });
    if (seen !== undefined && textIn(path) === seen) rmSync(path, { force: true });
    writeFileSync(path, textOf(mine), { flag: "wx" });
  } catch (cause) {
    const other = codeOf(cause) === "EEXIST" ? read(path) : undefined;
    if (other !== undefined) throw alreadyRunning(dataDir, other);
    throw new Error(
      `The data folder ${dataDir} cannot be written (${codeOf(cause)}): make it writable, or choose another one with --data.`,
      { cause },
    );
  }
}

/** Where the platform on this folder answers; undefined when none runs there. */
export async function findRunning(dataDir: string): Promise<RunningAddresses | undefined> {
  const found = read(join(dataDir, folderEntries.running));
  return found !== undefined && (await isRunning(found)) ? found.addresses : undefined;
}

function read(path: string): Running | undefined {
  try {
    return Running.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined; // no file, or half of one from a start that was killed
  }
}

/** Process ids are used again: what says that it runs has to answer under its own. One that is too busy to answer in time runs. */
async function isRunning({ pid, startedAt, addresses }: Running): Promise<boolean> {
  if (pid === process.pid || !lives(pid)) return false;
  if (addresses === undefined) return Date.now() - new Date(startedAt).getTime() < startingMs;
  try {
    const answer = await fetch(`${addresses.controlUrl}/clock`, { signal: AbortSignal.timeout(answerMs) });
    return ((await answer.json()) as { pid?: unknown }).pid === pid;
  } catch (error) {
    return error instanceof Error && error.name === "TimeoutError";
  }
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

const alreadyRunning = (dataDir: string, { pid, addresses }: Running): Error =>
  new Error(
    `A platform already runs on ${dataDir} (process ${String(pid)}${addresses === undefined ? ", still starting" : `, ${addresses.url}`}): use it, stop it first, or choose another folder with --data and other ports with --port.`,
  );
