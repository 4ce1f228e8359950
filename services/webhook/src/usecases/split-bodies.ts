import { type EventEnvelope, faultPoint, systemScope, type TenantId } from "@greentick/kernel";
import { type KeptBody, updateIdOf } from "../domain/kept-body.js";
import { type QuarantinedUpdate, type QuarantineReason } from "../domain/quarantine.js";
import { type Owner, personName, type ReadUpdate, type SplitBody, type WebhookPorts } from "../ports.js";
import { blankLate } from "./data-duties.js";
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
  const done: (SplitBody & { readonly body: KeptBody })[] = [];
  for (const body of bodies) {
    const held = await cutBody(ports, body, cut);
    if (held !== undefined) done.push({ key: body.key, body, ...held });
  }
  await ports.quarantine.put(scope, cut.quarantined);
  await releaseLinked(ports, cut.quarantined);
  if (cut.events.length > 0) await ports.publish(cut.events);
  await faultPoint("splitter.published");
  if (done.length > 0) await ports.rawLog.markSplit(scope, done);
  await blankLate(ports, done);
  return done.length;
};

/** How many updates the body held and whom they name; undefined while the provider tenant is not known yet, so that the body keeps waiting. */
async function cutBody(ports: WebhookPorts, body: KeptBody, cut: Cut): Promise<Omit<SplitBody, "key"> | undefined> {
  const reading = ports.read(body);
  if ("unreadable" in reading) {
    cut.quarantined.push(held(ports, body, { index: 0, field: "" }, "unreadable"));
    return { updates: 0, people: [], tenants: [] };
  }
  const events: EventEnvelope[] = [];
  const people = new Set<string>();
  const tenants = new Set<TenantId>();
  for (const update of reading.updates) {
    const owner = await ownerOf(ports, scope, update);
    if (owner === undefined && update.ours) return undefined;
    const event = owner && update.toEvent(owner, receivedAt(ports, body, owner));
    if (owner !== undefined) {
      tenants.add(owner.tenantId);
      for (const key of update.people) people.add(personName(owner.tenantId, key));
    }
    if (event === undefined)
      cut.quarantined.push(held(ports, body, update, update.wabaId === undefined ? "no_account" : "unknown_account"));
    else if (ports.carries(event)) events.push(event);
    else cut.quarantined.push(held(ports, body, update, "too_large"));
  }
  cut.events.push(...events);
  return { updates: reading.updates.length, people: [...people], tenants: [...tenants] };
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

/** An account that was linked between the look for its owner and the entry into quarantine released nothing: it is looked for again. */
async function releaseLinked(ports: WebhookPorts, held: readonly QuarantinedUpdate[]): Promise<void> {
  const unknown = held.flatMap(({ reason, wabaId }) => (reason === "unknown_account" ? (wabaId ?? []) : []));
  for (const wabaId of new Set(unknown)) await releaseAccount(ports)(wabaId);
}

/** Sends on what waited for an account, now that its owner is known. Safe to repeat. */
export const releaseAccount =
  (ports: WebhookPorts) =>
  async (wabaId: string): Promise<number> => {
    const owner = await ports.owners.ofWaba(scope, wabaId);
    if (owner === undefined) return 0;
    const held = await ports.quarantine.waitingFor(scope, wabaId);
    const waiting = held.filter(({ reason }) => reason === "unknown_account");
    if (waiting.length === 0) return 0;
    const events: EventEnvelope[] = [];
    const released: string[] = [];
    for (const bodyKey of new Set(waiting.map((one) => one.bodyKey))) {
      const mine = waiting.filter((one) => one.bodyKey === bodyKey);
      const carried = (await eventsIn(ports, mine, owner)).filter(({ event }) => ports.carries(event));
      const people = carried.flatMap((one) => one.people.map((key) => personName(owner.tenantId, key)));
      await ports.rawLog.notePeople(scope, { key: bodyKey, people, tenants: [owner.tenantId] });
      events.push(...carried.map(({ event }) => event));
      released.push(...carried.map(({ id }) => id));
    }
    await ports.publish(events);
    await ports.quarantine.release(scope, released, ports.now());
    return events.length;
  };

/** The events of updates of one body, which is opened and read once for all of them. */
async function eventsIn(
  ports: WebhookPorts,
  waiting: readonly QuarantinedUpdate[],
  owner: Owner,
): Promise<readonly { readonly id: string; readonly event: EventEnvelope; readonly people: readonly string[] }[]> {
  const body = await ports.rawLog.find(scope, waiting[0]?.bodyKey ?? "");
  const reading = body && ports.read(body);
  if (body === undefined || reading === undefined || "unreadable" in reading) return [];
  return waiting.flatMap(({ id, index }) => {
    const update = reading.updates[index];
    const event = update?.toEvent(owner, receivedAt(ports, body, owner));
    return event === undefined ? [] : [{ id, event, people: update?.people ?? [] }];
  });
}
