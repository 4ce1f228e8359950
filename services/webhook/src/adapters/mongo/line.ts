import { type EndpointId } from "@greentick/kernel";
import { type Database } from "@greentick/runtime";
import { type Line, type OwnerOf } from "../../ports/outgoing.js";
import { type DeliveryRow, deliveryRows, newRow, promote } from "./delivery-rows.js";
import { writtenOf } from "./insert-outcome.js";
import { laneRows, stirLanes } from "./lane-rows.js";

/** Deliveries into their endpoints' lines. Every step is safe to repeat, and a repeat finishes what a crash left undone. */
export function mongoLine(database: Database): Line {
  const rows = deliveryRows(database);
  const lanes = laneRows(database);
  const firstOfEach = async (keys: Iterable<Keyed>, dueAt: Date): Promise<void> => {
    for (const of of keys) await promote(rows, of, dueAt);
  };
  return {
    put: async (_scope, wanted, dueAt) => {
      if (wanted.length === 0) return;
      const made = wanted.map((delivery) => newRow(delivery, dueAt));
      await rows.insertMany(made, { ordered: false }).catch((error: unknown) => {
        if (writtenOf(error, made.length).includes("failed")) throw error;
      });
      await firstOfEach(keysOf(wanted), dueAt);
      await stirLanes(lanes, ownersOf(wanted), dueAt);
    },
    again: async (_scope, deliveries, dueAt) => {
      const sentAgain = async (inOrder: boolean): Promise<number> => {
        const ids = deliveries.filter((one) => one.inOrder === inOrder).map(({ id }) => id);
        if (ids.length === 0) return 0;
        const fresh = { status: "waiting" as const, open: true as const, tries: 0, ...(!inOrder && { dueAt }) };
        const former = { firstTriedAt: 1 as const, finishedAt: 1 as const, ...(inOrder && { dueAt: 1 as const }) };
        const finished = { _id: { $in: ids }, status: { $in: ["delivered" as const, "failed" as const] } };
        return (await rows.updateMany(finished, { $set: fresh, $unset: former })).modifiedCount;
      };
      const count = (await sentAgain(true)) + (await sentAgain(false));
      await firstOfEach(keysOf(deliveries), dueAt);
      await stirLanes(lanes, ownersOf(deliveries), dueAt);
      return count;
    },
    stir: (_scope, endpoint, dueAt) => stirLanes(lanes, [{ ...endpoint, look: true }], dueAt),
    drop: async (_scope, endpointId) => {
      await rows.deleteMany({ endpointId, open: true });
      await lanes.deleteOne({ _id: endpointId });
    },
  };
}

type Keyed = Pick<DeliveryRow, "endpointId" | "key">;

/** Keys of those that go in order, once each. */
const keysOf = (deliveries: readonly (Keyed & { readonly inOrder: boolean })[]): Iterable<Keyed> =>
  new Map(
    deliveries.flatMap(({ endpointId, key, inOrder }) =>
      inOrder ? [[`${endpointId}/${key}`, { endpointId, key }] as const] : [],
    ),
  ).values();

const ownersOf = (
  deliveries: readonly (OwnerOf & { readonly endpointId: EndpointId })[],
): readonly (OwnerOf & { readonly id: EndpointId })[] => [
  ...new Map(deliveries.map((one) => [one.endpointId, { ...one, id: one.endpointId }])).values(),
];
