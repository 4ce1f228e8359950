import { AppError, type Clock, makeId, type RandomBytes, type Scope } from "@greentick/kernel";
import { type Database, type Sealer } from "@greentick/runtime";
import { Binary, type Collection, MongoBulkWriteError } from "mongodb";
import { type Arrival, type KeptBody } from "../../domain/kept-body.js";
import { type DoorCounts, type RawLog } from "../../ports.js";

interface Row {
  _id: string;
  schemaVersion: 1;
  provider: KeptBody["provider"];
  sequence: string;
  receivedAt: Date;
  requestId: string;
  /** Absent once its bytes are erased. */
  body?: Binary;
  sizeBytes: number;
  repeats: number;
  /** Present until the body has been split. */
  waiting?: true;
  /** How many updates it held; known once it is split. */
  updates?: number;
  /** Whom its updates name: `<tenant>/<keyed hash>`. */
  people?: string[];
  /** Whose updates it holds. */
  tenants?: string[];
  /** System time at which its bytes were erased. */
  erasedAt?: Date;
}

interface Pending {
  readonly row: Row;
  readonly settle: (outcome: "kept" | "repeated" | AppError) => void;
}

const maxPending = 5_000;
const maxBatch = 500;

const overloaded = (): AppError =>
  new AppError(
    "RATE_LIMITED",
    "overloaded",
    "More webhooks are waiting for the disk than can be kept. Send it again in a second.",
  );
const unavailable = (cause: unknown): AppError =>
  new AppError(
    "PROVIDER_UNAVAILABLE",
    "store_unavailable",
    "The webhook could not be made durable. Send it again.",
    {},
    { cause },
  );

/** The body of a key binds the seal: a sealed body moved under another key does not open. */
const about = (key: string): string => `webhook/${key}`;

export interface RawLogParts {
  readonly database: Database;
  readonly sealer: Sealer;
  readonly randomBytes: RandomBytes;
  readonly now: Clock;
}

/** The raw log over MongoDB. Writes wait for each other's company: one journalled insert for all that arrived during the last one. */
export function mongoRawLog(parts: RawLogParts): RawLog & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<Row> = parts.database.db.collection("raw");
  const pending: Pending[] = [];
  let flushing = false;
  const flush = async (): Promise<void> => {
    flushing = true;
    while (pending.length > 0) await writeTogether(rows, pending.splice(0, maxBatch));
    flushing = false;
  };
  const nextSequence = sequencer(parts);
  const toRow = (arrival: Arrival): Row => ({
    _id: arrival.key,
    schemaVersion: 1,
    provider: arrival.provider,
    sequence: nextSequence(),
    receivedAt: arrival.receivedAt,
    requestId: arrival.requestId,
    body: new Binary(parts.sealer.seal(about(arrival.key), arrival.body)),
    sizeBytes: arrival.body.length,
    repeats: 0,
    waiting: true,
  });
  const fromRow = (row: Row & { body: Binary }): KeptBody => ({
    key: row._id,
    provider: row.provider,
    sequence: row.sequence,
    receivedAt: row.receivedAt,
    requestId: row.requestId,
    body: parts.sealer.open(about(row._id), row.body.buffer),
    repeats: row.repeats,
  });
  const withBody = (found: readonly Row[]): KeptBody[] => found.filter(hasBody).map(fromRow);
  return {
    keep: (arrival) =>
      new Promise((resolve, reject) => {
        if (pending.length >= maxPending) {
          reject(overloaded());
          return;
        }
        pending.push({
          row: toRow(arrival),
          settle: (outcome) => {
            if (outcome instanceof AppError) reject(outcome);
            else resolve(outcome);
          },
        });
        if (!flushing) void flush();
      }),
    waiting: async (scope, limit) =>
      withBody(
        await rows
          .find({ ...only(scope), waiting: true })
          .sort({ sequence: 1 })
          .limit(limit)
          .toArray(),
      ),
    markSplit: async (scope, bodies) => {
      const writes = bodies.map(({ key, updates, people, tenants }) => ({
        updateOne: {
          filter: { ...only(scope), _id: key },
          update: {
            $set: { updates },
            ...(tenants.length > 0 && { $addToSet: named(people, tenants) }),
            $unset: { waiting: 1 as const },
          },
        },
      }));
      await rows.bulkWrite(writes, { ordered: false });
    },
    find: async (scope, key) => withBody(await rows.find({ ...only(scope), _id: { $eq: key } }).toArray())[0],
    namingPeople: async (scope, people) =>
      withBody(
        await rows
          .find({ ...only(scope), people: { $in: [...people] } })
          .sort({ sequence: 1 })
          .toArray(),
      ),
    notePeople: async (scope, { key, people, tenants }) => {
      await rows.updateOne({ ...only(scope), _id: key }, { $addToSet: named(people, tenants) });
    },
    rewrite: async (scope, { key, body, people }) => {
      const sealed = new Binary(parts.sealer.seal(about(key), body));
      const change = { $set: { body: sealed }, $pullAll: { people: [...people] } };
      await rows.updateOne({ ...only(scope), _id: key, body: { $exists: true } }, change);
    },
    eraseBefore: async (scope, before, held) => {
      const old = {
        ...only(scope),
        receivedAt: { $lt: before },
        body: { $exists: true },
        waiting: { $exists: false },
        tenants: { $nin: [...held] },
      };
      const gone = { $unset: { body: 1, people: 1 }, $set: { erasedAt: parts.now() } } as const;
      return (await rows.updateMany(old, gone)).modifiedCount;
    },
    counts: (scope) => countRows(rows, only(scope)),
    ensureIndexes: async () => {
      await rows.createIndexes([
        { key: { sequence: 1 }, name: "waiting", partialFilterExpression: { waiting: true } },
        { key: { people: 1 }, name: "people", partialFilterExpression: { people: { $exists: true } } },
        { key: { receivedAt: 1 }, name: "with_bytes", partialFilterExpression: { body: { $exists: true } } },
      ]);
    },
  };
}

const named = (people: readonly string[], tenants: readonly string[]) => ({
  people: { $each: [...people] },
  tenants: { $each: [...tenants] },
});

const hasBody = (row: Row): row is Row & { body: Binary } => row.body !== undefined;

async function countRows(rows: Collection<Row>, filter: Record<string, never>): Promise<DoorCounts> {
  const repeatedUpdates = { $sum: { $multiply: ["$repeats", { $ifNull: ["$updates", 0] }] } };
  const [total] = await rows
    .aggregate<Record<"kept" | "repeats" | "repeatedUpdates", number | bigint>>([
      { $match: filter },
      { $group: { _id: null, kept: { $sum: 1 }, repeats: { $sum: "$repeats" }, repeatedUpdates } },
    ])
    .toArray();
  return {
    kept: Number(total?.kept ?? 0),
    repeats: Number(total?.repeats ?? 0),
    repeatedUpdates: Number(total?.repeatedUpdates ?? 0),
    waiting: await rows.countDocuments({ waiting: true }),
  };
}

/** Keys that sort by order of receipt, also within one millisecond and when the system clock steps back. */
function sequencer(parts: RawLogParts): () => string {
  let latest = 0;
  let count = 0;
  return () => {
    latest = Math.max(latest, parts.now().getTime());
    count = (count + 1) >>> 0;
    const tail = Buffer.from(parts.randomBytes(10));
    tail.writeUInt32BE(count, 0);
    return makeId("event", latest, tail);
  };
}

/** The log belongs to the deployment, not to a tenant: only system work reads it; what a tenant may see is cut out by its update's owner. */
function only(scope: Scope): Record<string, never> {
  if (!("system" in scope))
    throw new RangeError("the raw log is read with a system scope; a tenant sees its own updates only");
  return {};
}

async function writeTogether(rows: Collection<Row>, batch: readonly Pending[]): Promise<void> {
  const unique = new Map<string, Pending>();
  const twins: Pending[] = [];
  for (const one of batch) {
    if (unique.has(one.row._id)) twins.push(one);
    else unique.set(one.row._id, one);
  }
  const first = [...unique.values()];
  const outcome = await insertAll(rows, first);
  const repeated = [...first.filter((_, at) => outcome[at] === "repeated"), ...twins];
  await countRepeats(rows, repeated).catch(() => undefined);
  first.forEach((one, at) => {
    one.settle(outcome[at] ?? "kept");
  });
  for (const twin of twins) {
    const of = unique.get(twin.row._id);
    const mate = of === undefined ? undefined : outcome[first.indexOf(of)];
    twin.settle(mate instanceof AppError ? mate : "repeated");
  }
}

/** One unordered insert; what each row met. A duplicate key means that the bytes are kept already. */
async function insertAll(
  rows: Collection<Row>,
  batch: readonly Pending[],
): Promise<("kept" | "repeated" | AppError)[]> {
  try {
    await rows.insertMany(
      batch.map((one) => one.row),
      { ordered: false },
    );
    return batch.map(() => "kept" as const);
  } catch (error) {
    const codes = error instanceof MongoBulkWriteError ? codesByIndex(error) : undefined;
    if (codes === undefined || codes.size === 0) return batch.map(() => unavailable(error));
    return batch.map((_, at) => outcomeOf(codes.get(at), error));
  }
}

function codesByIndex(error: MongoBulkWriteError): ReadonlyMap<number, number> {
  const errors = (Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors]) as {
    index: number;
    code: number;
  }[];
  return new Map(errors.map((one) => [one.index, one.code]));
}

const outcomeOf = (code: number | undefined, error: unknown): "kept" | "repeated" | AppError => {
  if (code === undefined) return "kept";
  return code === 11000 ? "repeated" : unavailable(error);
};

async function countRepeats(rows: Collection<Row>, repeated: readonly Pending[]): Promise<void> {
  if (repeated.length === 0) return;
  await rows.bulkWrite(
    repeated.map((one) => ({ updateOne: { filter: { _id: one.row._id }, update: { $inc: { repeats: 1 } } } })),
    { ordered: false },
  );
}
