import { AppError } from "@greentick/kernel";
import { pause } from "../pause.js";

interface Tries {
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

/** How often an event is tried before it becomes a dead letter. A provider that is away deserves more patience than a bug. */
export interface Patience {
  readonly usual: Tries;
  readonly provider: Tries;
  /** How often an event is handed out although the process that had it ended over it; from then on it is watched. */
  readonly deliveries: number;
}

export const usualPatience: Patience = {
  usual: { attempts: 5, firstDelayMs: 20, maxDelayMs: 1_000 },
  provider: { attempts: 12, firstDelayMs: 100, maxDelayMs: 30_000 },
  deliveries: 5,
};

/** Was told to stop before it was known how the work ends: it will be done again. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  /** Of the events that were in hand, how many of the first are done all the same. */
  readonly done: number;

  constructor(message: string, { done = 0, ...options }: ErrorOptions & { readonly done?: number } = {}) {
    super(message, options);
    this.done = done;
  }
}

/** The gap after the n-th failure, n from one: it doubles up to its limit, and half of it is chance, so that processes spread out. */
function gapMs({ firstDelayMs, maxDelayMs }: Tries, failures: number): number {
  const whole = Math.min(firstDelayMs * 2 ** (failures - 1), maxDelayMs);
  return whole / 2 + (Math.random() * whole) / 2;
}

export interface Attempted {
  readonly tries: number;
  /** Absent after a success. */
  readonly failed?: { readonly error: unknown };
}

/**
 * Tries the work until it succeeds or its tries are spent; failures of a provider are counted apart from all others. The signal ends a gap at
 * once, so that nobody waits half a minute for a stop. @throws Interrupted when stopped between tries.
 */
export async function patiently(
  work: () => Promise<void>,
  patience: Patience,
  signal: AbortSignal,
): Promise<Attempted> {
  const failures = { usual: 0, provider: 0 };
  for (let tries = 1; ; tries++) {
    try {
      await work();
      return { tries };
    } catch (error) {
      const kind = error instanceof AppError && error.code === "PROVIDER_UNAVAILABLE" ? "provider" : "usual";
      failures[kind] += 1;
      if (signal.aborted) throw new Interrupted("stopped between two tries", { cause: error });
      if (failures[kind] >= patience[kind].attempts) return { tries, failed: { error } };
      const waited = await pause(gapMs(patience[kind], failures[kind]), signal);
      if (!waited) throw new Interrupted("stopped between two tries", { cause: error });
    }
  }
}
