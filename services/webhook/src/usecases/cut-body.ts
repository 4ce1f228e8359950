import { type EventEnvelope, type Scope } from "@greentick/kernel";
import { type KeptBody, updateIdOf } from "../domain/kept-body.js";
import { type QuarantinedUpdate, type QuarantineReason } from "../domain/quarantine.js";
import { refOf } from "../domain/update-ref.js";
import { type UnknownUpdate } from "../domain/unknown-update.js";
import { type Owner, type ReadUpdate, type SplitBody, type WebhookPorts } from "../ports.js";
import { noting } from "./noted.js";
import { receivedAt, type Route, routeOf } from "./owner-of.js";

/** A body cut into its updates: what goes on, what is held, and what is remembered of it. */
export interface CutBody {
  readonly updates: readonly CutUpdate[];
  readonly quarantined: readonly QuarantinedUpdate[];
  readonly unknown: readonly UnknownUpdate[];
  readonly split: SplitBody;
}

export interface CutUpdate {
  readonly id: string;
  readonly index: number;
  readonly field: string;
  readonly owner?: Owner;
  /** Absent for what is held. */
  readonly event?: EventEnvelope;
  /** Of the event; empty for what is held. */
  readonly told: string;
}

/** No service hears of these yet. */
const unheard = "report.unknown";

/** Undefined while the provider tenant is not known yet, so that the body keeps waiting. What cannot be read is held as a whole, and never thrown. */
export async function cutBody(ports: WebhookPorts, scope: Scope, body: KeptBody): Promise<CutBody | undefined> {
  const reading = readSafely(ports, body);
  if ("reason" in reading) return heldWhole(ports, body, reading.reason);
  const updates: CutUpdate[] = [];
  const quarantined: QuarantinedUpdate[] = [];
  const unknown: UnknownUpdate[] = [];
  const notes = noting(body);
  for (const update of reading.updates) {
    const route = await routeOf(ports, scope, update);
    const { owner } = route;
    if (owner === undefined && update.ours) return undefined;
    const cut = cutUpdate(ports, body, update, route);
    updates.push(cut);
    notes.add(update, owner);
    if (cut.held !== undefined) quarantined.push(held(ports, body, update, cut.held));
    if (owner !== undefined && cut.event?.type === unheard) unknown.push(unknownUpdate(cut.id, body, update, owner));
  }
  const told = updates.map((one) => one.told);
  const split = { key: body.key, updates: updates.length, ...notes.noted(), told };
  return { updates, quarantined, unknown, split };
}

/** Our own bug in reading a body must not hold up those behind it. */
export function readSafely(
  { read, broken }: Pick<WebhookPorts, "read" | "broken">,
  body: KeptBody,
): { readonly updates: readonly ReadUpdate[] } | { readonly reason: QuarantineReason } {
  if (body.damaged === true) return { reason: "damaged" };
  try {
    const reading = read(body);
    return "unreadable" in reading ? { reason: "unreadable" } : reading;
  } catch (error) {
    broken(error, updateIdOf(body.key, 0));
    return { reason: "failed" };
  }
}

export const heldWhole = (ports: Pick<WebhookPorts, "now">, body: KeptBody, reason: QuarantineReason): CutBody => ({
  updates: [],
  quarantined: [held(ports, body, { index: 0, field: "" }, reason)],
  unknown: [],
  split: { key: body.key, updates: 0, people: [], tenants: [], refs: [refOf("request", body.requestId)], told: [] },
});

/** What travels of an update, or why it is held. */
export function cutUpdate(
  ports: Pick<WebhookPorts, "businessNow" | "carries" | "digest" | "broken">,
  body: KeptBody,
  ...[update, { owner, held: waits }]: [ReadUpdate, Route]
): CutUpdate & { readonly held?: QuarantineReason } {
  const about = { id: updateIdOf(body.key, update.index), index: update.index, field: update.field, told: "" };
  if (owner === undefined) return { ...about, held: update.wabaId === undefined ? "no_account" : "unknown_account" };
  if (waits !== undefined) return { ...about, owner, held: waits };
  try {
    const event = update.toEvent(owner, receivedAt(ports, body, owner));
    if (!ports.carries(event)) return { ...about, owner, held: "too_large" };
    const told = ports.digest(owner.livemode ? event : update.toEvent(owner, body.receivedAt));
    return { ...about, owner, event, told };
  } catch (error) {
    ports.broken(error, about.id);
    return { ...about, owner, held: "failed" };
  }
}

const held = (
  ports: Pick<WebhookPorts, "now">,
  body: KeptBody,
  ...[update, reason]: [Pick<ReadUpdate, "index" | "field" | "wabaId">, QuarantineReason]
): QuarantinedUpdate => ({
  id: updateIdOf(body.key, update.index),
  bodyKey: body.key,
  sequence: body.sequence,
  index: update.index,
  reason,
  field: update.field,
  ...(update.wabaId !== undefined && { wabaId: update.wabaId }),
  at: ports.now(),
});

const unknownUpdate = (
  id: string,
  body: KeptBody,
  ...[{ field, kind }, owner]: [ReadUpdate, Owner]
): UnknownUpdate => ({
  id,
  field,
  kind,
  tenantId: owner.tenantId,
  ancestorIds: owner.ancestorIds,
  livemode: owner.livemode,
  at: body.receivedAt,
});
