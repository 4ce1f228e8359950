import { type Db } from "mongodb";
import { type Log } from "../log.js";

/** One request as it was answered; `at` is system time. `status` is null when no answer was sent. */
export interface LoggedRequest {
  readonly at: Date;
  readonly method: string;
  readonly path: string;
  readonly idempotencyKey: string | null;
  readonly status: number | null;
  readonly requestId: string;
}

export interface RequestLog {
  add: (request: LoggedRequest) => void;
  /** The newest requests, newest first. */
  list: (limit: number) => Promise<LoggedRequest[]>;
  /** Resolves when everything added is kept. */
  flush: () => Promise<void>;
}

const keptRequests = 20_000;
const trimEvery = 1000;

interface LogRow extends LoggedRequest {
  readonly n: number;
}

/** Keeps the newest requests in the database; written behind, so that a request does not wait for its log line. */
export async function openRequestLog(db: Db, log: Log): Promise<RequestLog> {
  const rows = db.collection<LogRow>("requests");
  await rows.createIndex({ n: -1 }, {}, {});
  const [last] = await rows.find({}, { sort: { n: -1 }, limit: 1 }).toArray();
  let n = (last?.n ?? 0) + 1;
  let pending: LogRow[] = [];
  let tail: Promise<void> = Promise.resolve();
  const write = async (): Promise<void> => {
    const batch = pending;
    pending = [];
    if (batch.length === 0) return;
    await rows.insertMany(batch);
    if ((batch[0]?.n ?? 0) % trimEvery >= trimEvery - batch.length)
      await rows.deleteMany({ n: { $lt: n - keptRequests } });
  };
  const flush = (): Promise<void> => {
    tail = tail.then(write).catch((error: unknown) => {
      log.error({ err: error }, "requests could not be logged");
    });
    return tail;
  };
  return {
    add: (request) => {
      pending.push({ ...request, n: n++ });
      void flush();
    },
    list: async (limit) => {
      await flush();
      return rows.find({}, { sort: { n: -1 }, limit, projection: { _id: 0, n: 0 } }).toArray();
    },
    flush,
  };
}
