import { after, systemScope } from "@greentick/kernel";
import { type ReplayedBody, type WebhookPorts } from "../ports.js";
import { cutBody } from "./cut-body.js";

const scope = systemScope("webhook-split");
const atOnce = { bodies: 100, bytes: 8_000_000 };
/** Clocks of processes may differ by so much. */
const skewMs = 10_000;

/**
 * Hands on once more what was handed on since then, whenever it was received: the bus has lost it, and the kept bodies are the truth. Events have the
 * same ids again. Bodies that still wait are handed on by the splitter. Noted as handed on now once all is done, so that a loss of these is made good,
 * too. Returns the number of events. Safe to repeat.
 */
export const publishLostSince =
  (ports: WebhookPorts) =>
  async (since: Date): Promise<number> => {
    const until = after(ports.now(), skewMs);
    let count = 0;
    let last: ReplayedBody | undefined;
    do {
      const asked = { since, until, ...(last !== undefined && { after: last.place }) };
      const bodies = await ports.rawLog.publishedSince(scope, asked, atOnce);
      const cut = await Promise.all(bodies.filter(({ split }) => split).map((body) => cutBody(ports, scope, body)));
      const events = cut.flatMap((one) => one?.updates ?? []).flatMap(({ event }) => event ?? []);
      if (events.length > 0) await ports.publish(events, { again: true });
      count += events.length;
      last = bodies.at(-1);
    } while (last !== undefined);
    if (count > 0) await ports.rawLog.notePublished(scope, { since });
    return count;
  };
