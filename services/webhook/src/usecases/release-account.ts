import { type EventEnvelope, faultPoint, systemScope } from "@greentick/kernel";
import { type QuarantinedUpdate } from "../domain/quarantine.js";
import { type Owner, personName, type WebhookPorts } from "../ports.js";
import { receivedAt } from "./owner-of.js";

const scope = systemScope("webhook-split");
const updatesAtOnce = 5_000;
/** What is published in one go: so much of bodies, and so many events. */
const together = { bytes: 8_000_000, events: 500 };

/** Updates of one account out of quarantine: what travels on, and what is too large for it. */
interface Opened {
  readonly ids: string[];
  readonly keys: string[];
  readonly events: EventEnvelope[];
  readonly tooLarge: string[];
}

const nothingOpened = (): Opened => ({ ids: [], keys: [], events: [], tooLarge: [] });

/**
 * Sends on what waited for an account, now that its owner is known, in order of receipt; what no event can carry stays, under that reason.
 * Returns how many went on. Safe to repeat: the events have the same ids again.
 */
export const releaseAccount =
  (ports: WebhookPorts) =>
  async (wabaId: string): Promise<number> => {
    const owner = await ports.owners.ofWaba(scope, wabaId);
    if (owner === undefined) return 0;
    for (let sent = 0; ;) {
      const waiting = await ports.quarantine.waitingFor(scope, wabaId, updatesAtOnce);
      const { released, stayed } = await releaseSome(ports, owner, waiting);
      sent += released;
      if (waiting.length < updatesAtOnce || released + stayed === 0) return sent;
    }
  };

async function releaseSome(
  ports: WebhookPorts,
  owner: Owner,
  waiting: readonly QuarantinedUpdate[],
): Promise<{ readonly released: number; readonly stayed: number }> {
  const total = { released: 0, stayed: 0 };
  let opened: Opened = nothingOpened();
  let bytes = 0;
  const send = async (): Promise<void> => {
    if (opened.events.length > 0) await ports.publish(opened.events);
    await faultPoint("release.published");
    await ports.rawLog.notePublished(scope, opened.keys);
    await ports.quarantine.release(scope, opened.ids, ports.now());
    await ports.quarantine.holdAs(scope, opened.tooLarge, "too_large");
    total.released += opened.ids.length;
    total.stayed += opened.tooLarge.length;
    opened = nothingOpened();
    bytes = 0;
  };
  const byBody = new Map<string, QuarantinedUpdate[]>();
  for (const one of waiting) byBody.set(one.bodyKey, [...(byBody.get(one.bodyKey) ?? []), one]);
  for (const key of await ports.rawLog.inOrder(scope, [...byBody.keys()])) {
    bytes += await openBody(ports, { owner, key, mine: byBody.get(key) ?? [] }, opened);
    if (bytes >= together.bytes || opened.events.length >= together.events) await send();
  }
  await send();
  return total;
}

interface Asked {
  readonly owner: Owner;
  readonly key: string;
  readonly mine: readonly QuarantinedUpdate[];
}

/** Opens and reads the body once for all of its updates that are asked for. Returns its bytes. */
async function openBody(ports: WebhookPorts, { owner, key, mine }: Asked, opened: Opened): Promise<number> {
  const body = await ports.rawLog.find(scope, key);
  const reading = body && ports.read(body);
  if (body === undefined || reading === undefined || "unreadable" in reading) return 0;
  const people = new Set<string>();
  for (const { id, index } of mine.toSorted((a, b) => a.index - b.index)) {
    const update = reading.updates[index];
    const event = update?.toEvent(owner, receivedAt(ports, body, owner));
    if (event === undefined) continue;
    for (const person of update?.people ?? []) people.add(personName(owner.tenantId, person));
    if (!ports.carries(event)) opened.tooLarge.push(id);
    else {
      opened.ids.push(id);
      opened.events.push(event);
    }
  }
  opened.keys.push(key);
  await ports.rawLog.notePeople(scope, { key, people: [...people], tenants: [owner.tenantId] });
  return body.body.length;
}
