import { systemScope } from "@greentick/kernel";
import { type WebhookPorts } from "../ports.js";
import { cutBody } from "./cut-body.js";

const scope = systemScope("webhook-split");
const atOnce = { bodies: 100, bytes: 8_000_000 };

/**
 * Hands on once more what was cut out of the bodies received since then: the bus has lost it, and the kept bodies are the truth. Events have
 * the same ids again. Bodies that still wait are handed on by the splitter. Returns the number of events.
 */
export const publishLostSince =
  (ports: WebhookPorts) =>
  async (since: Date): Promise<number> => {
    let count = 0;
    let after: string | undefined;
    for (;;) {
      const asked = { from: since, ...(after !== undefined && { after }) };
      const bodies = await ports.rawLog.range(scope, asked, atOnce);
      const last = bodies.at(-1);
      if (last === undefined) return count;
      const cut = await Promise.all(bodies.filter(({ split }) => split).map((body) => cutBody(ports, scope, body)));
      const events = cut.flatMap((one) => one?.updates ?? []).flatMap(({ event }) => event ?? []);
      if (events.length > 0) await ports.publish(events, { again: true });
      count += events.length;
      after = last.place;
    }
  };
