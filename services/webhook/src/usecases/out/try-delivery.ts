import { faultPoint, systemScope } from "@greentick/kernel";
import {
  afterTry,
  type Attempt,
  cannotBeSent,
  type Delivery,
  type Outcome,
  verdictOf,
} from "../../domain/out/delivery.js";
import { disableAfterMs, type Endpoint, type EndpointEnding } from "../../domain/out/endpoint.js";
import { type EventLog, type HeldLane, type Lanes, type Send } from "../../ports/outgoing.js";
import { messageFor, type MessagePorts, versionOf } from "./message.js";

export interface TryPorts extends MessagePorts {
  readonly lanes: Pick<Lanes, "settle" | "untake" | "health">;
  readonly events: Pick<EventLog, "body">;
  readonly send: Send;
  readonly businessNow: (livemode: boolean) => Date;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly disable: (endpoint: Endpoint, because: EndpointEnding, failingSince?: Date) => Promise<void>;
  readonly counted: (result: "delivered" | "failed" | "again") => void;
}

/** A lane while it is worked on: what is learnt of the endpoint's health on the way. */
export interface WorkedLane {
  readonly held: HeldLane;
  failingSince: Date | undefined;
  /** Nothing more is to be sent: the endpoint was disabled, or somebody else holds the lane. */
  closed: boolean;
}

const scope = systemScope("webhook-delivery");
const notKept = "The event is not kept any more, so there is nothing to send.";
const noKeys = "The business's data is erased, so nothing can be signed.";

/** Sends one delivery and writes down what came of it. */
export const tryDelivery =
  (ports: TryPorts) =>
  async (lane: WorkedLane, what: Sending): Promise<void> => {
    const { delivery, endpoint, gone } = what;
    const { livemode, eventId: id } = delivery;
    const body = await ports.events.body(
      { tenant: delivery.tenantId, ancestors: [] },
      id,
      versionOf(ports, endpoint, delivery.kind),
    );
    const message = body === undefined ? undefined : await messageFor(ports, endpoint, { id, body });
    if (message === undefined) {
      const now = ports.businessNow(livemode);
      await settle(ports, lane, cannotBeSent(delivery, now, body === undefined ? notKept : noKeys));
      return;
    }
    const outcome = await ports.send(message, gone);
    await faultPoint("deliverer.sent");
    if (gone.aborted && outcome.statusCode === undefined) await ports.lanes.untake(scope, lane.held, [delivery]);
    else await noteOutcome(ports, lane, { ...what, outcome });
  };

interface Sending {
  readonly delivery: Delivery;
  readonly endpoint: Endpoint;
  /** The process ends. */
  readonly gone: AbortSignal;
}

async function settle(ports: TryPorts, lane: WorkedLane, after: Delivery): Promise<boolean> {
  const mine = await ports.lanes.settle(scope, lane.held, { after, now: ports.businessNow(after.livemode) });
  if (!mine) lane.closed = true;
  return mine;
}

async function noteOutcome(
  ports: TryPorts,
  lane: WorkedLane,
  { delivery, endpoint, outcome }: Sending & { readonly outcome: Outcome },
): Promise<void> {
  const now = ports.businessNow(delivery.livemode);
  const attempt = await attemptOf(ports, delivery, { outcome, at: now });
  const after = afterTry(delivery, { attempt, outcome, random: ports.random() });
  if (!(await settle(ports, lane, after))) return;
  ports.counted(after.status === "waiting" || after.status === "sending" ? "again" : after.status);
  await noteHealth(ports, lane, { endpoint, after, outcome, now });
}

async function attemptOf(
  { sealed }: TryPorts,
  { tenantId, id }: Delivery,
  { outcome, at }: { readonly outcome: Outcome; readonly at: Date },
): Promise<Attempt> {
  const { dnsMs, connectMs, totalMs, statusCode, problem, response } = outcome;
  const sealedResponse =
    response === "" ? undefined : await sealed.seal({ tenantId, record: id, field: "webhook_response" }, response);
  return {
    at,
    totalMs,
    ...(dnsMs !== undefined && { dnsMs }),
    ...(connectMs !== undefined && { connectMs }),
    ...(statusCode !== undefined && { statusCode }),
    ...(problem !== undefined && { problem }),
    ...(sealedResponse !== undefined && { sealedResponse }),
  };
}

interface Noted {
  readonly endpoint: Endpoint;
  readonly after: Delivery;
  readonly outcome: Outcome;
  readonly now: Date;
}

/** 410 ends an endpoint at once; days without a single success end it too, when something was given up at the end of them. */
async function noteHealth(ports: TryPorts, lane: WorkedLane, { endpoint, after, outcome, now }: Noted): Promise<void> {
  const verdict = verdictOf(outcome);
  if (verdict === "delivered") {
    if (lane.failingSince === undefined) return;
    lane.failingSince = undefined;
    await ports.lanes.health(scope, lane.held, undefined);
    return;
  }
  if (lane.failingSince === undefined) {
    lane.failingSince = now;
    await ports.lanes.health(scope, lane.held, now);
  }
  const forMs = now.getTime() - lane.failingSince.getTime();
  const hopeless = after.status === "failed" && forMs >= disableAfterMs;
  if (verdict !== "gone" && !hopeless) return;
  lane.closed = true;
  await ports.disable(endpoint, verdict === "gone" ? "gone" : "failing", lane.failingSince);
}
