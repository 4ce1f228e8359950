import { type Clock } from "@greentick/kernel";
import { type Db } from "mongodb";

/** Business time. Live tenants follow the system; sandbox tenants share one clock that can be set, with their simulators. */
export interface Clocks {
  readonly system: Clock;
  /** The business clock of live or sandbox tenants. Read it through `refresh` first where another process may have set it. */
  readonly business: (livemode: boolean) => Clock;
  /** Where the sandbox clock was set to, as last read; undefined while it follows the system. */
  readonly sandboxSetTo: () => Date | undefined;
  /** Reads the sandbox clock from the store. */
  readonly refresh: () => Promise<void>;
  /** Sets the sandbox clock for every process; `"system"` makes it follow the system again. */
  readonly setSandbox: (to: Date | "system") => Promise<void>;
}

interface ClockRow {
  _id: string;
  now: Date | null;
}

/** The clocks of a deployment, kept in the bus database. What is read while this process sets the clock does not undo the setting. */
export function storedClocks(db: Db, system: Clock = () => new Date()): Clocks {
  const rows = db.collection<ClockRow>("clocks");
  let sandbox: Date | null = null;
  let settings = 0;
  let reading: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const read = async (): Promise<void> => {
    const before = settings;
    const stored = (await rows.findOne({ _id: "sandbox" }))?.now ?? null;
    if (settings === before) sandbox = stored;
  };
  const start = (): Promise<void> =>
    (reading = read().finally(() => {
      reading = undefined;
    }));
  /** Those who ask during a read share the one after it: a read that began earlier may be older than what they know of. */
  const refresh = (): Promise<void> => {
    if (reading === undefined) return start();
    next ??= reading
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return start();
      });
    return next;
  };
  const sandboxNow: Clock = () => (sandbox === null ? system() : new Date(sandbox));
  return {
    system,
    business: (livemode) => (livemode ? system : sandboxNow),
    sandboxSetTo: () => sandbox ?? undefined,
    refresh,
    setSandbox: async (to) => {
      const now = to === "system" ? null : new Date(to);
      settings += 1;
      await rows.updateOne({ _id: "sandbox" }, { $set: { now } }, { upsert: true });
      settings += 1;
      sandbox = now;
    },
  };
}
