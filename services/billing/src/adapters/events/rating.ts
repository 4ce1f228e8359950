import { type DataOf, messageStatusReceived } from "@greentick/contracts";
import { AppError, type EventEnvelope } from "@greentick/kernel";
import { type ConsumerSpec } from "@greentick/runtime";
import { type Sighting } from "../../domain/fact.js";
import { type Pricing } from "../../domain/rate.js";

type StatusData = DataOf<typeof messageStatusReceived>;

const maybe = <K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, V>);

function toPricing(pricing: NonNullable<StatusData["pricing"]>): Pricing {
  return {
    model: pricing.model.raw,
    category: pricing.category.raw,
    ...maybe("type", pricing.type?.raw),
    ...maybe("subtype", pricing.subtype?.raw),
    ...maybe("cost", pricing.cost),
  };
}

/** A status update as the rater sees it. @throws BAD_USER_INPUT for one that names no webhook: it could not be explained later. */
export function toSighting(event: EventEnvelope): Sighting {
  const data = event.data as StatusData;
  if (event.source === undefined)
    throw new AppError(
      "BAD_USER_INPUT",
      "status_without_source",
      `The event ${event.id} names no webhook as its source. Publish it again with the webhook it came from.`,
    );
  const { dialPrefix, country } = data.recipient;
  return {
    tenantId: event.tenantId,
    ancestorIds: event.ancestorIds,
    livemode: event.livemode,
    messageKey: data.messageKey,
    ...maybe("conversationKey", data.conversationKey),
    ...maybe("participantKey", data.participantKey),
    wabaId: data.wabaId,
    ...maybe("phoneNumberId", data.phoneNumberId),
    status: data.status.raw,
    at: data.at,
    receivedAt: data.receivedAt,
    keptAt: event.recordedAt,
    recipient: { ...maybe("dialPrefix", dialPrefix), ...maybe("country", country) },
    group: data.group,
    ...maybe("pricing", data.pricing && toPricing(data.pricing)),
    ...maybe("reservationId", data.reservationId),
    webhook: event.source,
  };
}

/** Every status of every message, in batches: large ones cost the store less, and keep whoever waits for an answer of this process waiting. */
export const ratingConsumer = (rateSightings: (sightings: readonly Sighting[]) => Promise<void>): ConsumerSpec => ({
  name: "billing.rating",
  on: [],
  batch: {
    events: [messageStatusReceived],
    batchSize: 200,
    handle: (events) => rateSightings(events.map(toSighting)),
  },
});
