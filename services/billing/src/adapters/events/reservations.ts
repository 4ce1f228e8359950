import { type DataOf, messageStatusReceived } from "@greentick/contracts";
import { type EventEnvelope } from "@greentick/kernel";
import { type ConsumerSpec } from "@greentick/runtime";
import { type Sighting } from "../../domain/fact.js";
import { toSighting } from "./rating.js";

const namesReservation = ({ data }: EventEnvelope): boolean =>
  (data as DataOf<typeof messageStatusReceived>).reservationId !== undefined;

/** Statuses of messages that were sent under a reservation. Deliveries end theirs with the ledger entry, failures with this. */
export const reservationConsumer = (end: (sightings: readonly Sighting[]) => Promise<void>): ConsumerSpec => ({
  name: "billing.reservations",
  on: [],
  batch: {
    events: [messageStatusReceived],
    batchSize: 200,
    handle: (events) => end(events.filter(namesReservation).map(toSighting)),
  },
});
