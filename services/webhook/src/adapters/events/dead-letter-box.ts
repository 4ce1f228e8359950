import { badInput } from "@greentick/kernel";
import { type Bus, type DeadLetter } from "@greentick/runtime";
import { type DeadLetterBox, type LetterFilter, type ShownDeadLetter } from "../../ports/tasks.js";

/** The dead letters of the bus, without what the events say. */
export function busDeadLetters(bus: Pick<Bus, "deadLetters" | "redeliver">): DeadLetterBox {
  const some = async (
    filter: LetterFilter,
    after?: Pick<ShownDeadLetter, "id" | "at">,
  ): Promise<readonly ShownDeadLetter[]> => (await bus.deadLetters({ ...filter, ...(after && { after }) })).map(shown);
  return {
    some,
    page: async (filter, { first, after }) => {
      const found = await some(filter, after === undefined ? undefined : placeOf(after));
      const items = found.slice(0, first);
      const cursors = items.map(cursorOf);
      const endCursor = cursors.at(-1);
      return { items, cursors, hasNextPage: found.length > first, ...(endCursor !== undefined && { endCursor }) };
    },
    find: async (id) => (await bus.deadLetters({ id })).map(shown)[0],
    redeliver: bus.redeliver,
  };
}

const shown = ({ id, consumer, event, reason, tries, error, at }: DeadLetter): ShownDeadLetter => ({
  id,
  consumer,
  eventType: event.type,
  tenantId: event.tenantId,
  livemode: event.livemode,
  reason,
  tries,
  error,
  at,
});

const cursorOf = ({ at, id }: Pick<ShownDeadLetter, "id" | "at">): string =>
  Buffer.from(`${at.toISOString()}|${id}`).toString("base64url");

/** @throws BAD_USER_INPUT for text that `cursorOf` did not make. */
function placeOf(cursor: string): Pick<ShownDeadLetter, "id" | "at"> {
  const [at = "", ...rest] = Buffer.from(cursor, "base64url").toString().split("|");
  const place = { at: new Date(at), id: rest.join("|") };
  if (Number.isNaN(place.at.getTime()) || place.id === "" || cursorOf(place) !== cursor)
    throw badInput("after", "is not a cursor of this list");
  return place;
}
