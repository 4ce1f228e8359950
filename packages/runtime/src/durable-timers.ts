import { type Log, type TenantId } from "@greentick/kernel";
import { type Collection, type Filter } from "mongodb";
import { type CallFactory } from "./calls.js";
import { type Clocks } from "./clocks.js";
import { type Database } from "./data/database.js";
import { type Job } from "./service.js";
import { type Timers, type TimerSpec } from "./timers.js";

interface TimerRow {
  _id: string;
  tenantId: TenantId;
  ancestorIds: TenantId[];
  livemode: boolean;
  schemaVersion: 1;
  kind: string;
  about: string;
  dueAt: Date;
  tries: number;
  /** System time before which a timer that failed is left alone. */
  notBefore: Date;
  /** New with every setting, so that a timer that was set again while it fired is not taken for fired. */
  setting: string;
}

export interface TimerParts {
  readonly database: Database;
  readonly calls: CallFactory;
  readonly clocks: Clocks;
  readonly log: Log;
}

const retryAfterMs = (tries: number): number => Math.min(1_000 * 2 ** tries, 300_000);
const never = new Date(0);
const atOnce = 50;

/** Timers kept in the service's database, due in the tenant's business time, fired by a leased job. */
export function durableTimers(
  parts: TimerParts,
): Timers & { readonly job: (specs: readonly TimerSpec[]) => Job; readonly indexes: () => Promise<void> } {
  const rows: Collection<TimerRow> = parts.database.db.collection("timers");
  const idOf = (tenantId: TenantId, kind: string, about: string): string => `${tenantId}/${kind}/${about}`;
  let nudge = (): void => undefined;
  return {
    set: async ({ tenantId, ancestorIds, livemode }, { kind, about, dueAt }) => {
      const owner = { tenantId, ancestorIds: [...ancestorIds], livemode };
      const fresh = { schemaVersion: 1 as const, tries: 0, notBefore: never, setting: parts.calls.newId("timer") };
      const fields = { ...owner, ...fresh, kind, about, dueAt };
      await rows.updateOne({ _id: idOf(tenantId, kind, about) }, { $set: fields }, { upsert: true });
      if (dueAt <= parts.clocks.business(livemode)()) nudge();
    },
    cancel: async ({ tenantId }, { kind, about }) => {
      await rows.deleteOne({ _id: idOf(tenantId, kind, about) });
    },
    job: (specs) => ({
      name: `${parts.database.name}.timers`,
      everyMs: 1_000,
      onWake: (wake) => {
        nudge = wake;
      },
      run: firing(parts, rows, specs),
      waiting: async () => {
        await parts.clocks.refresh();
        const found = await Promise.all([true, false].map((livemode) => rows.findOne(due(parts, specs, livemode))));
        return found.some((row) => row !== null);
      },
    }),
    indexes: async () => {
      await rows.createIndexes([{ key: { livemode: 1, dueAt: 1 }, name: "due" }]);
    },
  };
}

/** Timers whose moment has come and that do not wait after a failure. */
const due = ({ clocks }: TimerParts, specs: readonly TimerSpec[], livemode: boolean): Filter<TimerRow> => ({
  livemode,
  dueAt: { $lte: clocks.business(livemode)() },
  kind: { $in: specs.map(({ kind }) => kind) },
  notBefore: { $lte: clocks.system() },
});

function firing(parts: TimerParts, rows: Collection<TimerRow>, specs: readonly TimerSpec[]): Job["run"] {
  const byKind = new Map(specs.map((spec) => [spec.kind, spec]));
  const first = (livemode: boolean): Promise<TimerRow[]> =>
    rows
      .find(due(parts, specs, livemode))
      .sort({ dueAt: 1 })
      .limit(atOnce)
      .toArray();
  let told = false;
  const tellUnknown = async (): Promise<void> => {
    const kinds = await rows.distinct("kind", { kind: { $nin: [...byKind.keys()] } });
    if (kinds.length > 0) parts.log.warn({ kinds }, "durable timers of kinds that nothing here handles are left alone");
    told = true;
  };
  return async () => {
    if (!told) await tellUnknown();
    await parts.clocks.refresh();
    let fired = 0;
    for (const row of [...(await first(true)), ...(await first(false))]) {
      const spec = byKind.get(row.kind);
      if (spec !== undefined && (await fire(parts, rows, { spec, row }))) fired += 1;
    }
    return fired;
  };
}

/** True when it fired: not when it was cancelled or moved after it was found due. It is gone only after its handler succeeded, and only if nobody set it again meanwhile. */
async function fire(
  { calls, clocks, database, log }: TimerParts,
  rows: Collection<TimerRow>,
  { spec, row }: { readonly spec: TimerSpec; readonly row: TimerRow },
): Promise<boolean> {
  const { _id, kind, about, dueAt, tries, setting } = row;
  const call = calls.system(database.name, row, spec.permissions);
  const seen = { _id, setting };
  if ((await rows.findOne(seen)) === null) return false;
  try {
    await spec.fire(call, { id: _id, kind, about, dueAt });
  } catch (error) {
    const notBefore = new Date(clocks.system().getTime() + retryAfterMs(tries));
    const facts = { err: error, kind, about, tries: tries + 1, notBefore };
    log.error(facts, "durable timer failed and will be tried again");
    await rows.updateOne(seen, { $inc: { tries: 1 }, $set: { notBefore } });
    return false;
  }
  await rows.deleteOne(seen);
  return true;
}
