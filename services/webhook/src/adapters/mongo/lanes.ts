import { randomUUID } from "node:crypto";
import { type EndpointId, type Scope } from "@greentick/kernel";
import { type Database, scopeFilter } from "@greentick/runtime";
import { type Filter, type WithId } from "mongodb";
import { isOpen } from "../../domain/out/delivery.js";
import { type HeldLane, type LaneClaim, type Lanes, type LaneState } from "../../ports/outgoing.js";
import { changeOf, type DeliveryRow, deliveryRows, type DeliveryRows, fromRow, promote } from "./delivery-rows.js";
import { laneRows, type LaneRow, type LaneRows, longAgo, never } from "./lane-rows.js";

/** Lanes over MongoDB. A lease is a time of the system clock; a delivery in hand carries the claim, so that one who lost the lane writes nothing. */
export function mongoLanes(database: Database): Lanes & { readonly ensureIndexes: () => Promise<void> } {
  const lanes = laneRows(database);
  const rows = deliveryRows(database);
  return {
    claim: async (_scope, wanted) => {
      const claim = randomUUID();
      const before = await lanes.findOneAndUpdate(
        dueLanes(wanted),
        { $set: { claim, leaseUntil: wanted.leaseUntil, clean: false }, $unset: { look: 1 } },
        { sort: { servedAt: 1 }, returnDocument: "before" },
      );
      if (before === null) return undefined;
      if (!before.clean || before.look) await cleanUp(rows, before._id, wanted.businessNow(before.livemode));
      return { ...stateOf(before), claim, stirred: Number(before.stirred) };
    },
    take: (_scope, { endpointId, claim }, { now, atMost }) => take(rows, { endpointId, claim, now, atMost }),
    settle: async (_scope, { endpointId, claim }, { after, now }) => {
      const mine = { _id: after.id, claim, status: "sending" as const };
      const { matchedCount } = await rows.updateOne(mine, changeOf(after));
      if (matchedCount === 1 && !isOpen(after)) await promote(rows, { endpointId, key: after.key }, now);
      return matchedCount === 1;
    },
    untake: async (_scope, { claim }, deliveries) => {
      const mine = { _id: { $in: deliveries.map(({ id }) => id) }, claim, status: "sending" as const };
      await rows.updateMany(mine, { $set: { status: "waiting" }, $unset: { claim: 1 } });
    },
    health: async (_scope, { endpointId, claim }, failingSince) => {
      const change = failingSince === undefined ? { $unset: { failingSince: 1 as const } } : { $set: { failingSince } };
      await lanes.updateOne({ _id: endpointId, claim }, change);
    },
    release: (_scope, lane, how) => release({ lanes, rows }, lane, how),
    abandon: async (_scope, { endpointId, claim }) => {
      await lanes.updateOne({ _id: endpointId, claim }, { $set: { leaseUntil: longAgo }, $unset: { claim: 1 } });
    },
    state: async (scope, endpointId) => {
      const row = await find(lanes, scope, endpointId);
      return row === null ? undefined : stateOf(row);
    },
    nextAt: async (scope, endpointId) => {
      const waiting = { ...(scopeFilter(scope) as Filter<DeliveryRow>), endpointId: { $eq: endpointId as EndpointId } };
      return earliest(rows, waiting);
    },
    ensureIndexes: async () => {
      await lanes.createIndexes([{ key: { nextAt: 1 }, name: "due" }]);
    },
  };
}

const find = (lanes: LaneRows, scope: Scope, id: string): Promise<WithId<LaneRow> | null> =>
  lanes.findOne({ ...(scopeFilter(scope) as Filter<LaneRow>), _id: { $eq: id as EndpointId } });

const stateOf = ({ _id, tenantId, livemode, failingSince }: LaneRow): LaneState => ({
  endpointId: _id,
  tenantId,
  livemode,
  ...(failingSince && { failingSince }),
});

/** A lease that reaches further than two of them was given by a clock that was ahead, to somebody who did not come back. */
const dueLanes = ({ businessNow, systemNow, leaseUntil, notOf }: LaneClaim): Filter<LaneRow> => ({
  $and: [
    { $or: [true, false].map((livemode) => ({ livemode, nextAt: { $lte: businessNow(livemode) } })) },
    { $or: [{ leaseUntil: { $lte: systemNow } }, { leaseUntil: { $gt: twoLeases(systemNow, leaseUntil) } }] },
  ],
  tenantId: { $nin: [...notOf] },
});

const twoLeases = (from: Date, until: Date): Date => new Date(2 * until.getTime() - from.getTime());

/**
 * After a holder that did not come back, or when a key may have lost its first: what was being sent is sent again, and in each key of which none
 * goes the first one does.
 */
async function cleanUp(rows: DeliveryRows, endpointId: EndpointId, now: Date): Promise<void> {
  await rows.updateMany(
    { endpointId, status: "sending" },
    { $set: { status: "waiting", dueAt: now }, $unset: { claim: 1 } },
  );
  const still = rows.aggregate<{ _id: string }>([
    { $match: { endpointId, open: true } },
    { $group: { _id: "$key", dueAt: { $max: "$dueAt" } } },
    { $match: { dueAt: null } },
  ]);
  for await (const { _id: key } of still) await promote(rows, { endpointId, key }, now);
}

interface Taking {
  readonly endpointId: EndpointId;
  readonly claim: string;
  readonly now: Date;
  readonly atMost: number;
}

/** Of one key in order it takes one at a time, whoever gave them their time: only the lane's holder takes, so that this is sure. */
async function take(
  rows: DeliveryRows,
  { endpointId, claim, now, atMost }: Taking,
): Promise<ReturnType<typeof fromRow>[]> {
  const due = { endpointId, status: "waiting" as const, dueAt: { $lte: now } };
  const found = await oneOfEachKey(rows, await rows.find(due).sort({ dueAt: 1, place: 1 }).limit(atMost).toArray());
  if (found.length === 0) return [];
  const ids = found.map(({ _id }) => _id);
  const { modifiedCount } = await rows.updateMany(
    { ...due, _id: { $in: ids } },
    { $set: { status: "sending", claim } },
  );
  if (modifiedCount === found.length) return found.map(fromRow);
  const mine = await rows.find({ _id: { $in: ids }, claim, status: "sending" }).toArray();
  return mine.map(fromRow);
}

/** Without those in order of whose key another one is on its way, or found before it. */
async function oneOfEachKey(rows: DeliveryRows, found: readonly WithId<DeliveryRow>[]): Promise<WithId<DeliveryRow>[]> {
  const endpointId = found.find(({ inOrder }) => inOrder)?.endpointId;
  if (endpointId === undefined) return [...found];
  const going = new Set(await rows.distinct("key", { endpointId, status: "sending" }));
  return found.filter(({ key, inOrder }) => {
    const waits = inOrder && going.has(key);
    going.add(key);
    return !waits;
  });
}

async function earliest(rows: DeliveryRows, filter: Filter<DeliveryRow>): Promise<Date | undefined> {
  const waiting = { ...filter, status: "waiting" as const, dueAt: { $gt: longAgo } };
  return (await rows.find(waiting).sort({ dueAt: 1 }).limit(1).next())?.dueAt;
}

const mostLooks = 5;

/**
 * What came into line while it looked is looked at once more; in the end somebody else does. An endpoint that may be sent nothing rests, unless
 * it was stirred since the claim: it may be enabled by now.
 */
async function release(
  { lanes, rows }: { readonly lanes: LaneRows; readonly rows: DeliveryRows },
  { endpointId, claim, stirred }: HeldLane,
  { paused, systemNow }: { readonly paused: boolean; readonly systemNow: Date },
): Promise<void> {
  const free = { leaseUntil: longAgo, clean: true, servedAt: systemNow };
  for (let looks = 0; looks < mostLooks; looks++) {
    const row = await lanes.findOne({ _id: endpointId, claim });
    if (row === null) return;
    const rests = paused && Number(row.stirred) === stirred;
    const due = row.look ? longAgo : await earliest(rows, { endpointId });
    const nextAt = rests ? never : (due ?? never);
    const asRead = { _id: endpointId, claim, stirred: row.stirred };
    const { matchedCount } = await lanes.updateOne(asRead, { $set: { ...free, nextAt }, $unset: { claim: 1 } });
    if (matchedCount === 1) return;
  }
  await lanes.updateOne({ _id: endpointId, claim }, { $set: { ...free, nextAt: longAgo }, $unset: { claim: 1 } });
}
