import { type Clock, type Log } from "@greentick/kernel";
import { type Metrics } from "@greentick/runtime";
import { type Provider } from "../../domain/kept-body.js";

const everyMs = 60_000;

/** What the door turns away, counted and told. */
export interface DoorLog {
  /** Answered 401. */
  readonly refused: (provider: Provider, why: string) => void;
  /** Answered 503 before its body was read. */
  readonly busy: (provider: Provider) => void;
  /** Answered 503: the provider sends it again. */
  readonly unkept: (provider: Provider, error: Error) => void;
}

/** Counts every webhook that was turned away, and logs at most one line a minute, provider and kind: a flood must not fill the log. */
export function doorLog(metrics: Metrics, log: Log, now: Clock): DoorLog {
  const refused = metrics.counter("greentick_webhooks_refused_total", "Webhooks answered 401", ["provider", "why"]);
  const unkept = metrics.counter("greentick_webhooks_unkept_total", "Webhooks answered 503", ["provider"]);
  const tell = sampled(now);
  return {
    refused: (provider, why) => {
      refused.inc({ provider, why });
      tell(`refused/${provider}`, (unloggedSince) => {
        log.warn({ provider, why, unloggedSince }, "webhook refused");
      });
    },
    busy: (provider) => {
      unkept.inc({ provider });
      tell(`busy/${provider}`, (unloggedSince) => {
        log.warn({ provider, unloggedSince }, "webhook not taken in, more wait for the disk than can be kept");
      });
    },
    unkept: (provider, error) => {
      unkept.inc({ provider });
      tell(`unkept/${provider}`, (unloggedSince) => {
        log.error(
          { err: error, provider, unloggedSince },
          "webhook could not be kept, its sender was told to come again",
        );
      });
    },
  };
}

type Tell = (kind: string, line: (unloggedSince: number) => void) => void;

/** Lets the first line of a kind through, then none for a minute; the next one says how many there were between. */
function sampled(now: Clock): Tell {
  const quietUntil = new Map<string, number>();
  const skipped = new Map<string, number>();
  return (kind, line) => {
    const at = now().getTime();
    if (at < (quietUntil.get(kind) ?? 0)) {
      skipped.set(kind, (skipped.get(kind) ?? 0) + 1);
      return;
    }
    quietUntil.set(kind, at + everyMs);
    line(skipped.get(kind) ?? 0);
    skipped.set(kind, 0);
  };
}
