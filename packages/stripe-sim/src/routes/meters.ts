import { summarize } from "../billing/usage.js";
import { refusals } from "../http/errors.js";
import { page, pageOf } from "../http/page.js";
import { must, object, oneOf, type Parsed, text, whole } from "../http/params.js";
import { type Context, paging, type Route, route } from "../http/route.js";
import { lettersOf } from "../lib/ids.js";
import { getCustomer, getMeter } from "../lookups.js";
import { type Meter, type MeterEventSummary } from "../shapes.js";

const createParams = {
  default_aggregation: must(object({ formula: must(oneOf("sum", "count", "last")) })),
  display_name: must(text(250)),
  event_name: must(text(100)),
  customer_mapping: object({ event_payload_key: must(text(100)), type: must(oneOf("by_id")) }),
  event_time_window: oneOf("day", "hour"),
  value_settings: object({ event_payload_key: must(text(100)) }),
};

async function createMeter({ unit, store }: Context, params: Parsed<typeof createParams>): Promise<Meter> {
  const [holder] = await store.find("meters", { "object.event_name": params.event_name });
  if (holder)
    throw refusals.alreadyExists(
      `A meter (\`${holder.id}\`, ${holder.status}) already uses the event name ${params.event_name}.`,
      "event_name",
    );
  const meter: Meter = {
    id: unit.ids.next("mtr_test"),
    object: "billing.meter",
    created: unit.now,
    customer_mapping: params.customer_mapping ?? { event_payload_key: "stripe_customer_id", type: "by_id" },
    default_aggregation: params.default_aggregation,
    display_name: params.display_name,
    event_name: params.event_name,
    event_time_window: params.event_time_window ?? null,
    livemode: false,
    status: "active",
    status_transitions: { deactivated_at: null },
    updated: unit.now,
    value_settings: params.value_settings ?? { event_payload_key: "value" },
  };
  await unit.put("meters", meter);
  await unit.emit("billing.meter.created", meter);
  return meter;
}

const change =
  (type: string, patch: (meter: Meter, now: number) => Partial<Meter>) =>
  async (context: Context): Promise<Meter> => {
    const before = await getMeter(context, context.id);
    const meter: Meter = { ...before, ...patch(before, context.unit.now), updated: context.unit.now };
    await context.unit.put("meters", meter);
    await context.unit.emit(type, meter, before);
    return meter;
  };

const deactivate = change("billing.meter.deactivated", (meter, now) => {
  if (meter.status === "inactive") throw refusals.rejected(undefined, "This meter is already inactive.");
  return { status: "inactive", status_transitions: { deactivated_at: now } };
});

const reactivate = change("billing.meter.reactivated", (meter) => {
  if (meter.status === "active") throw refusals.rejected(undefined, "This meter is already active.");
  return { status: "active", status_transitions: { deactivated_at: null } };
});

const summaryParams = {
  ...paging,
  customer: must(text()),
  start_time: must(whole()),
  end_time: must(whole()),
  value_grouping_window: oneOf("day", "hour"),
};
type SummaryParams = Parsed<typeof summaryParams>;

const grids = { minute: 60, hour: 3600, day: 86_400 } as const;

/** Ranges lie on whole UTC minutes, or on whole windows when grouped (Stripe: api/billing/meter-event-summary). */
function checkRange({ start_time: start, end_time: end, value_grouping_window: window }: SummaryParams): void {
  const step = grids[window ?? "minute"];
  for (const [name, time] of Object.entries({ start_time: start, end_time: end }))
    if (time % step !== 0)
      throw refusals.invalidParameter(
        name,
        `Invalid ${name}: must be aligned to ${window ?? "minute"} boundaries (UTC).`,
      );
  if (end <= start) throw refusals.invalidParameter("end_time", "Invalid end_time: must be after start_time.");
}

/** Rows newest first; with a grouping window only windows that hold usage have a row. */
async function listSummaries(context: Context, params: SummaryParams): Promise<object> {
  const meter = await getMeter(context, context.id);
  checkRange(params);
  const customer = await getCustomer(context, params.customer, "customer");
  const range = { start: params.start_time, end: params.end_time };
  const step = params.value_grouping_window && grids[params.value_grouping_window];
  const sums = await summarize(context.store, { meter, customer: customer.id, ...range }, step);
  const rows = sums.map((sum): MeterEventSummary => ({
    id: `mtrusg_test_${lettersOf(`${meter.id}|${customer.id}|${sum.start}|${sum.end}`, 24)}`,
    object: "billing.meter_event_summary",
    aggregated_value: Number(sum.value),
    end_time: sum.end,
    livemode: false,
    meter: meter.id,
    start_time: sum.start,
  }));
  return pageOf(rows.reverse(), `/v1/billing/meters/${meter.id}/event_summaries`, params);
}

async function rename(context: Context, params: { display_name?: string }): Promise<Meter> {
  return change("billing.meter.updated", () => params)(context);
}

export const meterRoutes: readonly Route[] = [
  route("POST /v1/billing/meters", createParams, createMeter),
  route("GET /v1/billing/meters", { ...paging, status: oneOf("active", "inactive") }, (context, { status, ...rest }) =>
    page(context, {
      kind: "meters",
      what: "billing meter",
      url: "/v1/billing/meters",
      fields: { status },
      paging: rest,
    }),
  ),
  route("GET /v1/billing/meters/:id", {}, (context) => getMeter(context, context.id)),
  route("POST /v1/billing/meters/:id", { display_name: text(250) }, rename),
  route("POST /v1/billing/meters/:id/deactivate", {}, deactivate),
  route("POST /v1/billing/meters/:id/reactivate", {}, reactivate),
  route("GET /v1/billing/meters/:id/event_summaries", summaryParams, listSummaries),
];
