import { after, systemScope } from "@greentick/kernel";
import { type Endpoint } from "../../domain/out/endpoint.js";
import { type Rate, rateOf } from "../../domain/out/rate.js";
import { type EndpointStore, type HeldLane, type Lanes } from "../../ports/outgoing.js";
import { tryDelivery, type TryPorts, type WorkedLane } from "./try-delivery.js";

export interface ServePorts extends TryPorts {
  readonly lanes: TryPorts["lanes"] & Pick<Lanes, "take" | "release" | "abandon">;
  readonly endpoints: Pick<EndpointStore, "find">;
  /** Resolves after so many ms, or when the signal comes. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly failed: (error: unknown, lane: HeldLane) => void;
}

export interface ServeTimes {
  /** One lane has its turn for so long; then the one that waits longest has. */
  readonly sliceMs: number;
  /** How long a message may take at most. */
  readonly messageMs: number;
}

const scope = systemScope("webhook-delivery");

/** One process's work on one lane: within the endpoint's rate and concurrency, until nothing is due or its turn is over. */
export function laneServer(
  ports: ServePorts,
  times: ServeTimes,
): (held: HeldLane, leaseUntil: Date, ending: Ending) => Promise<number> {
  const rates = new Map<string, Rate>();
  const attempt = tryDelivery(ports);
  const rateFor = ({ id, ratePerSecond }: Endpoint): Rate => {
    const known = rates.get(id);
    const rate = known?.perSecond === ratePerSecond ? known : rateOf(ratePerSecond);
    rates.set(id, rate);
    return rate;
  };
  return async (held, leaseUntil, ending) => {
    const lane: WorkedLane = { held, failingSince: held.failingSince, closed: false };
    const turn: Turn = { lane, leaseUntil, ending, inHand: new Set(), done: 0, error: undefined };
    const turnEnds = after(ports.systemNow(), times.sliceMs);
    let paused = false;
    try {
      while (!lane.closed && !ending.stopping() && ports.systemNow() < turnEnds && turn.error === undefined) {
        const endpoint = await ports.endpoints.find(scope, held.endpointId);
        paused = endpoint?.status !== "enabled";
        if (endpoint === undefined || paused) break;
        if (!(await step({ ports, attempt, rate: rateFor(endpoint), times }, turn, endpoint))) break;
      }
    } catch (error) {
      turn.error ??= { cause: error };
    }
    await Promise.all(turn.inHand);
    await letGo(ports, turn, paused);
    return turn.done;
  };
}

export interface Ending {
  /** Nothing new is begun. */
  readonly stopping: () => boolean;
  /** What is under way is broken off. */
  readonly gone: AbortSignal;
}

interface Turn {
  readonly lane: WorkedLane;
  readonly leaseUntil: Date;
  readonly ending: Ending;
  readonly inHand: Set<Promise<void>>;
  done: number;
  error: { readonly cause: unknown } | undefined;
}

interface Step {
  readonly ports: ServePorts;
  readonly attempt: ReturnType<typeof tryDelivery>;
  readonly rate: Rate;
  readonly times: ServeTimes;
}

/** Begins what may begin, then waits until more may. False when there is nothing more to do. */
async function step({ ports, attempt, rate, times }: Step, turn: Turn, endpoint: Endpoint): Promise<boolean> {
  const { lane, inHand } = turn;
  const room = endpoint.concurrency - inHand.size;
  const now = ports.systemNow().getTime();
  const atMost = Math.min(room, rate.ready(now));
  const canFinish = now + times.messageMs < turn.leaseUntil.getTime();
  const due =
    atMost > 0 && canFinish
      ? await ports.lanes.take(scope, lane.held, { now: ports.businessNow(lane.held.livemode), atMost })
      : [];
  rate.spend(due.length);
  for (const delivery of due) {
    const mine = attempt(lane, { delivery, endpoint, gone: turn.ending.gone })
      .then(() => {
        turn.done += 1;
      })
      .catch((cause: unknown) => {
        turn.error ??= { cause };
      })
      .finally(() => inHand.delete(mine));
    inHand.add(mine);
  }
  if (!canFinish) return false;
  if (atMost === 0 && room > 0) await waitForRate(ports, turn, rate.waitMs(now));
  else if (inHand.size === 0) return false;
  else await untilRoom(inHand, endpoint.concurrency);
  return true;
}

/** New work is looked for when half of the room is free, not for every single one. */
async function untilRoom(inHand: ReadonlySet<Promise<void>>, concurrency: number): Promise<void> {
  const full = Math.floor(concurrency / 2);
  do await Promise.race(inHand);
  while (inHand.size > full);
}

async function waitForRate({ pause }: ServePorts, { ending }: Turn, ms: number): Promise<void> {
  await pause(ms, ending.gone);
}

async function letGo(ports: ServePorts, { lane, error }: Turn, paused: boolean): Promise<void> {
  try {
    if (error === undefined) {
      await ports.lanes.release(scope, lane.held, { paused, systemNow: ports.systemNow() });
      return;
    }
    ports.failed(error.cause, lane.held);
    await ports.lanes.abandon(scope, lane.held);
  } catch (cause) {
    ports.failed(cause, lane.held);
  }
}
