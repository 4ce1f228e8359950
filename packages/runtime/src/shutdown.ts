import { type Log } from "@greentick/kernel";

/**
 * Runs `stop` once on SIGINT or SIGTERM and ends the process: 0 after a clean stop, 1 when it failed or took longer than `withinMs`. A second
 * signal ends it at once, by SIGKILL: whoever asks twice has a process that does not end by itself, and leaving through Node runs its exit
 * handlers and waits for its worker threads, which may be what hangs (Node: issue 54918, deadlock at process shutdown). What was acknowledged is durable
 * before that, so nothing is lost by it.
 */
export function onShutdown(stop: (signal: string) => Promise<void>, log: Log, withinMs = 20_000): void {
  let stopping = false;
  const handle = (signal: NodeJS.Signals): void => {
    if (stopping) {
      process.kill(process.pid, "SIGKILL");
      return;
    }
    stopping = true;
    const force = setTimeout(() => {
      log.error({ withinMs }, "stopping took too long, the process ends without it");
      process.exit(1);
    }, withinMs);
    force.unref();
    const stopped = (async () => {
      await stop(signal);
    })();
    stopped.then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, "stopping failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", handle);
  process.on("SIGTERM", handle);
}
