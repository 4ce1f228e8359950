import { refusals } from "../http/errors.js";
import { page } from "../http/page.js";
import { list, range, text } from "../http/params.js";
import { paging, type Route, route } from "../http/route.js";

export const eventRoutes: readonly Route[] = [
  route("GET /v1/events/:id", {}, async ({ unit, id }) => {
    const event = await unit.get("events", id);
    if (!event) throw refusals.missing("event", id);
    return event;
  }),
  route(
    "GET /v1/events",
    { ...paging, created: range(), type: text(), types: list(text(), 20) },
    (context, { created, type, types, ...rest }) =>
      page(context, {
        kind: "events",
        what: "event",
        url: "/v1/events",
        fields: { type: types ? { $in: types } : type },
        created,
        paging: rest,
      }),
  ),
];
