import { type Collection, type Db } from "mongodb";

/** Everything the simulated Meta knows, one document per node of its graph. */
export type Node = BusinessNode | WabaNode | PhoneNode | TemplateNode | AllocationNode | InvoiceNode;
export type NodeKind = Node["kind"];

interface NodeBase {
  readonly _id: string;
}
export interface BusinessNode extends NodeBase {
  readonly kind: "business";
  readonly name: string;
  readonly verified: boolean;
}
export interface WabaNode extends NodeBase {
  readonly kind: "waba";
  readonly name: string;
  readonly businessId: string;
  readonly currency: string;
  /** IANA name. */
  readonly zone: string;
  readonly country: string;
  readonly createdAt: Date;
  readonly review: "PENDING" | "APPROVED";
  /** The credential that pays; absent until a credit line is attached. */
  readonly fundingId?: string;
  /** Whether our app receives the account's webhooks, and an address that overrides the app's for messages. */
  readonly subscribed: boolean;
  readonly override?: { readonly callbackUri: string; readonly verifyToken: string };
}
export interface PhoneNode extends NodeBase {
  readonly kind: "phone";
  readonly wabaId: string;
  readonly businessId: string;
  readonly cc: string;
  readonly national: string;
  readonly verifiedName: string;
  readonly nameStatus: "PENDING_REVIEW" | "APPROVED" | "DECLINED";
  readonly codeStatus: "NOT_VERIFIED" | "VERIFIED";
  /** The code last sent by SMS or voice. */
  readonly code?: string;
  readonly codesSent: number;
  readonly status: "PENDING" | "CONNECTED" | "DISCONNECTED";
  readonly pin?: string;
  /** Registrations and deregistrations, for the limit of 10 in 72 hours. */
  readonly registrations: readonly Date[];
  readonly badge: BadgeState;
  readonly createdAt: Date;
}
export interface BadgeState {
  readonly status: "NOT_STARTED" | "PENDING" | "APPROVED" | "REJECTED";
  readonly requestedAt?: Date;
  readonly decidedAt?: Date;
  readonly application?: Record<string, unknown>;
}
export interface TemplateNode extends NodeBase {
  readonly kind: "template";
  readonly wabaId: string;
  readonly businessId: string;
  readonly name: string;
  readonly language: string;
  readonly status: "PENDING" | "APPROVED" | "REJECTED" | "PAUSED" | "DISABLED" | "DELETED";
  readonly category: string;
  readonly previousCategory?: string;
  readonly rejectedReason: string;
  readonly components: readonly Record<string, unknown>[];
  readonly parameterFormat: string;
  readonly updatedAt: Date;
  /** Grows with every submission, so that a decision about an older one is recognised. */
  readonly submission: number;
}
export interface AllocationNode extends NodeBase {
  readonly kind: "allocation";
  readonly creditLineId: string;
  readonly receivingBusinessId: string;
  readonly receivingCredentialId: string;
  readonly requestStatus: "ACCEPTED" | "DELETED";
}
export interface InvoiceNode extends NodeBase {
  readonly kind: "invoice";
  readonly month: string;
  readonly currency: string;
  readonly issuedAt: Date;
  /** Millionths of the currency unit. */
  readonly totalMicros: number;
  readonly csv: string;
  /** Part of the download address: whoever has the address may read. */
  readonly key: string;
}

export interface TokenRow {
  readonly _id: string;
  readonly businessId: string;
  readonly issuedAt: Date;
}
export interface CodeRow {
  readonly _id: string;
  readonly businessId: string;
  readonly issuedAt: Date;
  readonly used: boolean;
}
export interface JobRow {
  readonly _id: string;
  readonly dueAt: Date;
  readonly kind: string;
  readonly about: string;
  readonly submission?: number;
}
/** One webhook body: kept before its first attempt, until its receiver acknowledged it. */
export interface DeliveryRow {
  readonly _id: string;
  readonly seq: number;
  readonly dueAt: Date;
  readonly url: string;
  /** ASCII text: the exact bytes posted and signed. */
  readonly body: string;
  readonly state: "pending" | "acknowledged" | "unwanted";
  /** Bodies that share a key are never in flight together and keep their order. */
  readonly keys: readonly string[];
  readonly field: string;
  readonly traffic?: string;
}
/** Deliveries that Meta counted: one document per half hour and everything that analytics and invoice tell apart. */
export interface CountedRow {
  readonly _id: string;
  readonly source: string;
  readonly wabaId: string;
  readonly phoneId: string;
  readonly phoneNumber: string;
  readonly businessId: string;
  /** Start of the half hour. */
  readonly slot: Date;
  /** The day and month in the account's zone: `2026-11-30`, `2026-11`. */
  readonly date: string;
  readonly month: string;
  readonly country: string;
  readonly market: string;
  readonly category: string;
  readonly type: string;
  /** `lower:upper`; empty for free deliveries. */
  readonly tier: string;
  readonly currency: string;
  readonly rateMicros: number;
  readonly volume: number;
}
/** A volume tier that a webhook told of, from its first message on. */
export interface ToldTierRow {
  readonly _id: string;
  readonly businessId: string;
  readonly market: string;
  readonly month: string;
  readonly categories: readonly string[];
  readonly from: number;
  readonly since: Date;
}
export interface TrafficRow {
  readonly _id: string;
  readonly request: Record<string, unknown>;
  readonly state: "planning" | "planned";
  readonly firstSeq: number;
  readonly lastDueAt?: Date;
  readonly report?: Record<string, unknown>;
  /** Months, in the accounts' zones, that its deliveries fall into. */
  readonly months: readonly string[];
  /** Keys of the invoice lines that are to appear twice. */
  readonly doubled: readonly string[];
}
export interface RequestRow {
  readonly at: Date;
  readonly method: string;
  readonly route: string;
  readonly path: string;
  readonly status: number;
}
export interface FaultRow {
  readonly _id: string;
  /** `POST /{waba}/phone_numbers`, or `*`. */
  readonly route: string;
  readonly remaining: number;
  /** `refuse`: answer with the error instead of acting. `lose_answer`: act, then drop the connection. */
  readonly action: "refuse" | "lose_answer";
  readonly httpStatus: number;
  readonly code: number;
  readonly message: string;
  readonly isTransient: boolean;
}
export interface ClockRow {
  readonly _id: "clock";
  readonly mode: "fixed" | "system";
  readonly now: Date;
}
/** Where the app's webhooks go. */
export interface AppRow {
  readonly _id: "app";
  readonly callbackUrl: string;
  readonly verifyToken: string;
  readonly fields: readonly string[];
}

export interface SimStore {
  readonly nodes: Collection<Node>;
  readonly tokens: Collection<TokenRow>;
  readonly codes: Collection<CodeRow>;
  readonly jobs: Collection<JobRow>;
  readonly deliveries: Collection<DeliveryRow>;
  readonly outcomes: Collection<{ _id: string; count: number }>;
  readonly counted: Collection<CountedRow>;
  readonly toldTiers: Collection<ToldTierRow>;
  readonly proofs: Collection<ProofRow>;
  readonly traffics: Collection<TrafficRow>;
  readonly requests: Collection<RequestRow>;
  readonly faults: Collection<FaultRow>;
  readonly clock: Collection<ClockRow>;
  readonly app: Collection<AppRow>;
  readonly counters: Collection<{ _id: string; value: number }>;
}
/** What hand-posted statuses said about one message so far; it is counted once it has both a delivery and a price. */
export interface ProofRow {
  readonly _id: string;
  readonly deliveredAt?: Date;
  readonly pricing?: Record<string, unknown>;
}

export function simStore(db: Db): SimStore {
  return {
    nodes: db.collection("nodes"),
    tokens: db.collection("tokens"),
    codes: db.collection("codes"),
    jobs: db.collection("jobs"),
    deliveries: db.collection("deliveries"),
    outcomes: db.collection("outcomes"),
    counted: db.collection("counted"),
    toldTiers: db.collection("told_tiers"),
    proofs: db.collection("proofs"),
    traffics: db.collection("traffics"),
    requests: db.collection("requests"),
    faults: db.collection("faults"),
    clock: db.collection("clock"),
    app: db.collection("app"),
    counters: db.collection("counters"),
  };
}

export async function ensureIndexes(store: SimStore): Promise<void> {
  await store.nodes.createIndexes([{ key: { kind: 1, wabaId: 1 } }, { key: { kind: 1, businessId: 1 } }]);
  await store.jobs.createIndexes([{ key: { dueAt: 1 } }]);
  await store.deliveries.createIndexes([{ key: { state: 1, dueAt: 1, seq: 1 } }, { key: { traffic: 1, state: 1 } }]);
  await store.counted.createIndexes([{ key: { wabaId: 1, slot: 1 } }, { key: { month: 1, currency: 1 } }]);
}

/** Forgets everything. */
export async function emptyAll(store: SimStore): Promise<void> {
  const all: Collection<never>[] = Object.values(store) as Collection<never>[];
  for (const collection of all) await collection.deleteMany({});
}

/** Reserves `count` numbers of a growing series and answers the first. */
export async function reserve(store: SimStore, series: string, count = 1): Promise<number> {
  const row = await store.counters.findOneAndUpdate(
    { _id: series },
    { $inc: { value: count } },
    { upsert: true, returnDocument: "after" },
  );
  return (row?.value ?? count) - count + 1;
}

/** Runs an insert that may already have happened before a restart. */
export async function onceOnly(insert: () => Promise<unknown>): Promise<void> {
  try {
    await insert();
  } catch (error) {
    if (!isDuplicate(error)) throw error;
  }
}
const isDuplicate = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === 11000;
