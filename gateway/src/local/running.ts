import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

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

export const runningFile = "running.json";
const answerMs = 2_000;
/** A start that has not announced itself for this long was killed, and its process id may be somebody else's by now. */
const startingMs = 120_000;

/** Takes the folder for this process. @throws Error with one sentence when it cannot be written or another platform runs on it. */
export async function claimFolder(dataDir: string): Promise<ClaimedFolder> {
  const path = join(dataDir, runningFile);
  const other = read(path);
  if (other !== undefined && (await isRunning(other))) throw alreadyRunning(dataDir, other);
  const mine: Running = { pid: process.pid, startedAt: new Date().toISOString() };
  const write = (facts: Running): void => {
    writeFileSync(path, `${JSON.stringify(facts, null, 2)}\n`);
  };
  try {
    mkdirSync(dataDir, { recursive: true });
    write(mine);
  } catch (cause) {
    throw new Error(
      `The data folder ${dataDir} cannot be written (${wordsOf(cause)}): make it writable, or choose another one with --data.`,
      { cause },
    );
  }
  return {
    announce: (addresses) => {
      write({ ...mine, addresses });
    },
    release: () => {
      rmSync(path, { force: true });
    },
  };
}

/** Where the platform on this folder answers; undefined when none runs there. */
export async function findRunning(dataDir: string): Promise<RunningAddresses | undefined> {
  const found = read(join(dataDir, runningFile));
  return found !== undefined && (await isRunning(found)) ? found.addresses : undefined;
}

function read(path: string): Running | undefined {
  try {
    return Running.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined; // no file, or half of one from a start that was killed
  }
}

/** Process ids are used again: what says that it runs has to answer under its own. */
async function isRunning({ pid, startedAt, addresses }: Running): Promise<boolean> {
  if (pid === process.pid || !lives(pid)) return false;
  if (addresses === undefined) return Date.now() - new Date(startedAt).getTime() < startingMs;
  try {
    const answer = await fetch(`${addresses.controlUrl}/clock`, { signal: AbortSignal.timeout(answerMs) });
    return ((await answer.json()) as { pid?: unknown }).pid === pid;
  } catch {
    return false;
  }
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const alreadyRunning = (dataDir: string, { pid, addresses }: Running): Error =>
  new Error(
    `A platform already runs on ${dataDir} (process ${String(pid)}${addresses === undefined ? ", still starting" : `, ${addresses.url}`}): use it, stop it first, or choose another folder with --data and other ports with --port.`,
  );

const wordsOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? String(cause);
