import { type Scope } from "@greentick/kernel";
import { cursorOf, olderThan, scopeFilter } from "@greentick/runtime";
import { type Filter } from "mongodb";
import { type Delivery, type DeliveryStatus } from "../../domain/out/delivery.js";
import { type DeliveryFilter } from "../../ports/outgoing.js";
import { type PageRequest, type Slice } from "../../ports/paging.js";
import { type DeliveryRow, type DeliveryRows, fromRow } from "./delivery-rows.js";

type Rows = Filter<DeliveryRow>;

export const allStatuses = ["waiting", "sending", "delivered", "failed"] as const satisfies readonly DeliveryStatus[];

/** Read at most for one page, where no index tells which are wanted. */
const mostRead = 5_000;

const newestFirst = { createdAt: -1, _id: -1 } as const;

/** Equality on what is given. */
const equal = (wanted: Readonly<Record<string, string | undefined>>): Rows =>
  Object.fromEntries(
    Object.entries(wanted).flatMap(([field, value]) => (value === undefined ? [] : [[field, { $eq: value }]])),
  );

interface Narrowing {
  /** The index that leads to what is wanted in the order of the list: named, so that the store cannot choose one that reads more. */
  readonly hint: string;
  readonly led: Rows;
  /** What each of those is asked. */
  readonly asked: Rows;
}

function narrowing({ endpointId, status, kind, eventId, from, before }: DeliveryFilter): Narrowing {
  const createdAt = { ...(from && { $gte: from }), ...(before && { $lt: before }) };
  const time = (from ?? before) === undefined ? {} : { createdAt };
  if (eventId !== undefined)
    return { hint: "event", led: { ...equal({ eventId }), ...time }, asked: equal({ endpointId, status, kind }) };
  if (endpointId === undefined) return { hint: "tenant_log", led: time, asked: equal({ status, kind }) };
  const statuses = status === undefined ? { status: { $in: [...allStatuses] } } : equal({ status });
  return { hint: "log_by_status", led: { ...equal({ endpointId }), ...statuses, ...time }, asked: equal({ kind }) };
}

/** A page of the log. It looks through a bounded number of deliveries: one with few items or none goes on where it stopped looking. */
export async function pageOfDeliveries(
  rows: DeliveryRows,
  scope: Scope,
  { page, filter }: { readonly page: PageRequest; readonly filter: DeliveryFilter },
): Promise<Slice<Delivery>> {
  const { hint, led, asked } = narrowing(filter);
  const older = olderThan(page) as Rows | undefined;
  const match: Rows = { $and: [scopeFilter(scope), led, ...(older === undefined ? [] : [older])] };
  const looked = [{ $match: match }, { $sort: newestFirst }, { $limit: mostRead }, { $match: asked }];
  const some = await rows.aggregate<DeliveryRow>([...looked, { $limit: page.first + 1 }], { hint }).toArray();
  const items = some.slice(0, page.first).map(fromRow);
  const filled = some.length > page.first;
  const stopped = filled ? undefined : await whereItStopped(rows, match, hint);
  const end = stopped ?? some.slice(0, page.first).at(-1);
  return { items, hasNextPage: filled || stopped !== undefined, ...(end && { endCursor: cursorOf(end) }) };
}

/** The last one that was looked at, when there are more behind it. */
async function whereItStopped(
  rows: DeliveryRows,
  match: Rows,
  hint: string,
): Promise<Pick<DeliveryRow, "createdAt" | "_id"> | undefined> {
  const looked = [{ $match: match }, { $sort: newestFirst }, { $limit: mostRead + 1 }];
  const about = [...looked, { $project: { createdAt: 1 } }, { $skip: mostRead - 1 }];
  const [stopped, more] = await rows.aggregate<Pick<DeliveryRow, "createdAt" | "_id">>(about, { hint }).toArray();
  return more && stopped;
}
