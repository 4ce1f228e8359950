import { type EventId } from "@greentick/kernel";
import { cursorOf, type Database, olderThan, scopeFilter } from "@greentick/runtime";
import { type Filter } from "mongodb";
import { type DeliveryStatus } from "../../domain/out/delivery.js";
import { endpointErrors } from "../../domain/out/errors.js";
import { type Deliveries, type DeliveryFilter } from "../../ports/outgoing.js";
import { deliveryIndexes, type DeliveryRow, deliveryRows, fromRow } from "./delivery-rows.js";
import { laneRows, lookOver } from "./lane-rows.js";

type Rows = Filter<DeliveryRow>;

const nothing: Readonly<Record<DeliveryStatus, number>> = { waiting: 0, sending: 0, delivered: 0, failed: 0 };

function narrowed({ endpointId, status, kind, eventId, from, before }: DeliveryFilter): Rows {
  const createdAt = { ...(from && { $gte: from }), ...(before && { $lt: before }) };
  const equal = Object.entries({ endpointId, status, kind, eventId }).filter(([, value]) => value !== undefined);
  return {
    ...(Object.fromEntries(equal.map(([field, value]) => [field, { $eq: value }])) as Rows),
    ...((from ?? before) && { createdAt }),
  };
}

/** The log of deliveries over MongoDB. Who is to be sent what next is the business of the lanes. */
export function mongoDeliveries(database: Database): Deliveries & { readonly ensureIndexes: () => Promise<void> } {
  const rows = deliveryRows(database);
  const lanes = laneRows(database);
  return {
    get: async (scope, id) => {
      const row = await rows.findOne({ ...(scopeFilter(scope) as Rows), _id: { $eq: id as DeliveryRow["_id"] } });
      if (row === null) throw endpointErrors.deliveryNotFound(id);
      return fromRow(row);
    },
    list: async (scope, page, filter) => {
      const all: Rows = { $and: [scopeFilter(scope), narrowed(filter)] };
      const older = olderThan(page) as Rows | undefined;
      const found = rows.find(older === undefined ? all : { $and: [all, older] }).sort({ createdAt: -1, _id: -1 });
      const [some, totalCount] = await Promise.all([found.limit(page.first + 1).toArray(), rows.countDocuments(all)]);
      const shown = some.slice(0, page.first);
      const last = shown.at(-1);
      const hasNextPage = some.length > page.first;
      return { items: shown.map(fromRow), hasNextPage, totalCount, ...(last && { endCursor: cursorOf(last) }) };
    },
    finishedOf: async (scope, endpointId, { statuses, range: { from, before, kinds, atMost } }) => {
      const createdAt = { $gte: from, $lt: before };
      const wanted = { createdAt, status: { $in: [...statuses] }, test: false, kind: { $in: [...kinds] } };
      const all: Rows = { $and: [scopeFilter(scope), narrowed({ endpointId }), wanted] };
      return (await rows.find(all).sort({ createdAt: 1, _id: 1 }).limit(atMost).toArray()).map(fromRow);
    },
    without: async (scope, endpointId, ids) => {
      const wanted = { ...(scopeFilter(scope) as Rows), endpointId, eventId: { $in: [...ids] } };
      const there = new Set<EventId>(await rows.distinct("eventId", wanted));
      return new Set(ids.filter((id) => !there.has(id)));
    },
    counts: async (scope, endpointId) => {
      const wanted = { ...(scopeFilter(scope) as Rows), endpointId: { $eq: endpointId } } as Rows;
      const counted = await rows
        .aggregate<{ _id: DeliveryStatus; count: number | bigint }>([
          { $match: wanted },
          { $group: { _id: "$status", count: { $sum: 1 } } },
        ])
        .toArray();
      return { ...nothing, ...Object.fromEntries(counted.map(({ _id, count }) => [_id, Number(count)])) };
    },
    /** What stood behind an open one that goes is given its turn, also when this ends in the middle: hence before and after. */
    eraseBefore: async (_scope, before, held) => {
      const old = { createdAt: { $lt: before }, tenantId: { $nin: [...held] } };
      const bereft = await rows.distinct("endpointId", { ...old, open: true });
      await lookOver(lanes, bereft);
      const { deletedCount } = await rows.deleteMany(old);
      await lookOver(lanes, bereft);
      return deletedCount;
    },
    eraseTenant: async (scope) => {
      await rows.deleteMany(scopeFilter(scope));
    },
    ensureIndexes: async () => {
      await rows.createIndexes(deliveryIndexes);
    },
  };
}
