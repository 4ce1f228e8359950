import { type Clock, type Log } from "@greentick/kernel";
import { type Metrics } from "@greentick/runtime";

const everyMs = 60_000;

/** Counts every refused webhook, and logs at most one line a minute and provider: a flood must not fill the log. */
export function refusalLog(metrics: Metrics, log: Log, now: Clock): (provider: "meta" | "stripe", why: string) => void {
  const counter = metrics.counter("greentick_webhooks_refused_total", "Webhooks answered 401", ["provider", "why"]);
  const quietUntil = new Map<string, number>();
  const skipped = new Map<string, number>();
  return (provider, why) => {
    counter.inc({ provider, why });
    const at = now().getTime();
    if (at < (quietUntil.get(provider) ?? 0)) {
      skipped.set(provider, (skipped.get(provider) ?? 0) + 1);
      return;
    }
    quietUntil.set(provider, at + everyMs);
    log.warn({ provider, why, unloggedSince: skipped.get(provider) ?? 0 }, "webhook refused");
    skipped.set(provider, 0);
  };
}
