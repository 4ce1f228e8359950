import { type Log } from "@greentick/kernel";
import { type Metrics } from "../metrics.js";
import { type Bus, type ConsumerLag } from "./contract.js";
import { mongoBus } from "./mongo/mongo-bus.js";
import { natsBus, type NatsBusParts } from "./nats/nats-bus.js";

export interface OpenBusParts extends Omit<NatsBusParts, "url"> {
  /** The servers; without them the bus lies in the store itself. */
  readonly url?: string;
  readonly metrics: Metrics;
}

/** The bus that the configuration names, with the lag of its consumers in /metrics. @throws Error with one sentence when it cannot be reached. */
export async function openBus({ url, metrics, ...parts }: OpenBusParts): Promise<Bus> {
  const bus = url === undefined ? await mongoBus(parts) : await natsBus({ ...parts, url });
  showLag(bus, metrics, parts.log);
  return bus;
}

/** Every consumer once: its partitions together. */
export function lagByConsumer(
  places: readonly ConsumerLag[],
): ReadonlyMap<string, { readonly behind: number; readonly running: boolean }> {
  const consumers = new Map<string, { behind: number; running: boolean }>();
  for (const { consumer, behind, running } of places) {
    const before = consumers.get(consumer) ?? { behind: 0, running: false };
    consumers.set(consumer, { behind: before.behind + behind, running: before.running || running });
  }
  return consumers;
}

function showLag(bus: Bus, metrics: Metrics, log: Log): void {
  const behind = metrics.gauge("bus_consumer_behind_events", "Events a consumer has not passed yet", ["consumer"]);
  const running = metrics.gauge("bus_consumer_running", "1 while some process runs the consumer", ["consumer"]);
  metrics.beforeReading(async () => {
    try {
      for (const [consumer, lag] of lagByConsumer(await bus.lag())) {
        behind.set({ consumer }, lag.behind);
        running.set({ consumer }, lag.running ? 1 : 0);
      }
    } catch (error) {
      log.warn({ err: error }, "the lag of consumers could not be looked up for the metrics");
    }
  });
}
