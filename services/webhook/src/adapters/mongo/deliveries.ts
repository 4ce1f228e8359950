import { type EndpointId } from "@greentick/kernel";
import { type Database, scopeFilter } from "@greentick/runtime";
import { type Filter } from "mongodb";
import { type DeliveryStatus } from "../../domain/out/delivery.js";
import { endpointErrors } from "../../domain/out/errors.js";
import { type Deliveries } from "../../ports/outgoing.js";
import { allStatuses, pageOfDeliveries } from "./delivery-list.js";
import { deliveryIndexes, type DeliveryRow, deliveryRows, fromRow } from "./delivery-rows.js";
import { laneRows, lookOver } from "./lane-rows.js";

type Rows = Filter<DeliveryRow>;

/** Counted of each status at most. */
const mostCounted = 10_000;

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
    list: (scope, page, filter) => pageOfDeliveries(rows, scope, { page, filter }),
    finishedOf: async (scope, endpointId, { statuses, range: { from, before, kinds, atMost } }) => {
      const createdAt = { $gte: from, $lt: before };
      const wanted = { createdAt, status: { $in: [...statuses] }, test: false, kind: { $in: [...kinds] } };
      const all: Rows = { $and: [scopeFilter(scope), { endpointId: { $eq: endpointId as EndpointId } }, wanted] };
      return (await rows.find(all).sort({ createdAt: 1, _id: 1 }).limit(atMost).toArray()).map(fromRow);
    },
    without: async (scope, ids) => {
      const wanted = { $and: [scopeFilter(scope), { _id: { $in: [...ids] } }] };
      const there = new Set((await rows.find(wanted, { projection: { _id: 1 } }).toArray()).map(({ _id }) => _id));
      return new Set(ids.filter((id) => !there.has(id)));
    },
    counts: async (scope, endpointId) => {
      const count = async (status: DeliveryStatus): Promise<[DeliveryStatus, number]> => {
        const wanted = {
          ...scopeFilter(scope),
          endpointId: { $eq: endpointId as EndpointId },
          status: { $eq: status },
        };
        return [status, await rows.countDocuments(wanted, { limit: mostCounted, hint: "log_by_status" })];
      };
      return Object.fromEntries(await Promise.all(allStatuses.map(count))) as Record<DeliveryStatus, number>;
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
