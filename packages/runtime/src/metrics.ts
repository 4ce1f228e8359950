import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

/** Counters and gauges of one process, in Prometheus' text form at /metrics. */
export interface Metrics {
  readonly counter: (name: string, help: string, labels?: readonly string[]) => Counter;
  readonly gauge: (name: string, help: string, labels?: readonly string[]) => Gauge;
  readonly histogram: (
    name: string,
    help: string,
    ...shape: [buckets: readonly number[], labels?: readonly string[]]
  ) => Histogram;
  /** Runs before every reading, for figures that are looked up rather than counted. A failure leaves them as they were. */
  readonly beforeReading: (fill: () => Promise<void>) => void;
  readonly text: () => Promise<string>;
  readonly contentType: string;
}

/** A registry of its own, so that several platforms in one test process do not meet. Asking twice for a name gives the same one. */
export function metrics(options: { readonly process?: boolean } = {}): Metrics {
  const registry = new Registry();
  const fills: (() => Promise<void>)[] = [];
  if (options.process === true) collectDefaultMetrics({ register: registry });
  const base = (
    name: string,
    help: string,
    labels: readonly string[],
  ): { name: string; help: string; labelNames: string[]; registers: Registry[] } => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  return {
    counter: (name, help, labels = []) =>
      (registry.getSingleMetric(name) as Counter | undefined) ?? new Counter(base(name, help, labels)),
    gauge: (name, help, labels = []) =>
      (registry.getSingleMetric(name) as Gauge | undefined) ?? new Gauge(base(name, help, labels)),
    histogram: (name, help, ...[buckets, labels = []]) =>
      (registry.getSingleMetric(name) as Histogram | undefined) ??
      new Histogram({ ...base(name, help, labels), buckets: [...buckets] }),
    beforeReading: (fill) => {
      fills.push(fill);
    },
    text: async () => {
      await Promise.allSettled(fills.map((fill) => fill()));
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}
