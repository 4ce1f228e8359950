import { badInput } from "@greentick/kernel";
import { type Collection, type Filter } from "mongodb";
import { type Page, type PageRequest } from "../../ports.js";

const toCursor = (id: string): string => Buffer.from(id).toString("base64url");

function afterOf({ first, after }: PageRequest): string | undefined {
  if (!Number.isInteger(first) || first < 1 || first > 100)
    throw badInput("first", "must be a whole number from 1 to 100");
  if (after === undefined) return undefined;
  const id = Buffer.from(after, "base64url").toString();
  if (id === "") throw badInput("after", "is not a cursor of this list");
  return id;
}

/** A page of documents by falling id. */
export async function pageOfIds<R extends { _id: string }, T>(
  rows: Collection<R>,
  ask: { readonly filter: Filter<R>; readonly page: PageRequest; readonly read: (row: R) => T },
): Promise<Page<T>> {
  const { filter, page, read } = ask;
  const after = afterOf(page);
  const older = after === undefined ? filter : ({ $and: [filter, { _id: { $lt: after } }] } as Filter<R>);
  const [found, totalCount] = await Promise.all([
    rows
      .find(older)
      .sort({ _id: -1 })
      .limit(page.first + 1)
      .toArray(),
    rows.countDocuments(filter),
  ]);
  const shown = (found as R[]).slice(0, page.first);
  const last = shown.at(-1);
  return {
    items: shown.map(read),
    hasNextPage: found.length > page.first,
    totalCount,
    ...(last && { endCursor: toCursor(last._id) }),
  };
}
