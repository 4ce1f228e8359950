/** Thrown at the next checkpoint after somebody asked to stop. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
}

/** Ctrl-C under npm arrives twice, from the terminal and passed on by npm: what comes this soon is the same wish. */
const sameWishMs = 1_000;
const patienceMs = 30_000;
/** What a shell expects of a process that Ctrl-C broke off. */
const brokenOffCode = 130;

export interface Stopped {
  /** False when the start was broken off before it was complete. */
  readonly wasComplete: boolean;
}

/**
 * Listens for Ctrl-C and SIGTERM from now on. The answer throws StoppedError once somebody asked to stop: what is being opened is opened to its next
 * checkpoint and closed in order. `stop` ends everything; afterwards the process ends with 0, or 130 when the start was broken off. A second
 * signal, more than a second later, ends it at once.
 */
export function stopOnSignal(stop: () => Promise<Stopped>, say: (line: string) => void): () => void {
  let askedAt: number | undefined;
  const end = async (): Promise<void> => {
    say("Stopping …");
    setTimeout(() => {
      say(`Stopping took longer than ${String(patienceMs / 1_000)} s, the process ends without it.`);
      process.exit(1);
    }, patienceMs).unref();
    const { wasComplete } = await stop();
    process.exit(wasComplete ? 0 : brokenOffCode);
  };
  const heard = (): void => {
    if (askedAt === undefined) {
      askedAt = performance.now();
      end().catch((error: unknown) => {
        say(`Stopping failed: ${error instanceof Error ? error.message : String(error)}`);
        process.exit(1);
      });
    } else if (performance.now() - askedAt > sameWishMs) process.exit(1);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, heard);
  return () => {
    if (askedAt !== undefined) throw new StoppedError("Stopped before the start was complete.");
  };
}
