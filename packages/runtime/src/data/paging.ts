import { badInput } from "@greentick/kernel";
import { type PageRequest } from "./aggregates.js";

/** The place of a document in a list that is sorted newest first. */
interface Place {
  readonly createdAt: Date;
  readonly _id: string;
}

const mostPerPage = 100;

export const cursorOf = ({ createdAt, _id }: Place): string =>
  Buffer.from(`${createdAt.toISOString()}|${_id}`).toString("base64url");

/** @throws BAD_USER_INPUT for text that `cursorOf` did not make. */
function placeOf(cursor: string): Place {
  const text = Buffer.from(cursor, "base64url").toString();
  const bar = text.indexOf("|");
  const place = { createdAt: new Date(text.slice(0, Math.max(bar, 0))), _id: text.slice(bar + 1) };
  if (Number.isNaN(place.createdAt.getTime()) || place._id === "" || cursorOf(place) !== cursor)
    throw badInput("after", "is not a cursor of this list");
  return place;
}

/**
 * What comes after the cursor; nothing for the first page. Without a choice between two, of which each has an index of its own: it is read from the
 * cursor's time on. @throws BAD_USER_INPUT for another size than 1 to 100, or a foreign cursor.
 */
export function olderThan({ first, after }: PageRequest): Record<string, unknown> | undefined {
  if (!Number.isInteger(first) || first < 1 || first > mostPerPage)
    throw badInput("first", `must be a whole number from 1 to ${mostPerPage}`);
  if (after === undefined) return undefined;
  const { createdAt, _id } = placeOf(after);
  return { createdAt: { $lte: createdAt }, $nor: [{ createdAt, _id: { $gte: _id } }] };
}
