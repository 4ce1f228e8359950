import { refusals } from "../http/errors.js";
import { must, object, oneOf, type Parsed, text, texts, whole } from "../http/params.js";
import { type Context, type Route, route } from "../http/route.js";
import { formatDecimal, parseDecimal, significantDigits } from "../lib/decimal.js";
import { type Meter, type MeterEvent, type MeterEventAdjustment } from "../shapes.js";
import { type StoredMeterEvent } from "../store/kinds.js";

/** Stripe: api/billing/meter-event — identifiers are unique for 24 hours, timestamps reach 35 days back and 5 minutes ahead. */
const identifierWindowSeconds = 86_400;
const oldestSeconds = 35 * 86_400;
const aheadSeconds = 300;
const maxSignificantDigits = 15;

const createParams = {
  event_name: must(text(100)),
  payload: must(texts()),
  identifier: text(100),
  timestamp: whole(),
};
type CreateParams = Parsed<typeof createParams>;

async function meterNamed({ store }: Context, eventName: string): Promise<Meter> {
  const [meter] = await store.find("meters", { "object.event_name": eventName }, { limit: 1 });
  if (!meter) throw refusals.rejected("no_meter", `No meter found with event name ${eventName}.`, "event_name");
  if (meter.status !== "active")
    throw refusals.rejected("archived_meter", `The meter for event name ${eventName} is inactive.`, "event_name");
  return meter;
}

async function customerIn({ unit }: Context, meter: Meter, payload: Record<string, string>): Promise<string> {
  const key = meter.customer_mapping.event_payload_key;
  const id = payload[key];
  if (id === undefined)
    throw refusals.rejected("meter_event_no_customer_defined", `The payload has no ${key}.`, `payload[${key}]`);
  if (!(await unit.get("customers", id)))
    throw refusals.rejected("meter_event_customer_not_found", `No such customer: '${id}'`, `payload[${key}]`);
  return id;
}

function valueIn(meter: Meter, payload: Record<string, string>): string {
  if (meter.default_aggregation.formula === "count") return "1";
  const key = meter.value_settings.event_payload_key;
  const param = `payload[${key}]`;
  const given = payload[key];
  if (given === undefined) throw refusals.rejected("meter_event_value_not_found", `The payload has no ${key}.`, param);
  const value = parseDecimal(given);
  if (!value) throw refusals.rejected("meter_event_invalid_value", `Invalid decimal value: ${given}`, param);
  if (significantDigits(value) > maxSignificantDigits)
    throw refusals.rejected(
      "meter_event_value_too_many_digits",
      `The value can have at most ${maxSignificantDigits} significant digits.`,
      param,
    );
  return formatDecimal(value);
}

function checkedTime(now: number, timestamp: number): number {
  if (timestamp > now + aheadSeconds)
    throw refusals.rejected("timestamp_in_future", "The timestamp is more than 5 minutes in the future.", "timestamp");
  if (timestamp < now - oldestSeconds)
    throw refusals.rejected(
      "timestamp_too_far_in_past",
      "The timestamp is more than 35 days in the past.",
      "timestamp",
    );
  return timestamp;
}

/** Keeps the event if its identifier is free; the id names the identifier's generation, so a race has one winner. */
async function keep(context: Context, event: Omit<StoredMeterEvent, "id" | "order">): Promise<void> {
  const { store, unit } = context;
  const earlier = await store.find("meter_events", { "object.identifier": event.identifier });
  if (earlier.some(({ receivedAt }) => receivedAt > unit.now - identifierWindowSeconds))
    throw refusals.duplicateMeterEvent(event.identifier);
  const seq = await store.nextSeq();
  const object = { ...event, id: `${event.identifier}#${earlier.length}`, order: seq };
  if (!(await store.insert({ kind: "meter_events", seq, created: unit.now, object })))
    throw refusals.duplicateMeterEvent(event.identifier);
}

/** Stripe answers 429 when a second event for one customer and meter arrives before the first was answered (Stripe: rate-limits). */
async function oneAtATime<T>(busy: Set<string>, place: string, work: () => Promise<T>): Promise<T> {
  if (busy.has(place)) throw refusals.rateLimited("endpoint-concurrency");
  busy.add(place);
  try {
    return await work();
  } finally {
    busy.delete(place);
  }
}

async function createEvent(context: Context, params: CreateParams): Promise<MeterEvent> {
  const { unit, busy } = context;
  const meter = await meterNamed(context, params.event_name);
  const customer = await customerIn(context, meter, params.payload);
  const value = valueIn(meter, params.payload);
  const timestamp = checkedTime(unit.now, params.timestamp ?? unit.now);
  const identifier = params.identifier ?? unit.ids.next("mtre");
  const event = { identifier, meter: meter.id, customer, value, timestamp, receivedAt: unit.now, cancelled: false };
  await oneAtATime(busy, `${meter.id}/${customer}`, () => keep(context, event));
  return {
    object: "billing.meter_event",
    created: unit.now,
    event_name: params.event_name,
    identifier,
    livemode: false,
    payload: params.payload,
    timestamp,
  };
}

const adjustmentParams = {
  event_name: must(text(100)),
  type: must(oneOf("cancel")),
  cancel: must(object({ identifier: must(text(100)) })),
};

/** Takes one event back within 24 hours of its receipt. On a pre-aggregated meter the event received before it counts again. */
async function adjust(context: Context, params: Parsed<typeof adjustmentParams>): Promise<MeterEventAdjustment> {
  const { store, unit } = context;
  const meter = await meterNamed(context, params.event_name);
  const { identifier } = params.cancel;
  const found = await store.find("meter_events", { "object.identifier": identifier, "object.meter": meter.id });
  const event = found.find(({ receivedAt }) => receivedAt > unit.now - identifierWindowSeconds);
  if (!event)
    throw refusals.rejected(
      "resource_missing",
      `No event with identifier ${identifier} was received in the last 24 hours.`,
      "cancel[identifier]",
    );
  await unit.put("meter_events", { ...event, cancelled: true });
  return {
    object: "billing.meter_event_adjustment",
    cancel: { identifier },
    event_name: params.event_name,
    livemode: false,
    status: "complete",
    type: "cancel",
  };
}

export const meterEventRoutes: readonly Route[] = [
  { ...route("POST /v1/billing/meter_events", createParams, createEvent), together: true },
  route("POST /v1/billing/meter_event_adjustments", adjustmentParams, adjust),
];
