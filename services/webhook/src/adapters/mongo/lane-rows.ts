import { type EndpointId, type TenantId } from "@greentick/kernel";
import { type Database } from "@greentick/runtime";
import { type Collection } from "mongodb";
import { type OwnerOf } from "../../ports/outgoing.js";

/** One endpoint's place in the line of all: when it is due, and who works on it. */
export interface LaneRow {
  _id: EndpointId;
  tenantId: TenantId;
  ancestorIds: readonly TenantId[];
  livemode: boolean;
  schemaVersion: 1;
  /** Business time at which its next delivery is due; `never` when none waits. */
  nextAt: Date;
  /** Counts what came into line, so that a holder sees what came while it looked. */
  stirred: number | bigint;
  /** System time until which a process holds it; 1970 when none does. */
  leaseUntil: Date;
  claim?: string;
  /** Its last holder left it in order. */
  clean: boolean;
  /** A key may have been left without its turn: whoever claims it next looks at all of them. */
  look?: true;
  /** System time at which it was last let go: the one that waits longest comes first. */
  servedAt: Date;
  failingSince?: Date;
}

export type LaneRows = Collection<LaneRow>;
export const laneRows = (database: Database): LaneRows => database.db.collection("lanes");

/** Later than anything that is ever due; a missing time would sort before every other. */
export const never = new Date("9999-12-31T00:00:00Z");
export const longAgo = new Date(0);

/** A lane to be put into line; `look` when whoever claims it is to look at every key of it. */
export interface StirredLane extends OwnerOf {
  readonly id: EndpointId;
  readonly look?: true;
}

/** Puts lanes into line, new ones too. */
export async function stirLanes(rows: LaneRows, lanes: readonly StirredLane[], dueAt: Date): Promise<void> {
  if (lanes.length === 0) return;
  const writes = lanes.map(({ id, tenantId, ancestorIds, livemode, look }) => ({
    updateOne: {
      filter: { _id: id },
      update: {
        $min: { nextAt: dueAt },
        $inc: { stirred: 1 },
        ...(look && { $set: { look } }),
        $setOnInsert: {
          ...{ tenantId, ancestorIds, livemode, schemaVersion: 1 as const },
          ...{ leaseUntil: longAgo, clean: true, servedAt: longAgo },
        },
      },
      upsert: true,
    },
  }));
  await rows.bulkWrite(writes, { ordered: false });
}

/** Has those that are there looked at in every key, at once. */
export async function lookOver(rows: LaneRows, ids: readonly EndpointId[]): Promise<void> {
  if (ids.length === 0) return;
  const change = { $min: { nextAt: longAgo }, $inc: { stirred: 1 }, $set: { look: true as const } };
  await rows.updateMany({ _id: { $in: [...ids] } }, change);
}
