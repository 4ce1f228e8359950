import { backOff } from "exponential-backoff";

export interface BackoffOptions {
  /** All attempts, the first included. */
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** False stops at once and throws what was caught. */
  readonly retry?: (error: unknown) => boolean;
}

/** Runs `work` until it succeeds, with exponential gaps and full jitter. @throws the last error. */
export const withBackoff = <T>(work: () => Promise<T>, options: BackoffOptions): Promise<T> =>
  backOff(work, {
    numOfAttempts: options.attempts,
    startingDelay: options.firstDelayMs,
    maxDelay: options.maxDelayMs,
    jitter: "full",
    retry: (error: unknown) => options.retry?.(error) ?? true,
  });
