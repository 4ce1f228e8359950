import { type EventEnvelope, faultPoint, systemScope } from "@greentick/kernel";
import { type KeptBody, updateIdOf } from "../domain/kept-body.js";
import { type QuarantinedUpdate, type QuarantineReason } from "../domain/quarantine.js";
import { type Owner, type ReadUpdate, type SplitBody, type WebhookPorts } from "../ports.js";
import { ownerOf } from "./owner-of.js";

const scope = systemScope("webhook-split");
const bodiesAtOnce = 200;

interface Cut {
  readonly events: EventEnvelope[];
  readonly quarantined: QuarantinedUpdate[];
}

/**
 * Cuts the waiting bodies into updates, in order of receipt, and hands each to its tenant. What has no owner waits in quarantine. Safe to
 * repeat: events have the same ids again, quarantine has one document per update. Returns the number of bodies.
 */
export const splitBodies = (ports: WebhookPorts) => async (): Promise<number> => {
  const bodies = await ports.rawLog.waiting(scope, bodiesAtOnce);
  if (bodies.length === 0) return 0;
  const cut: Cut = { events: [], quarantined: [] };
  const done: SplitBody[] = [];
  for (const body of bodies) {
    const updates = await cutBody(ports, body, cut);
    if (updates !== undefined) done.push({ key: body.key, updates });
  }
  await ports.quarantine.put(scope, cut.quarantined);
  if (cut.events.length > 0) await ports.publish(cut.events);
  await faultPoint("splitter.published");
  if (done.length > 0) await ports.rawLog.markSplit(scope, done);
  return done.length;
};

/** How many updates the body held; undefined while the provider tenant is not known yet, so that the body keeps waiting. */
async function cutBody(ports: WebhookPorts, body: KeptBody, cut: Cut): Promise<number | undefined> {
  const reading = ports.read(body);
  if ("unreadable" in reading) {
    cut.quarantined.push(held(ports, body, { index: 0, field: "" }, "unreadable"));
    return 0;
  }
  const events: EventEnvelope[] = [];
  for (const update of reading.updates) {
    const owner = await ownerOf(ports, scope, update);
    if (owner !== undefined) events.push(update.toEvent(owner, receivedAt(ports, body, owner)));
    else if (update.ours) return undefined;
    else
      cut.quarantined.push(held(ports, body, update, update.wabaId === undefined ? "no_account" : "unknown_account"));
  }
  cut.events.push(...events);
  return reading.updates.length;
}

/** Live facts carry the system time of receipt; a sandbox's facts its own clock. */
const receivedAt = (ports: WebhookPorts, body: KeptBody, owner: Owner): Date =>
  owner.livemode ? body.receivedAt : ports.businessNow(false);

const held = (
  ports: WebhookPorts,
  body: KeptBody,
  update: Pick<ReadUpdate, "index" | "field" | "wabaId">,
  reason: QuarantineReason,
): QuarantinedUpdate => ({
  id: updateIdOf(body.key, update.index),
  bodyKey: body.key,
  index: update.index,
  reason,
  field: update.field,
  ...(update.wabaId !== undefined && { wabaId: update.wabaId }),
  at: ports.now(),
});

/** Sends on what waited for an account, now that its owner is known. Safe to repeat. */
export const releaseAccount =
  (ports: WebhookPorts) =>
  async (wabaId: string): Promise<number> => {
    const waiting = await ports.quarantine.waitingFor(scope, wabaId);
    const owner = await ports.owners.ofWaba(scope, wabaId);
    if (waiting.length === 0 || owner === undefined) return 0;
    const events: EventEnvelope[] = [];
    for (const one of waiting) {
      const body = await ports.rawLog.find(scope, one.bodyKey);
      const reading = body && ports.read(body);
      const update = reading && "updates" in reading ? reading.updates[one.index] : undefined;
      if (body !== undefined && update !== undefined)
        events.push(update.toEvent(owner, receivedAt(ports, body, owner)));
    }
    await ports.publish(events);
    await ports.quarantine.release(
      scope,
      waiting.map((one) => one.id),
      ports.now(),
    );
    return events.length;
  };
