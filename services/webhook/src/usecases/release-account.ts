import { type EventEnvelope, faultPoint, systemScope } from "@greentick/kernel";
import { type QuarantinedUpdate, type QuarantineReason } from "../domain/quarantine.js";
import { type Owner, type WebhookPorts } from "../ports.js";
import { cutUpdate, readSafely } from "./cut-body.js";
import { noting } from "./noted.js";

const scope = systemScope("webhook-split");
const updatesAtOnce = 5_000;
/** What is published in one go: so much of bodies, and so many events. */
const together = { bytes: 8_000_000, events: 500 };

/** Updates of one account out of quarantine: what travels on, and what stays for another reason than before. */
interface Opened {
  readonly ids: string[];
  readonly keys: string[];
  readonly events: EventEnvelope[];
  readonly staying: { readonly id: string; readonly reason: QuarantineReason }[];
}

const nothingOpened = (): Opened => ({ ids: [], keys: [], events: [], staying: [] });

/**
 * Sends on what waited for an account, now that its owner is known, in order of receipt; what cannot travel stays, under the reason for that, and holds
 * up nothing behind it. Returns how many went on. Safe to repeat: the events have the same ids again.
 */
export const releaseAccount =
  (ports: WebhookPorts) =>
  async (wabaId: string): Promise<number> => {
    const owner = await ports.owners.ofWaba(scope, wabaId);
    if (owner === undefined) return 0;
    for (let sent = 0; ;) {
      const waiting = await ports.quarantine.waitingFor(scope, wabaId, updatesAtOnce);
      sent += await releaseSome(ports, owner, waiting);
      if (waiting.length < updatesAtOnce) return sent;
    }
  };

async function releaseSome(ports: WebhookPorts, owner: Owner, waiting: readonly QuarantinedUpdate[]): Promise<number> {
  let released = 0;
  let opened = nothingOpened();
  let bytes = 0;
  const send = async (): Promise<void> => {
    if (opened.events.length > 0) await ports.publish(opened.events);
    await faultPoint("release.published");
    await ports.rawLog.notePublished(scope, opened.keys);
    await ports.quarantine.release(scope, opened.ids, ports.now());
    await holdOn(ports, opened.staying);
    released += opened.ids.length;
    opened = nothingOpened();
    bytes = 0;
  };
  const byBody = new Map<string, QuarantinedUpdate[]>();
  for (const one of waiting) byBody.set(one.bodyKey, [...(byBody.get(one.bodyKey) ?? []), one]);
  for (const [key, mine] of byBody) {
    bytes += await openBody(ports, { owner, key, mine }, opened);
    if (bytes >= together.bytes || opened.events.length >= together.events) await send();
  }
  await send();
  return released;
}

async function holdOn({ quarantine }: WebhookPorts, staying: Opened["staying"]): Promise<void> {
  for (const reason of new Set(staying.map((one) => one.reason))) {
    const ids = staying.filter((one) => one.reason === reason).map(({ id }) => id);
    await quarantine.holdAs(scope, ids, reason);
  }
}

interface Asked {
  readonly owner: Owner;
  readonly key: string;
  readonly mine: readonly QuarantinedUpdate[];
}

/** Opens and reads the body once for all of its updates that are asked for. Returns its bytes. */
async function openBody(ports: WebhookPorts, { owner, key, mine }: Asked, opened: Opened): Promise<number> {
  const body = await ports.rawLog.find(scope, key);
  if (body === undefined) return stay(opened, mine, "damaged");
  const reading = readSafely(ports, body);
  if ("reason" in reading) return stay(opened, mine, reading.reason);
  const notes = noting(body);
  for (const one of mine) {
    const update = reading.updates[one.index];
    const { event, held = "failed" } = update === undefined ? {} : cutUpdate(ports, body, update, { owner });
    if (update !== undefined) notes.add(update, owner);
    if (event === undefined) stay(opened, [one], held);
    else {
      opened.ids.push(one.id);
      opened.events.push(event);
    }
  }
  opened.keys.push(key);
  await ports.rawLog.notePeople(scope, { key, ...notes.noted() });
  return body.body.length;
}

function stay(opened: Opened, some: readonly QuarantinedUpdate[], reason: QuarantineReason): number {
  opened.staying.push(...some.map(({ id }) => ({ id, reason })));
  return 0;
}
