import { createHash } from "node:crypto";
import { type Delivered, type Priced, count, positionsOf, priceAll } from "../charges/counting.js";
import { lineKey } from "../charges/invoice-lines.js";
import { issueTime } from "../charges/invoice.js";
import { randomOf } from "../ids.js";
import { type DeliveryRow, type PhoneNode, type TrafficRow, type WabaNode, onceOnly, reserve } from "../store.js";
import { type World, appWebhook } from "../world.js";
import { drawPlan } from "./plan.js";
import { type Plan, type PlannedMessage, type Sender } from "./planned.js";
import { renderBody } from "./render.js";
import { type TrafficReport, reportOf } from "./report.js";

export { type TrafficReport } from "./report.js";

export interface TrafficProfile {
  /** Weights by ISO country; the simulator's own mix unless told. */
  readonly countries?: Readonly<Record<string, number>> | undefined;
}

export interface TrafficInput {
  readonly seed: number;
  /** Webhook bodies to post, repeats included. */
  readonly messages: number;
  /** Deliveries happen from here … */
  readonly from: Date;
  /** … and before here. Whole days in UTC work best. */
  readonly to: Date;
  /** Accounts that send; all that can send unless told. */
  readonly wabaIds?: readonly string[] | undefined;
  /** Delivered messages, beside the others, whose only webhook is never posted. */
  readonly lose?: number | undefined;
  /** Charged lines that Meta's invoice is to hold twice. */
  readonly double?: number | undefined;
  readonly profile?: TrafficProfile | undefined;
}

export interface TrafficProgress {
  readonly id: string;
  readonly state: "planning" | "planned";
  readonly posted: number;
  readonly pending: number;
  /** Whether every body is acknowledged. */
  readonly done: boolean;
  /** The simulator's time. */
  readonly now: Date;
  /** When the first body that is still to be posted falls due. */
  readonly nextDueAt?: Date;
  /** When the last body falls due: the clock must be moved at least this far. */
  readonly lastDueAt?: Date;
  readonly report?: TrafficReport;
}

/** Plans a traffic and writes all of it down. @throws Error when nobody can send, the app has no address, or a month is already invoiced. */
export async function planTraffic(world: World, input: TrafficInput): Promise<TrafficProgress> {
  if (input.from < world.clock.now()) {
    throw new Error(
      `Traffic cannot begin at ${input.from.toISOString()}: the clock already stands at ${world.clock.now().toISOString()}.`,
    );
  }
  if (input.to.getTime() - input.from.getTime() < 3_600_000 * 2)
    throw new Error("Traffic needs a period of at least two hours.");
  const id = `traffic-${world.names.hex(16, "traffic", JSON.stringify(input))}`;
  if ((await world.store.traffics.findOne({ _id: id })) === null) {
    const firstSeq = await reserve(world.store, "delivery", input.messages);
    const request = { ...input } as unknown as Record<string, unknown>;
    await onceOnly(async () =>
      world.store.traffics.insertOne({ _id: id, request, state: "planning", firstSeq, months: [], doubled: [] }),
    );
    await write(world, id, { input, firstSeq }).catch(async (error: unknown) => forget(world, id, error));
  }
  return trafficProgress(world, id);
}

/** A plan that cannot be made leaves nothing behind. */
async function forget(world: World, id: string, cause: unknown): Promise<never> {
  await world.store.deliveries.deleteMany({ traffic: id });
  await world.store.counted.deleteMany({ source: id });
  await world.store.traffics.deleteOne({ _id: id });
  throw cause;
}

/** Goes on with plans that a crash interrupted: a plan is drawn again the same, and what is already written stays. */
export async function finishPlanning(world: World): Promise<void> {
  for (const row of await world.store.traffics.find({ state: "planning" }).toArray()) {
    const plan = { input: row.request as unknown as TrafficInput, firstSeq: row.firstSeq };
    await write(world, row._id, plan)
      .catch(async (error: unknown) => forget(world, row._id, error))
      .catch((error: unknown) => {
        world.options.log?.warn(
          { err: error, trafficId: row._id },
          "an interrupted traffic can no longer be planned and is dropped",
        );
      });
  }
}

async function write(
  world: World,
  id: string,
  { input, firstSeq }: { input: TrafficInput; firstSeq: number },
): Promise<void> {
  const senders = await sendersOf(world, input.wabaIds);
  const url = (await appWebhook(world))?.callbackUrl;
  if (url === undefined) throw new Error("The app has no webhook address yet: POST /{app}/subscriptions first.");
  const { seed, messages, from, to, lose = 0 } = input;
  const plan = drawPlan({
    seed,
    bodies: messages,
    from,
    to,
    senders,
    withheld: lose,
    countryWeights: input.profile?.countries,
  });
  const priced = await priceAndCount(world, id, plan);
  const months = [...new Set(priced.map(({ row }) => row.month))];
  const issued = months.find((month) => issueTime(month) <= world.clock.now());
  if (issued !== undefined) throw new Error(`The invoice of ${issued} is already issued.`);
  const doubled = doubledLines(id, priced, input.double ?? 0);
  const rows = deliveryRows(id, plan, { url, firstSeq });
  await keep(world, rows);
  const hash = createHash("sha256");
  for (const { body } of rows) hash.update(body).update("\n");
  const report = reportOf(plan, priced, { doubledRows: doubled.length, bodiesSha256: hash.digest("hex") });
  const lastDueAt = rows.at(-1)?.dueAt ?? from;
  const done: Partial<TrafficRow> = {
    state: "planned",
    months,
    doubled,
    lastDueAt,
    report: report as unknown as Record<string, unknown>,
  };
  await world.store.traffics.updateOne({ _id: id }, { $set: done });
}

/** The numbers that can send: registered, on accounts that are subscribed and can pay. */
async function sendersOf(world: World, wabaIds: readonly string[] | undefined): Promise<Sender[]> {
  const among = wabaIds === undefined ? {} : { _id: { $in: [...wabaIds] } };
  const wabas = await world.store.nodes
    .find({ kind: "waba", subscribed: true, fundingId: { $exists: true }, ...among })
    .sort({ _id: 1 })
    .toArray();
  const phones = await world.store.nodes.find({ kind: "phone", status: "CONNECTED" }).sort({ _id: 1 }).toArray();
  const senders = wabas.flatMap((waba) =>
    phones.flatMap((phone) =>
      "wabaId" in phone && phone.wabaId === waba._id ? [{ waba: waba as WabaNode, phone: phone as PhoneNode }] : [],
    ),
  );
  const missing = (wabaIds ?? []).find((wabaId) => !senders.some(({ waba }) => waba._id === wabaId));
  if (missing !== undefined || senders.length === 0) {
    const who = missing === undefined ? "No account" : `The account ${missing}`;
    throw new Error(`${who} cannot send: it needs a registered number, our app's subscription and our credit line.`);
  }
  return senders;
}

/** Prices every delivery, the withheld ones last, and counts it as Meta does: at the time of delivery, whatever is posted. */
async function priceAndCount(world: World, id: string, plan: Plan): Promise<Priced[]> {
  const delivered = [...plan.messages, ...plan.withheld].filter((message) => message.deliveredAt !== undefined);
  const deliveries = delivered.map(asDelivered);
  const first = priceAll(world, deliveries, new Map());
  const months = [...new Set(first.map(({ row }) => row.month))];
  const priced = priceAll(world, deliveries, await positionsOf(world, { months, except: id }));
  delivered.forEach((message, at) => {
    const type = priced[at]?.type;
    if (type !== undefined) message.type = type;
  });
  await count(world, id, priced);
  return priced;
}

const asDelivered = (message: PlannedMessage): Delivered => ({
  ...message.sender,
  at: message.deliveredAt ?? new Date(0),
  category: message.category,
  iso2: message.iso2,
  ...(message.digits === undefined ? {} : { digits: message.digits }),
});

/** Lines of Meta's invoice to hold twice: charged ones, those of a single message first, so that a doubled line is a doubled message. */
function doubledLines(id: string, priced: readonly Priced[], wanted: number): string[] {
  const volumes = new Map<string, number>();
  for (const { row } of priced) {
    if (row.rateMicros > 0) volumes.set(lineKey(row), (volumes.get(lineKey(row)) ?? 0) + 1);
  }
  if (volumes.size < wanted)
    throw new Error(`The invoice has only ${volumes.size} charged lines, of which ${wanted} cannot be doubled.`);
  const keys = randomOf("double", id).shuffled([...volumes.keys()]);
  return keys.sort((one, other) => (volumes.get(one) ?? 0) - (volumes.get(other) ?? 0)).slice(0, wanted);
}

function deliveryRows(id: string, plan: Plan, { url, firstSeq }: { url: string; firstSeq: number }): DeliveryRow[] {
  return plan.bodies.map((body, place) => ({
    _id: `${id}:${String(place).padStart(7, "0")}`,
    seq: firstSeq + place,
    dueAt: new Date(body.postAt),
    url,
    body: renderBody(body),
    state: "pending",
    keys: body.updates.map(({ message }) => `${id}:${message.place}`),
    field: "messages",
    traffic: id,
  }));
}

async function keep(world: World, rows: readonly DeliveryRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += 1_000) {
    await onceOnly(async () => world.store.deliveries.insertMany(rows.slice(at, at + 1_000), { ordered: false }));
  }
}

/** @throws Error for a traffic that was never planned. */
export async function trafficProgress(world: World, id: string): Promise<TrafficProgress> {
  const row = await world.store.traffics.findOne({ _id: id });
  if (row === null) throw new Error(`There is no traffic ${id}.`);
  const posted = await world.store.deliveries.countDocuments({ traffic: id, state: "acknowledged" });
  const pending = await world.store.deliveries.countDocuments({ traffic: id, state: "pending" });
  const next = await world.store.deliveries.findOne({ traffic: id, state: "pending" }, { sort: { dueAt: 1, seq: 1 } });
  return {
    id,
    state: row.state,
    posted,
    pending,
    done: row.state === "planned" && pending === 0,
    now: world.clock.now(),
    ...(next === null ? {} : { nextDueAt: next.dueAt }),
    ...(row.lastDueAt === undefined ? {} : { lastDueAt: row.lastDueAt }),
    ...(row.report === undefined ? {} : { report: row.report as unknown as TrafficReport }),
  };
}
