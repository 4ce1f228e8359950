import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { StoreError, type StoreLog } from "../store.js";
import { type FromEngine, type ToEngine } from "./messages.js";

/**
 * The compiled entry of the engine process. A forked Node cannot read TypeScript, so this is the built file even when the
 * caller runs from source (tests): both `src/store/engine` and `dist/store/engine` lead here.
 */
const ENTRY = join(__dirname, "../../../dist/store/engine/main.js");
const CLOSE_DEADLINE_MS = 12_000;
const STDERR_KEPT = 2_000;

export interface EngineProcess {
  pid: number;
  port: number;
  /** Settles when the process has ended, for whatever cause. */
  ended: Promise<Ending>;
  /** Deletes what TTL indexes say has expired at `now`; returns how many documents went. */
  expire: (now: Date) => Promise<number>;
  /** Closes the engine in order and waits for the process to end; a process that does not answer is killed. */
  close: () => Promise<void>;
}

interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The last words on its standard error. */
  words: string;
}

export interface LaunchOptions {
  dataDir: string;
  /** 0 takes a free one. */
  port: number;
  nativeLibrary: string | undefined;
  log: StoreLog;
}

/** Starts the engine process and waits until drivers can connect. @throws StoreError with the sentence to show. */
export async function launchEngine({ dataDir, port, nativeLibrary, log }: LaunchOptions): Promise<EngineProcess> {
  const child = fork(ENTRY, [], { execArgv: [], stdio: ["ignore", "ignore", "pipe", "ipc"] });
  const ended = endingOf(child);
  reportTrouble(child, log);
  const answer = answerOf(child, ended);
  tell(child, { kind: "open", dataDir, port, nativeLibrary });
  const first = await answer;
  if (first.kind === "ready") return running(child, ended, first.port);
  await ended;
  throw refusal(dataDir, first);
}

const running = (child: ChildProcess, ended: Promise<Ending>, port: number): EngineProcess => ({
  pid: child.pid ?? 0,
  port,
  ended,
  expire: (now) => expire(child, ended, now),
  close: () => close(child, ended),
});

function tell(child: ChildProcess, message: ToEngine): void {
  if (child.connected) child.send(message, () => undefined); // a failed send shows as the end of the process
}

type Answer = FromEngine | ({ kind: "ended" } & Ending);

/** The next message that answers something, or the end of the process if that comes first. */
function answerOf(child: ChildProcess, ended: Promise<Ending>): Promise<Answer> {
  const answered = new Promise<FromEngine>((resolve) => {
    child.on("message", (message: FromEngine) => {
      if (message.kind !== "trouble") resolve(message);
    });
  });
  return Promise.race([answered, ended.then((ending) => ({ kind: "ended" as const, ...ending }))]);
}

function reportTrouble(child: ChildProcess, log: StoreLog): void {
  child.on("message", (message: FromEngine) => {
    if (message.kind === "trouble") log.warn({ words: message.words }, "embedded store had trouble");
  });
}

function endingOf(child: ChildProcess): Promise<Ending> {
  let words = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    words = (words + chunk).slice(-STDERR_KEPT);
  });
  return new Promise((resolve) => {
    child.once("error", (error) => {
      resolve({ code: null, signal: null, words: error.message });
    });
    child.once("exit", (code, signal) => {
      resolve({ code, signal, words: words.trim() });
    });
  });
}

/** The engine ends its process without a word when it cannot read its own files; 14 is MongoDB's code for that. */
function refusal(dataDir: string, answer: Answer): StoreError {
  if (answer.kind === "ended") return brokenFolder(dataDir, answer);
  const words = "words" in answer ? answer.words : answer.kind;
  if (answer.kind === "refused" && answer.why === "locked") return folderInUse(dataDir, words);
  return new StoreError("engine_failed", `The embedded store could not be opened in ${dataDir}: ${words}`);
}

const folderInUse = (dataDir: string, words: string): StoreError =>
  new StoreError(
    "data_folder_in_use",
    `The data folder ${dataDir} is in use by another running process: stop that one first, or choose another data folder.`,
    { cause: new Error(words) },
  );

const brokenFolder = (dataDir: string, { code, signal, words }: Ending): StoreError =>
  new StoreError(
    "data_folder_broken",
    `The embedded store ended (${signal ?? `exit code ${code ?? "unknown"}`}) while opening ${dataDir}, so the files there ` +
      `are probably damaged: start again with an empty data folder, or restore that one from an export.`,
    { cause: new Error(words) },
  );

async function expire(child: ChildProcess, ended: Promise<Ending>, now: Date): Promise<number> {
  const answer = answerOf(child, ended);
  tell(child, { kind: "expire", at: now.getTime() });
  const reply = await answer;
  if (reply.kind === "expired") return reply.deleted;
  throw new Error(`expiry did not run: ${"words" in reply ? reply.words : reply.kind}`);
}

async function close(child: ChildProcess, ended: Promise<Ending>): Promise<void> {
  const exited = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
  tell(child, { kind: "close" });
  const deadline = setTimeout(() => child.kill("SIGKILL"), CLOSE_DEADLINE_MS);
  await Promise.all([ended, exited]);
  clearTimeout(deadline);
}
