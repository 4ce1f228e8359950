import { type EventEnvelope, faultPoint, systemScope, type TenantId } from "@greentick/kernel";
import { type KeptBody, updateIdOf } from "../domain/kept-body.js";
import { type QuarantinedUpdate, type QuarantineReason } from "../domain/quarantine.js";
import { type AtMost, personName, type ReadUpdate, type SplitBody, type WebhookPorts } from "../ports.js";
import { blankLate } from "./data-duties.js";
import { ownerOf, receivedAt } from "./owner-of.js";
import { releaseAccount } from "./release-account.js";

const scope = systemScope("webhook-split");
/** Bounds what is open at a time: a body may have 3 MB, and its events are about as large again. */
const atOnce: AtMost = { bodies: 200, bytes: 16_000_000 };

interface Cut {
  readonly events: EventEnvelope[];
  readonly quarantined: QuarantinedUpdate[];
}

/**
 * Cuts the waiting bodies into updates, in order of receipt, and hands each to its tenant. What has no owner waits in quarantine. Safe to
 * repeat: events have the same ids again, quarantine has one document per update. Returns the number of bodies, which is bounded in number and
 * bytes: above zero there may be more.
 */
export const splitBodies = (ports: WebhookPorts) => async (): Promise<number> => {
  const bodies = await ports.rawLog.waiting(scope, atOnce);
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
