import { type Store } from "./store/store.js";

/** The simulator's time: the system's, or one instant that stands still until it is set again. */
export type ClockMode = "system" | { readonly now: Date };

export interface ClockView {
  readonly mode: "system" | "set";
  readonly now: Date;
}

export interface SimClock {
  /** Unix milliseconds on the simulator's clock. */
  ms: () => number;
  /** Unix seconds, as Stripe's objects carry them. */
  seconds: () => number;
  view: () => ClockView;
  /** Sets and keeps the time. Moving it is the scheduler's work: this neither checks the direction nor runs what falls due. */
  set: (mode: ClockMode) => Promise<void>;
}

const metaName = "clock";

/** Opens the kept clock; `initial` counts only for a fresh database. */
export async function openClock(store: Store, initial: ClockMode): Promise<SimClock> {
  const kept = await store.meta(metaName);
  let frozenMs = kept === undefined ? null : (kept as { frozenMs: number | null }).frozenMs;
  const ms = (): number => frozenMs ?? Date.now();
  const set = async (mode: ClockMode): Promise<void> => {
    const next = mode === "system" ? null : mode.now.getTime();
    await store.setMeta(metaName, { frozenMs: next });
    frozenMs = next;
  };
  if (kept === undefined) await set(initial);
  return {
    ms,
    seconds: () => Math.floor(ms() / 1000),
    view: () => ({ mode: frozenMs === null ? "system" : "set", now: new Date(ms()) }),
    set,
  };
}
