import { microsFromDecimal, utcDayOf } from "@greentick/kernel";
import { type Collection, type Db, MongoClient } from "mongodb";

/** What the books do not agree on, each thing in a sentence. */
export interface Disagreement {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
}

/** Micros by `customer, bucket, day`. */
type Totals = ReadonlyMap<string, bigint>;

const keyOf = (...parts: readonly string[]): string => parts.join(", ");

interface Sum {
  readonly _id: { readonly tenantId: string; readonly bucket: string; readonly day: string };
  readonly micros: bigint | number;
}

async function entryTotals(entries: Collection, customers: ReadonlyMap<string, string>): Promise<Totals> {
  const by = { tenantId: "$tenantId", bucket: "$bucket", day: "$day" };
  const rows = await entries
    .aggregate<Sum>([{ $group: { _id: by, micros: { $sum: "$charge.amountMicros" } } }])
    .toArray();
  return new Map(
    rows.map(({ _id: { tenantId, bucket, day }, micros }) => [
      keyOf(customers.get(tenantId) ?? tenantId, bucket, day),
      BigInt(micros),
    ]),
  );
}

interface MeterRow {
  readonly object: { readonly id: string; readonly event_name: string };
}
interface MeterEventRow {
  readonly object: {
    readonly customer: string;
    readonly meter: string;
    /** Seconds. */
    readonly timestamp: bigint | number;
    readonly value: string;
  };
}

/** Of a customer's events in a meter's day the one received last counts (Stripe: usage-based/meters/configure). */
async function stripeTotals(stripe: Db): Promise<Totals> {
  const meters = await stripe.collection<MeterRow>("meters").find().toArray();
  const buckets = new Map(meters.map(({ object }) => [object.id, object.event_name.replace(/^wa\./, "")]));
  const events = stripe.collection<MeterEventRow>("meter_events").find({ "object.cancelled": false });
  const totals = new Map<string, bigint>();
  for await (const { object } of events.sort({ "object.order": 1 })) {
    const day = utcDayOf(new Date(Number(object.timestamp) * 1_000));
    totals.set(keyOf(object.customer, buckets.get(object.meter) ?? object.meter, day), microsFromDecimal(object.value));
  }
  return totals;
}

/**
 * At rest, what clients owe is said twice: by the entries of the ledger, and at Stripe. Where the two differ, something was lost or doubled on the
 * way; and an event that still lies in an outbox has not been told to anybody. For months that are not invoiced.
 */
export async function disagreements(storeUri: string): Promise<Disagreement> {
  const mongo = await MongoClient.connect(storeUri, { useBigInt64: true });
  try {
    const billing = mongo.db("greentick_billing");
    const accounts = await billing.collection<AccountRow>("billing_accounts").find().toArray();
    const customers = new Map(accounts.map(({ tenantId, state }) => [tenantId, state.customerId ?? "nobody"]));
    const owed = await entryTotals(billing.collection("entries"), customers);
    const told = await stripeTotals(mongo.db("greentick_local_stripe"));
    const amounts = [...new Set([...owed.keys(), ...told.keys()])].map((key) => {
      const [ours, theirs] = [owed.get(key) ?? 0n, told.get(key) ?? 0n];
      return { ours, theirs, sentence: `Of ${key} Stripe was told ${theirs} micros, the entries say ${ours}` };
    });
    const sentences = (differ: (one: { ours: bigint; theirs: bigint }) => boolean): readonly string[] =>
      amounts.filter(differ).map(({ sentence }) => sentence);
    return {
      lost: [...sentences(({ ours, theirs }) => theirs < ours), ...(await untold(mongo))],
      doubled: sentences(({ ours, theirs }) => theirs > ours),
    };
  } finally {
    await mongo.close();
  }
}

interface AccountRow {
  readonly tenantId: string;
  readonly state: { readonly customerId?: string };
}

async function untold(mongo: MongoClient): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of ["tenant", "onboarding", "template", "billing", "webhook"]) {
    const db = mongo.db(`greentick_${name}`);
    for (const { name: collection } of await db.listCollections({}, { nameOnly: true }).toArray()) {
      const waiting = await db.collection(collection).countDocuments({ "outbox.0": { $exists: true } });
      if (waiting > 0) found.push(`${waiting} of ${name}'s ${collection} have events that were told to nobody`);
    }
  }
  return found;
}
