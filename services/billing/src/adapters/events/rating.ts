import { type DataOf, messageStatusReceived } from "@greentick/contracts";
import { AppError, type EventEnvelope } from "@greentick/kernel";
import { type ConsumerSpec } from "@greentick/runtime";
import { type Sighting } from "../../domain/fact.js";
import { type Recipient } from "../../domain/markets.js";
import { withPresent } from "../../domain/present.js";
import { type Pricing } from "../../domain/rate.js";

type StatusData = DataOf<typeof messageStatusReceived>;

const toPricing = ({ model, category, type, subtype, cost }: NonNullable<StatusData["pricing"]>): Pricing =>
  withPresent<Pricing>({ model: model.raw, category: category.raw }, { type: type?.raw, subtype: subtype?.raw, cost });

/** A status update as the rater sees it. @throws BAD_USER_INPUT for one that names no webhook: it could not be explained later. */
export function toSighting(event: EventEnvelope): Sighting {
  const data = event.data as StatusData;
  if (event.source === undefined)
    throw new AppError(
      "BAD_USER_INPUT",
      "status_without_source",
      `The event ${event.id} names no webhook as its source. Publish it again with the webhook it came from.`,
    );
  const { conversationKey, participantKey, phoneNumberId, reservationId, pricing } = data;
  const { dialPrefix, country } = data.recipient;
  const sighting: Sighting = {
    tenantId: event.tenantId,
    ancestorIds: event.ancestorIds,
    livemode: event.livemode,
    messageKey: data.messageKey,
    wabaId: data.wabaId,
    status: data.status.raw,
    at: data.at,
    receivedAt: data.receivedAt,
    keptAt: event.recordedAt,
    recipient: withPresent<Recipient>({}, { dialPrefix, country }),
    group: data.group,
    webhook: event.source,
  };
  return withPresent(sighting, {
    conversationKey,
    participantKey,
    phoneNumberId,
    reservationId,
    pricing: pricing && toPricing(pricing),
  });
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
