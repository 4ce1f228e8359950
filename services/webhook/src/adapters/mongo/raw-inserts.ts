import { AppError } from "@greentick/kernel";
import { type Binary, type Collection } from "mongodb";
import { type KeptBody } from "../../domain/kept-body.js";
import { writtenOf } from "./insert-outcome.js";

/** The document of a kept body. */
export interface RawRow {
  _id: string;
  schemaVersion: 1;
  provider: KeptBody["provider"];
  sequence: string;
  receivedAt: Date;
  /** The same instant, as long as its bytes are there: an index of it tells of kept bodies without a look at them. */
  keptAt?: Date;
  requestId: string;
  /** Absent once its bytes are erased. */
  body?: Binary;
  sizeBytes: number;
  repeats: number;
  /** Present until the body has been split. */
  waiting?: true;
  /** Where it stands in line; see Lane. */
  lane?: string;
  lanes?: readonly string[];
  /** What its updates can be found by: by anybody who sees all tenants, and as `<tenant>/<ref>` by their owners. */
  refs?: string[];
  /** By index, what was handed on of its updates. */
  told?: string[];
  /** How many updates it held; known once it is split. */
  updates?: number;
  /** System time at which something of it was handed on last, noted right after. */
  publishedAt?: Date;
  /** Whom its updates name: `<tenant>/<keyed hash>`. */
  people?: string[];
  /** Whose updates it holds. */
  tenants?: string[];
  /** System time at which its bytes were erased. */
  erasedAt?: Date;
}

export type Outcome = "kept" | "repeated" | AppError;

/** A body on its way into the log, and whoever waits to hear that it is durable. */
export interface Pending {
  readonly row: RawRow;
  readonly settle: (outcome: Outcome) => void;
}

const unavailable = (cause: unknown): AppError =>
  new AppError(
    "PROVIDER_UNAVAILABLE",
    "store_unavailable",
    "The webhook could not be made durable. Send it again.",
    {},
    { cause },
  );

/**
 * Writes the bodies in one journalled insert and tells everyone who waits what became of his. Kept and repeated are said only of bytes that a
 * write has proved durable; whatever else the store answered, alone or mixed with duplicates, fails those whom it may concern. Never throws.
 */
export async function writeTogether(rows: Collection<RawRow>, batch: readonly Pending[]): Promise<void> {
  const firsts = new Map<string, Pending>();
  for (const one of batch) if (!firsts.has(one.row._id)) firsts.set(one.row._id, one);
  const written = await insertAll(
    rows,
    [...firsts.values()].map(({ row }) => row),
  );
  const met = new Map([...firsts.keys()].map((key, at) => [key, written[at] ?? unavailable("no answer")]));
  const outcomes = batch.map((one): readonly [Pending, Outcome] => {
    const outcome = met.get(one.row._id) ?? unavailable("no answer");
    return [one, outcome === "kept" && firsts.get(one.row._id) !== one ? "repeated" : outcome];
  });
  const repeated = outcomes.flatMap(([{ row }, outcome]) => (outcome === "repeated" ? [row._id] : []));
  const counted = await countRepeats(rows, repeated);
  for (const [one, outcome] of outcomes) one.settle(outcome === "repeated" ? counted : outcome);
}

/** One unordered insert; what each row met. */
async function insertAll(rows: Collection<RawRow>, batch: readonly RawRow[]): Promise<readonly Outcome[]> {
  try {
    await rows.insertMany([...batch], { ordered: false });
    return batch.map(() => "kept");
  } catch (error) {
    return afterFailure(error, batch.length);
  }
}

function afterFailure(error: unknown, count: number): readonly Outcome[] {
  const failure = unavailable(error);
  const outcomes = { kept: "kept", there: "repeated", failed: failure } as const;
  return writtenOf(error, count).map((written) => outcomes[written]);
}

/**
 * Counts what came again. A duplicate key tells that the row is there, not that it would survive: this write is acknowledged as every other, and
 * proves the row before it. What it does not find, or cannot write, must be sent once more.
 */
async function countRepeats(rows: Collection<RawRow>, repeated: readonly string[]): Promise<Outcome> {
  const times = new Map<string, number>();
  for (const key of repeated) times.set(key, (times.get(key) ?? 0) + 1);
  if (times.size === 0) return "repeated";
  try {
    const { matchedCount } = await rows.bulkWrite(
      [...times].map(([_id, n]) => ({ updateOne: { filter: { _id }, update: { $inc: { repeats: n } } } })),
      { ordered: false },
    );
    if (matchedCount === times.size) return "repeated";
    return unavailable(new Error(`${times.size - matchedCount} of ${times.size} repeated bodies are not in the log.`));
  } catch (error) {
    return unavailable(error);
  }
}
