import { deliveriesRepeated, endpointTested, event, type PublishedKind } from "@greentick/contracts";
import { allow, badInput, type Call, type DeliveryId, type EventId, tenantScope } from "@greentick/kernel";
import { type Delivery } from "../../domain/out/delivery.js";
import { type Endpoint } from "../../domain/out/endpoint.js";
import { endpointErrors } from "../../domain/out/errors.js";
import { checkedPatterns, matching } from "../../domain/out/kinds.js";
import { hostOf } from "../../domain/out/url.js";
import {
  type Deliveries,
  type EndpointStore,
  type EventLog,
  type EventRange,
  type Line,
  type Message,
  type PublishedEvent,
} from "../../ports/outgoing.js";
import { allowKinds } from "./manage-endpoints.js";
import { messageFor, type MessagePorts, versionOf } from "./message.js";
import { bodyText } from "./published.js";
import { deliveryOf } from "./publish-events.js";

export interface SendPorts extends MessagePorts {
  readonly endpoints: Pick<EndpointStore, "get" | "save">;
  readonly deliveries: Deliveries;
  readonly events: Pick<EventLog, "keep" | "between" | "body">;
  readonly line: Pick<Line, "put" | "again" | "stir">;
  readonly deliveryId: (endpointId: string, eventId: string, at: Date) => DeliveryId;
  readonly queued: () => void;
}

async function enabled(ports: SendPorts, call: Call, id: string): Promise<Endpoint> {
  const endpoint = await ports.endpoints.get(tenantScope(call), id);
  if (endpoint.status !== "enabled") throw endpointErrors.disabled(id);
  return endpoint;
}

function kindOf({ kinds }: SendPorts, call: Call, kind: string): PublishedKind {
  const versions = kinds.filter((one) => one.kind === kind).sort((a, b) => b.version - a.version);
  const [newest] = versions;
  if (newest === undefined) throw endpointErrors.unknownKind(kind.slice(0, 80));
  allow(call, newest.permission);
  return newest;
}

/** The example of a kind, as an event of the caller's tenant. */
function sampleOf({ kinds }: SendPorts, call: Call, { kind }: PublishedKind): PublishedEvent {
  const { tenantId, ancestorIds, livemode } = call;
  const id: EventId = call.newId("event");
  const occurredAt = call.now();
  const about = { id, tenantId, livemode, occurredAt, test: true } as const;
  const versions = kinds.filter((one) => one.kind === kind);
  const bodies = Object.fromEntries(versions.map((one) => [one.version, bodyText(one, about, one.example)] as const));
  return { ...about, ancestorIds, kind, key: `test/${id}`, bodies };
}

const told = ({ id, url }: Endpoint): { endpointId: string; host: string } => ({ endpointId: id, host: hostOf(url) });

export type SendTest = (call: Call, input: { readonly endpointId: string; readonly kind: string }) => Promise<Delivery>;

/** Sends the example of a kind, marked `test`, whatever the endpoint is subscribed to. @throws CONFLICT/endpoint_disabled, BAD_USER_INPUT/unknown_kind. */
export const sendTest =
  (ports: SendPorts): SendTest =>
  async (call, { endpointId, kind }) => {
    allow(call, "endpoint:write");
    const endpoint = await enabled(ports, call, endpointId);
    const scope = tenantScope(call);
    const [kept] = await ports.events.keep(scope, [sampleOf(ports, call, kindOf(ports, call, kind))]);
    if (kept === undefined) throw endpointErrors.notFound(endpointId);
    const delivery = deliveryOf(ports, endpoint, kept);
    await ports.line.put(scope, [delivery], call.now());
    await ports.endpoints.save(call, endpoint, [
      event(endpointTested, { ...told(endpoint), kind, deliveryId: delivery.id }),
    ]);
    ports.queued();
    return ports.deliveries.get(scope, delivery.id);
  };

export type PreviewWebhook = (
  call: Call,
  input: { readonly endpointId: string; readonly kind?: string; readonly deliveryId?: string },
) => Promise<Message>;

/** What would be sent now, to the byte, for an example of a kind or for a delivery; nothing is sent. */
export const previewWebhook =
  (ports: SendPorts): PreviewWebhook =>
  async (call, { endpointId, kind, deliveryId }) => {
    allow(call, "endpoint:write");
    if ((kind === undefined) === (deliveryId === undefined))
      throw badInput("kind", "give either a kind or a deliveryId");
    const endpoint = await ports.endpoints.get(tenantScope(call), endpointId);
    const what =
      kind === undefined
        ? await deliveredText(ports, call, { endpoint, deliveryId: deliveryId ?? "" })
        : sampleText(ports, call, { endpoint, kind });
    const message = await messageFor(ports, endpoint, what);
    if (message === undefined) throw endpointErrors.notFound(endpointId);
    return message;
  };

interface Text {
  readonly id: string;
  readonly body: string;
}

function sampleText(ports: SendPorts, call: Call, { endpoint, kind }: { endpoint: Endpoint; kind: string }): Text {
  const { id, bodies } = sampleOf(ports, call, kindOf(ports, call, kind));
  return { id, body: bodies[versionOf(ports, endpoint, kind)] ?? "" };
}

async function deliveredText(
  ports: SendPorts,
  call: Call,
  { endpoint, deliveryId }: { endpoint: Endpoint; deliveryId: string },
): Promise<Text> {
  const { eventId, kind, endpointId } = await ports.deliveries.get(tenantScope(call), deliveryId);
  kindOf(ports, call, kind);
  const body = await ports.events.body(tenantScope(call), eventId, versionOf(ports, endpoint, kind));
  if (endpointId !== endpoint.id || body === undefined) throw endpointErrors.deliveryNotFound(deliveryId);
  return { id: eventId, body };
}

/**
 * Sends one again that was taken or given up; one that is still on its way stays as it is, and is let go where a first request died before it
 * could. @throws CONFLICT/endpoint_disabled.
 */
export const redeliverOne =
  (ports: SendPorts) =>
  async (call: Call, deliveryId: string): Promise<Delivery> => {
    allow(call, "endpoint:write");
    const scope = tenantScope(call);
    const before = await ports.deliveries.get(scope, deliveryId);
    const endpoint = await enabled(ports, call, before.endpointId);
    const count = await ports.line.again(scope, [before], call.now());
    if (count > 0)
      await ports.endpoints.save(call, endpoint, [event(deliveriesRepeated, { ...told(endpoint), count })]);
    ports.queued();
    return ports.deliveries.get(scope, deliveryId);
  };

/** Which of a range: given up, everything that is finished, or events of which no delivery was ever made. */
export type RedeliverWhich = "failed" | "finished" | "missed";

export interface RedeliverRange {
  readonly endpointId: string;
  readonly from: Date;
  readonly before: Date;
  readonly kinds?: readonly string[];
  readonly which: RedeliverWhich;
}

const mostAtOnce = 5_000;

/**
 * Times are those at which things were kept (system time). What a first request opened before it died is let go by the next one, although that
 * counts it no more. @throws BAD_USER_INPUT/range_too_large, CONFLICT/endpoint_disabled.
 */
export const redeliverRange =
  (ports: SendPorts) =>
  async (call: Call, { endpointId, from, before, kinds, which }: RedeliverRange): Promise<number> => {
    allow(call, "endpoint:write");
    if (from >= before) throw badInput("from", "must be before `before`");
    const endpoint = await enabled(ports, call, endpointId);
    const all = ports.kinds.map(({ kind }) => kind);
    const wanted = kinds === undefined || kinds.length === 0 ? endpoint.kinds : checkedPatterns(kinds, all);
    allowKinds(call, ports.kinds, wanted);
    const range = { from, before, kinds: matching(wanted, all), atMost: mostAtOnce + 1 };
    const count =
      which === "missed"
        ? await sendMissed(ports, call, { endpoint, range })
        : await sendAgain(ports, call, { endpoint, range, which });
    if (count > 0)
      await ports.endpoints.save(call, endpoint, [event(deliveriesRepeated, { ...told(endpoint), count })]);
    await ports.line.stir(tenantScope(call), endpoint, call.now());
    ports.queued();
    return count;
  };

interface Range {
  readonly endpoint: Endpoint;
  readonly range: EventRange;
}

async function sendAgain(
  { deliveries, line }: SendPorts,
  call: Call,
  { endpoint, range, which }: Range & { readonly which: "failed" | "finished" },
): Promise<number> {
  const statuses = which === "failed" ? (["failed"] as const) : (["failed", "delivered"] as const);
  const found = await deliveries.finishedOf(tenantScope(call), endpoint.id, { statuses, range });
  if (found.length > mostAtOnce) throw endpointErrors.tooManyAtOnce(mostAtOnce);
  return line.again(tenantScope(call), found, call.now());
}

/** What happened while the endpoint was disabled, or before it was subscribed to such events. */
async function sendMissed(ports: SendPorts, call: Call, { endpoint, range }: Range): Promise<number> {
  const scope = tenantScope(call);
  const events = await ports.events.between(scope, range);
  if (events.length > mostAtOnce) throw endpointErrors.tooManyAtOnce(mostAtOnce);
  const all = events.map((one) => deliveryOf(ports, endpoint, one));
  const missed = await ports.deliveries.without(
    scope,
    all.map(({ id }) => id),
  );
  const made = all.filter(({ id }) => missed.has(id));
  await ports.line.put(scope, made, call.now());
  return made.length;
}
