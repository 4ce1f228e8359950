import { badInput } from "@greentick/kernel";
import { type Collection, type Document, type Filter } from "mongodb";
import { type Page, type PageRequest } from "../../ports/paging.js";

interface Place {
  readonly at: Date;
  readonly _id: string;
}

const cursorOf = ({ at, _id }: Place): string => Buffer.from(`${at.toISOString()}|${_id}`).toString("base64url");

/** @throws BAD_USER_INPUT for text that `cursorOf` did not make. */
function placeOf(cursor: string): Place {
  const text = Buffer.from(cursor, "base64url").toString();
  const bar = text.indexOf("|");
  const place = { at: new Date(text.slice(0, Math.max(bar, 0))), _id: text.slice(bar + 1) };
  if (Number.isNaN(place.at.getTime()) || place._id === "" || cursorOf(place) !== cursor)
    throw badInput("after", "is not a cursor of this list");
  return place;
}

/** A page of what matches, by `at` and then by id. */
export async function oldestFirst<R extends Document & Place>(
  rows: Collection<R>,
  filter: Filter<R>,
  page: PageRequest,
): Promise<Page<R>> {
  const place = page.after === undefined ? undefined : placeOf(page.after);
  const behind = place && { $or: [{ at: { $gt: place.at } }, { at: place.at, _id: { $gt: place._id } }] };
  const found = await rows
    .find<R>(behind === undefined ? filter : ({ $and: [filter, behind] } as Filter<R>))
    .sort({ at: 1, _id: 1 })
    .limit(page.first + 1)
    .toArray();
  const items = found.slice(0, page.first);
  const last = items.at(-1);
  return {
    items,
    hasNextPage: found.length > page.first,
    totalCount: await rows.countDocuments(filter),
    ...(last && { endCursor: cursorOf(last) }),
  };
}
