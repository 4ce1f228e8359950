import { type DeliveryId, type EndpointId, type EventId, type TenantId } from "@greentick/kernel";
import { type Database } from "@greentick/runtime";
import { type Collection, type IndexDescription, type UpdateFilter } from "mongodb";
import { type Attempt, type Delivery, type DeliveryStatus, isOpen } from "../../domain/out/delivery.js";
import { type NewDelivery } from "../../ports/outgoing.js";

export interface DeliveryRow {
  _id: DeliveryId;
  tenantId: TenantId;
  ancestorIds: readonly TenantId[];
  livemode: boolean;
  schemaVersion: 1;
  endpointId: EndpointId;
  eventId: EventId;
  kind: string;
  key: string;
  place: number | bigint;
  status: DeliveryStatus;
  /** Present while it is not finished. */
  open?: true;
  dueAt?: Date;
  createdAt: Date;
  occurredAt: Date;
  attempts: readonly Attempt[];
  tries: number | bigint;
  firstTriedAt?: Date;
  finishedAt?: Date;
  test: boolean;
  inOrder: boolean;
  /** Of the lane's holder that is sending it. */
  claim?: string;
}

export type DeliveryRows = Collection<DeliveryRow>;
export const deliveryRows = (database: Database): DeliveryRows => database.db.collection("deliveries");

export const deliveryIndexes: IndexDescription[] = [
  { key: { endpointId: 1, status: 1, dueAt: 1 }, name: "due" },
  { key: { endpointId: 1, key: 1, dueAt: -1, place: 1 }, name: "turns", partialFilterExpression: { open: true } },
  { key: { tenantId: 1, endpointId: 1, status: 1, createdAt: -1, _id: -1 }, name: "log_by_status" },
  { key: { tenantId: 1, eventId: 1 }, name: "event" },
  { key: { tenantId: 1, createdAt: -1, _id: -1 }, name: "tenant_log" },
  { key: { createdAt: 1 }, name: "oldest" },
];

/** One in order gets its time when it is the first of its key. */
export function newRow({ id, ...delivery }: NewDelivery, dueAt: Date): DeliveryRow {
  const line = { status: "waiting" as const, open: true as const, attempts: [], tries: 0 };
  return { _id: id, schemaVersion: 1, ...delivery, ...line, ...(!delivery.inOrder && { dueAt }) };
}

export function fromRow(row: DeliveryRow): Delivery {
  const { _id: id, tenantId, ancestorIds, livemode, endpointId, eventId, kind, key, status, test, inOrder } = row;
  return {
    ...{ id, tenantId, ancestorIds, livemode, endpointId, eventId, kind, key, status, test, inOrder },
    place: Number(row.place),
    createdAt: row.createdAt,
    occurredAt: row.occurredAt,
    attempts: row.attempts,
    tries: Number(row.tries),
    ...(row.dueAt && { dueAt: row.dueAt }),
    ...(row.firstTriedAt && { firstTriedAt: row.firstTriedAt }),
    ...(row.finishedAt && { finishedAt: row.finishedAt }),
  };
}

/** What a try changes of a delivery. */
export function changeOf(after: Delivery): UpdateFilter<DeliveryRow> {
  const { status, attempts, tries, firstTriedAt, dueAt, finishedAt } = after;
  return {
    $set: {
      ...{ status, attempts, tries },
      ...(firstTriedAt && { firstTriedAt }),
      ...(dueAt && { dueAt }),
      ...(finishedAt && { finishedAt }),
    },
    $unset: {
      claim: 1 as const,
      ...(isOpen(after) ? {} : { open: 1 as const }),
      ...(dueAt === undefined && { dueAt: 1 as const }),
    },
  };
}

/**
 * Lets the first open one of a key go, unless one of the key goes already, be it a later one: a redelivery by hand opens one before those that
 * are on their way. Whoever does this at the same time finds the same one, so that two of a key are never on their way together.
 */
export async function promote(
  rows: DeliveryRows,
  of: { endpointId: EndpointId; key: string },
  dueAt: Date,
): Promise<void> {
  const first = await rows
    .find({ ...of, open: true })
    .sort({ dueAt: -1, place: 1 })
    .limit(1)
    .next();
  if (first === null || first.dueAt !== undefined) return;
  await rows.updateOne({ _id: first._id, open: true, dueAt: { $exists: false } }, { $set: { dueAt } });
}
