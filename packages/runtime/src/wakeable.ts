/** Work that is done when somebody says that there may be some. */
export interface Wakeable {
  /** Runs the work soon; a call during the work makes it run once more. */
  readonly wake: () => void;
  /** Resolves when the work under way has ended; it never starts again. */
  readonly stop: () => Promise<void>;
}

/** `work` never runs twice at once. After a throw it waits for the next wake-up, or for the gap that `failed` gives. */
export function wakeable(work: () => Promise<void>, failed: (error: unknown) => number | undefined): Wakeable {
  const state = { again: false, stopped: false };
  let busy: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  const wanted = (): boolean => state.again && !state.stopped;
  const run = async (): Promise<void> => {
    while (wanted()) {
      state.again = false;
      await work().catch((error: unknown) => {
        const gapMs = failed(error);
        clearTimeout(retry);
        if (gapMs !== undefined && !state.stopped) retry = setTimeout(wake, gapMs);
      });
    }
    busy = undefined;
  };
  const wake = (): void => {
    state.again = true;
    if (!state.stopped) busy ??= run();
  };
  return {
    wake,
    stop: async () => {
      state.stopped = true;
      clearTimeout(retry);
      await busy;
    },
  };
}
