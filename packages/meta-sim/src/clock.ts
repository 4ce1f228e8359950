import { type ClockSetting } from "./options.js";
import { type SimStore } from "./store.js";

/** The simulated Meta's time: stands still until it is set, or follows the system. */
export interface SimClock {
  readonly now: () => Date;
  readonly mode: () => "fixed" | "system";
  /** Keeps the time, so that a restart finds it. @throws RangeError when it would run backwards. */
  readonly set: (setting: ClockSetting) => Promise<void>;
  /** Starts again from a setting, in whichever direction. */
  readonly restart: (setting: ClockSetting) => Promise<void>;
}

/** The clock kept in the store, or a new one that starts as told. */
export async function simClock(store: SimStore, initial: ClockSetting): Promise<SimClock> {
  const kept = await store.clock.findOne({ _id: "clock" });
  let current: ClockSetting = kept === null ? initial : settingOf(kept.mode, kept.now);
  const now = (): Date => (current === "system" ? new Date() : current.now);
  const keep = async (setting: ClockSetting): Promise<void> => {
    const value =
      setting === "system" ? { mode: "system" as const, now: new Date() } : { mode: "fixed" as const, ...setting };
    await store.clock.replaceOne({ _id: "clock" }, value, { upsert: true });
    current = setting;
  };
  if (kept === null) await keep(initial);
  return {
    now,
    mode: () => (current === "system" ? "system" : "fixed"),
    set: async (setting) => {
      const target = setting === "system" ? new Date() : setting.now;
      if (target < now()) {
        throw new RangeError(
          `The clock stands at ${now().toISOString()} and does not run backwards to ${target.toISOString()}.`,
        );
      }
      await keep(setting);
    },
    restart: keep,
  };
}

const settingOf = (mode: "fixed" | "system", now: Date): ClockSetting => (mode === "system" ? "system" : { now });
