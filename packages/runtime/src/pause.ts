import { setTimeout as sleep } from "node:timers/promises";

/** Waits, or stops waiting at once when the signal comes. Never throws; true when it waited to the end. */
export const pause = (ms: number, signal: AbortSignal): Promise<boolean> =>
  sleep(ms, true, { signal }).catch(() => false);
