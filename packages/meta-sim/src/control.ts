import { type SignupInput, type SignupResult, embeddedSignup } from "./signup.js";
import { type HandPost, postByHand } from "./hand.js";
import { type NewFault, setFault } from "./faults.js";
import { type ClockSetting } from "./options.js";
import { type CountedRow, type FaultRow, type RequestRow } from "./store.js";
import { type TimeKeeper } from "./time.js";
import { type TrafficInput, type TrafficProgress, planTraffic, trafficProgress } from "./traffic/traffic.js";
import { type World, emit, requireNode } from "./world.js";

export interface CountedTotals {
  readonly volume: number;
  readonly charged: number;
  readonly free: number;
  /** Millionths of the currency unit, by currency. */
  readonly micros: Readonly<Record<string, number>>;
  readonly rows: readonly CountedRow[];
}

export interface CountedFilter {
  readonly wabaId?: string | undefined;
  /** `2026-11`, in the accounts' zones. */
  readonly month?: string | undefined;
}

export interface WebhookLog {
  readonly pending: number;
  readonly acknowledged: number;
  /** Reports that nobody was subscribed to. */
  readonly unwanted: number;
  /** Posts by what came back: an HTTP status or an error's code. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** Everything that makes the simulated Meta do what the world outside would do. The same as the routes under `/_sim/`. */
export interface MetaSimControl {
  readonly now: () => Date;
  /** Moves the clock and does what falls due; backwards is refused. Waits for webhooks for up to 30 seconds of system time. */
  readonly setClock: (setting: ClockSetting) => Promise<{ readonly now: Date; readonly pending: number }>;
  readonly embeddedSignup: (input: SignupInput) => Promise<SignupResult>;
  /** The code that the number's owner got by SMS or call. */
  readonly codeOf: (phoneNumberId: string) => Promise<string>;
  /** A user writes to a number. */
  readonly inbound: (message: {
    readonly phoneNumberId: string;
    readonly from: string;
    readonly text: string;
  }) => Promise<void>;
  readonly postWebhook: (post: HandPost) => Promise<{ readonly outcome: string }>;
  readonly webhooks: () => Promise<WebhookLog>;
  readonly requests: (limit?: number) => Promise<readonly RequestRow[]>;
  readonly setFault: (fault: NewFault) => Promise<FaultRow>;
  readonly counted: (of?: CountedFilter) => Promise<CountedTotals>;
  /** Plans traffic; nothing is posted before its time comes. The same input twice is the same traffic. */
  readonly startTraffic: (input: TrafficInput) => Promise<TrafficProgress>;
  readonly traffic: (id: string) => Promise<TrafficProgress>;
  /** Moves the clock and posts all that is due, waiting for as long as it takes to be acknowledged. */
  readonly runTrafficUntil: (id: string, now: Date) => Promise<TrafficProgress>;
  /** Forgets everything and starts the clock again as it was configured. */
  readonly reset: () => Promise<void>;
}

const patienceMs = 30_000;

export function controlOf(world: World, time: TimeKeeper, reset: () => Promise<void>): MetaSimControl {
  return {
    now: () => world.clock.now(),
    setClock: async (setting) => {
      await time.setClock(setting, patienceMs);
      return { now: world.clock.now(), pending: await pending(world) };
    },
    embeddedSignup: async (input) => embeddedSignup(world, input),
    codeOf: async (phoneNumberId) => codeOf(world, phoneNumberId),
    inbound: async (message) => inbound(world, message),
    postWebhook: async (post) => postByHand(world, post),
    setFault: async (fault) => setFault(world, fault),
    startTraffic: async (input) => planTraffic(world, input),
    traffic: async (id) => trafficProgress(world, id),
    runTrafficUntil: async (id, now) => {
      await trafficProgress(world, id);
      await time.setClock({ now });
      return trafficProgress(world, id);
    },
    ...observing(world),
    reset,
  };
}

const pending = async (world: World): Promise<number> =>
  world.store.deliveries.countDocuments({ state: "pending", dueAt: { $lte: world.clock.now() } });

function observing(world: World): Pick<MetaSimControl, "webhooks" | "requests" | "counted"> {
  return {
    webhooks: async () => {
      const outcomes = await world.store.outcomes.find().sort({ _id: 1 }).toArray();
      return {
        pending: await pending(world),
        acknowledged: await world.store.deliveries.countDocuments({ state: "acknowledged" }),
        unwanted: await world.store.deliveries.countDocuments({ state: "unwanted" }),
        outcomes: Object.fromEntries(outcomes.map(({ _id, count }) => [_id, count])),
      };
    },
    requests: async (limit = 100) => world.store.requests.find().sort({ $natural: -1 }).limit(limit).toArray(),
    counted: async (of = {}) => totals(await countedRows(world, of)),
  };
}

async function countedRows(world: World, { wabaId, month }: CountedFilter): Promise<CountedRow[]> {
  const filter = { ...(wabaId === undefined ? {} : { wabaId }), ...(month === undefined ? {} : { month }) };
  return world.store.counted
    .find({ ...filter, slot: { $lt: world.clock.now() } })
    .sort({ _id: 1 })
    .toArray();
}

function totals(rows: readonly CountedRow[]): CountedTotals {
  const sum = (some: readonly CountedRow[]): number => some.reduce((total, row) => total + row.volume, 0);
  const micros: Record<string, number> = {};
  for (const row of rows) micros[row.currency] = (micros[row.currency] ?? 0) + row.rateMicros * row.volume;
  const charged = sum(rows.filter((row) => row.type === "REGULAR"));
  return { volume: sum(rows), charged, free: sum(rows) - charged, micros, rows };
}

async function codeOf(world: World, phoneNumberId: string): Promise<string> {
  const phone = await requireNode(world, "phone", phoneNumberId);
  if (phone.code === undefined) throw new Error(`No code was requested for the number ${phoneNumberId} yet.`);
  return phone.code;
}

async function inbound(world: World, message: { phoneNumberId: string; from: string; text: string }): Promise<void> {
  const phone = await requireNode(world, "phone", message.phoneNumberId);
  const at = String(Math.floor(world.clock.now().getTime() / 1000));
  const user_id = `ZZ.${world.names.digits(18, "user", message.from)}`;
  const id = `wamid.${Buffer.from(world.names.hex(40, "inbound", phone._id, message.from, message.text, at)).toString("base64")}`;
  const value = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: phone.cc + phone.national, phone_number_id: phone._id },
    contacts: [{ profile: { name: "Local user" }, wa_id: message.from, user_id }],
    messages: [
      { from: message.from, from_user_id: user_id, id, timestamp: at, type: "text", text: { body: message.text } },
    ],
  };
  await emit(world, { entryId: phone.wabaId, wabaId: phone.wabaId, field: "messages", value, id: `inbound:${id}` });
}
