import { after, systemScope, type TenantId } from "@greentick/kernel";
import { type Lanes } from "../../ports/outgoing.js";
import { laneServer, type ServePorts } from "./serve-lane.js";

export interface DelivererPorts extends ServePorts {
  readonly lanes: ServePorts["lanes"] & Pick<Lanes, "claim">;
  /** Reads the sandboxes' clock, which another process may have set. */
  readonly refreshClocks: () => Promise<void>;
}

/** Milliseconds of system time, and how many lanes at once. */
export interface DelivererLimits {
  readonly lanes: number;
  /** Of these for one tenant: slow receivers of one never take all hands. */
  readonly lanesPerTenant: number;
  readonly sliceMs: number;
  readonly messageMs: number;
  /** Longer than a turn and a message together: whoever lives lets go before. */
  readonly leaseMs: number;
  /** What is under way when the process ends has so long. */
  readonly graceMs: number;
  /** How long a run of the job waits for what it began. */
  readonly runMs: number;
}

export const usualLimits: DelivererLimits = {
  lanes: 32,
  lanesPerTenant: 8,
  sliceMs: 5_000,
  messageMs: 16_000,
  leaseMs: 45_000,
  graceMs: 8_000,
  runMs: 1_000,
};

/** Sends what is due, in this process, beside as many others as there are. */
export interface Deliverer {
  /** Begins what can begin and waits for it a little. How much was done since the last run; at least 1 while something is under way. */
  readonly run: () => Promise<number>;
  /** There may be something due: begins with it now. */
  readonly wake: () => void;
  /** Lets what is under way finish, for a while; the rest waits for another process. */
  readonly stop: () => Promise<void>;
}

const scope = systemScope("webhook-delivery");

export function deliverer(ports: DelivererPorts, limits: DelivererLimits = usualLimits): Deliverer {
  const end = new AbortController();
  const serve = laneServer(ports, limits);
  const state: State = { busy: new Map(), done: 0, stopping: false, filling: undefined };
  const ending = { stopping: () => state.stopping, gone: end.signal };
  const begin: Begin = (lane, leaseUntil) => {
    const work = serve(lane, leaseUntil, ending)
      .then((done) => {
        state.done += done;
      })
      .finally(() => {
        state.busy.delete(work);
        if (!state.stopping) fill().catch(() => undefined);
      });
    state.busy.set(work, lane.tenantId);
  };
  const fill = (): Promise<void> =>
    (state.filling ??= fillLanes(ports, { state, limits, begin }).finally(() => {
      state.filling = undefined;
    }));
  return {
    run: async () => {
      await ports.refreshClocks();
      await fill();
      await atRest(state, limits.runMs, ports.pause);
      const { done } = state;
      state.done = 0;
      return done === 0 && state.busy.size > 0 ? 1 : done;
    },
    wake: () => {
      fill().catch(() => undefined);
    },
    stop: async () => {
      state.stopping = true;
      const over = new AbortController();
      const late = ports.pause(limits.graceMs, over.signal).then(() => {
        if (!over.signal.aborted) end.abort();
      });
      await state.filling?.catch(() => undefined);
      await Promise.all(state.busy.keys());
      over.abort();
      await late;
    },
  };
}

type Begin = (lane: Parameters<ReturnType<typeof laneServer>>[0], leaseUntil: Date) => void;

interface State {
  /** Work under way, and whose it is. */
  readonly busy: Map<Promise<void>, TenantId>;
  done: number;
  stopping: boolean;
  filling: Promise<void> | undefined;
}

interface Filling {
  readonly state: State;
  readonly limits: DelivererLimits;
  readonly begin: Begin;
}

/** Takes lanes until nothing is due or all hands are full; those of a tenant that has its share wait for another. */
async function fillLanes(ports: DelivererPorts, { state, limits, begin }: Filling): Promise<void> {
  while (!state.stopping && state.busy.size < limits.lanes) {
    const systemNow = ports.systemNow();
    const leaseUntil = after(systemNow, limits.leaseMs);
    const { businessNow } = ports;
    const notOf = atTheirShare(state, limits.lanesPerTenant);
    const lane = await ports.lanes.claim(scope, { businessNow, systemNow, leaseUntil, notOf });
    if (lane === undefined) return;
    begin(lane, leaseUntil);
  }
}

function atTheirShare({ busy }: State, most: number): readonly TenantId[] {
  const counts = new Map<TenantId, number>();
  for (const tenantId of busy.values()) counts.set(tenantId, (counts.get(tenantId) ?? 0) + 1);
  return [...counts].flatMap(([tenantId, count]) => (count >= most ? [tenantId] : []));
}

/** Until nothing is under way any more, or the time is over. */
async function atRest(state: State, ms: number, pause: DelivererPorts["pause"]): Promise<void> {
  const over = new AbortController();
  const late = pause(ms, over.signal).then(() => {
    over.abort();
  });
  while (state.busy.size > 0 && !over.signal.aborted) {
    await Promise.race([late, ...state.busy.keys()]);
    await state.filling?.catch(() => undefined);
  }
  over.abort();
  await late;
}
