import { createHash } from "node:crypto";
import { event, stripeEventReceived } from "@greentick/contracts";
import { makeId } from "@greentick/kernel";
import { updateIdOf } from "../../domain/kept-body.js";
import { refOf } from "../../domain/update-ref.js";
import { type BodyReader } from "../../ports.js";
import { z } from "zod";

/** What a snapshot event must have before it can travel; the handler fetches the current object by its id. */
const Snapshot = z.object({
  id: z.string(),
  type: z.string(),
  data: z.object({
    object: z.object({ id: z.string().optional(), object: z.string(), customer: z.unknown().optional() }),
  }),
});

/** Reads Stripe's events: every one belongs to the provider tenant, which is the account's owner. */
export const stripeReader: BodyReader = (body) => {
  const parsed = Snapshot.safeParse(jsonOf(body.body));
  if (!parsed.success) return { unreadable: "the body is no event of Stripe's that we know how to read" };
  const { id, type, data } = parsed.data;
  const object = data.object;
  const objectId = object.id ?? id;
  const tail = createHash("sha256").update(body.key).digest().subarray(0, 10);
  const eventId = makeId("event", body.receivedAt.getTime(), tail);
  return {
    updates: [
      {
        index: 0,
        field: type,
        kind: "stripe",
        refs: [object.id, object.customer].flatMap((one) => (typeof one === "string" ? [refOf("stripe", one)] : [])),
        eventId,
        people: [],
        ours: true,
        toEvent: (owner, receivedAt) => ({
          id: eventId,
          ...event(stripeEventReceived, { eventId: id, kind: type, objectId, objectKind: object.object, receivedAt }),
          tenantId: owner.tenantId,
          ancestorIds: owner.ancestorIds,
          livemode: owner.livemode,
          partitionKey: typeof object.customer === "string" ? object.customer : objectId,
          aggregate: { type: "webhook_update", id: updateIdOf(body.key, 0), version: 1 },
          occurredAt: receivedAt,
          recordedAt: body.receivedAt,
          actor: { kind: "provider", id: "stripe" },
          requestId: body.requestId,
          correlationId: body.key,
        }),
      },
    ],
  };
};

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
