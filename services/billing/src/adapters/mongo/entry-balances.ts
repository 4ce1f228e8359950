import { type Month, type Scope, type TenantId } from "@greentick/kernel";
import { type Database, scopeFilter } from "@greentick/runtime";
import { addLines, type BalanceLine } from "../../domain/balance.js";
import { type RecountedDay } from "../../ports.js";
import { lineGroup, lineSums, toBalanceLine } from "./cells.js";
import { daysOf } from "./days.js";
import { windowId } from "./window-rows.js";

type Counted = Parameters<typeof toBalanceLine>[0] & {
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly bookedAt: Date;
};
type Place = Pick<RecountedDay, "tenantId" | "bucket" | "day">;

/** Every window of a month, added up from each of its entries; reads the whole month. */
export async function entryBalances(database: Database, scope: Scope, month: Month): Promise<readonly RecountedDay[]> {
  const by = { ...lineGroup, tenantId: "$tenantId", bucket: "$bucket", day: "$day" };
  const owner = {
    ancestorIds: { $first: "$ancestorIds" },
    livemode: { $first: "$livemode" },
    bookedAt: { $first: "$bookedAt" },
  };
  const groups = database.db
    .collection("entries")
    .aggregate<Counted>([
      { $match: { $and: [scopeFilter(scope), { day: daysOf(month) }] } },
      { $group: { _id: by, ...lineSums, ...owner } },
    ]);
  const found = new Map<string, { readonly owner: Omit<RecountedDay, "lines">; readonly lines: BalanceLine[] }>();
  for await (const group of groups) {
    const { tenantId, bucket, day } = group._id as Place;
    const { ancestorIds, livemode, bookedAt } = group;
    const id = windowId({ tenantId, bucket, day });
    const known = found.get(id) ?? { owner: { tenantId, bucket, day, ancestorIds, livemode, bookedAt }, lines: [] };
    known.lines.push(toBalanceLine(group));
    found.set(id, known);
  }
  return [...found.values()].map((one) => ({ ...one.owner, lines: addLines(one.lines) }));
}
