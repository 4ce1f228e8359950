import { randomBytes } from "node:crypto";
import { systemScope } from "@greentick/kernel";
import { connectDatabase, type Database, sealer } from "@greentick/runtime";
import { testDatabase } from "@greentick/testing";
import { BSON, type Collection, MongoBulkWriteError, type WriteConcernError } from "mongodb";
import { type RawLog } from "../../ports.js";
import { mongoRawLog } from "./raw-log.js";
import { type RawLogBounds, type Timing } from "./waiting-line.js";

const scope = systemScope("webhook-split");
const megabyte = 1_000_000;

describe("the log of kept bodies", () => {
  const { uri, dbName } = testDatabase("rawlog");
  const seal = sealer(randomBytes(32));
  let database: Database;
  let methods: Pick<Collection, "insertMany" | "bulkWrite">;
  let names = 0;
  beforeAll(async () => {
    database = await connectDatabase(uri, dbName());
    await database.db.createCollection("raw", { validator: { requestId: { $ne: "req_refused" } } });
    await open().ensureIndexes();
    methods = Object.getPrototypeOf(database.db.collection("raw")) as typeof methods;
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => database.close());

  const open = (bounds: Partial<RawLogBounds> = {}, timing: Partial<Timing> = {}): ReturnType<typeof mongoRawLog> =>
    mongoRawLog({ database, sealer: seal, randomBytes, now: () => new Date(), bounds, timing });
  const aKey = (): string => `key ${names++}`;
  const keep = (log: RawLog, key: string, { bytes = 10, requestId = "req_1" } = {}): Promise<string> =>
    log
      .keep({ key, provider: "meta", body: Buffer.alloc(bytes, 32), receivedAt: new Date(), requestId })
      .catch((error: unknown) => (error as { reason: string }).reason);
  /** The first goes to the disk alone; the others wait for it and share the next insert. */
  const keepTogether = async (log: RawLog, ...others: readonly Promise<string>[]): Promise<readonly string[]> =>
    (await Promise.all([keep(log, aKey()), ...others])).slice(1);
  const inLog = async (key: string): Promise<boolean> => (await open().find(scope, key)) !== undefined;

  /** The next insert reaches the store when what is returned is called. */
  const heldInsert = (): (() => void) => {
    const real = methods.insertMany;
    let pass = (): void => undefined;
    const passed = new Promise<void>((resolve) => {
      pass = resolve;
    });
    jest.spyOn(methods, "insertMany").mockImplementationOnce(async function (this: Collection, ...args) {
      await passed;
      return real.apply(this, args);
    });
    return pass;
  };

  /** Lets the inserts that meet an error reach the store, and hands that error on as the store would answer under more troubles. */
  const withTrouble = (add: (error: MongoBulkWriteError) => void): void => {
    const real = methods.insertMany;
    jest.spyOn(methods, "insertMany").mockImplementation(async function (this: Collection, ...args) {
      return real.apply(this, args).catch((error: unknown) => {
        if (error instanceof MongoBulkWriteError) add(error);
        throw error;
      });
    });
  };

  it("tells each of those who share a write what became of his body: kept, repeated, or refused by the store", async () => {
    const log = open();
    const [fresh, known, refused] = [aKey(), aKey(), aKey()];
    await keep(log, known);
    const first = keep(log, aKey());
    const together = [keep(log, fresh), keep(log, known), keep(log, refused, { requestId: "req_refused" })];
    expect(await first).toBe("kept");
    expect(await Promise.all(together)).toEqual(["kept", "repeated", "store_unavailable"]);
    expect([await inLog(fresh), await inLog(refused)]).toEqual([true, false]);
  });

  it("acknowledges nothing of an insert that the store did not make durable as asked, although duplicates came with it", async () => {
    const log = open();
    const [fresh, known] = [aKey(), aKey()];
    await keep(log, known);
    withTrouble((error) => {
      const late = { code: 64, errmsg: "waiting for replication timed out" } as WriteConcernError;
      jest.spyOn(error.result, "getWriteConcernError").mockReturnValue(late);
    });
    const first = keep(log, aKey());
    const together = [keep(log, fresh), keep(log, known)];
    await first;
    expect(await Promise.all(together)).toEqual(["store_unavailable", "repeated"]);
    jest.restoreAllMocks();
    expect(await keep(log, fresh)).toBe("repeated");
  });

  it("acknowledges nothing beside the duplicates when the store inserted fewer bodies than it was given", async () => {
    const log = open();
    const [fresh, known] = [aKey(), aKey()];
    await keep(log, known);
    withTrouble((error) => {
      jest.spyOn(error, "insertedCount", "get").mockReturnValue(0);
    });
    const first = keep(log, aKey());
    const together = [keep(log, fresh), keep(log, known)];
    await first;
    expect(await Promise.all(together)).toEqual(["store_unavailable", "repeated"]);
  });

  it("acknowledges a repeated body only once a write has proved that the first one is durable", async () => {
    const log = open();
    const key = aKey();
    await keep(log, key);
    jest.spyOn(methods, "bulkWrite").mockRejectedValueOnce(new Error("not primary"));
    expect(await keep(log, key)).toBe("store_unavailable");
    expect(await keep(log, key)).toBe("repeated");
  });

  it("fails the twins of a body together with it", async () => {
    const log = open();
    const key = aKey();
    const refused = (): Promise<string> => keep(log, key, { requestId: "req_refused" });
    expect(await keepTogether(log, refused(), refused())).toEqual(["store_unavailable", "store_unavailable"]);
  });

  it("holds no more bytes on their way to the disk than its bound, and says so at once to those above it", async () => {
    const log = open({ waitingBytes: 2 * megabyte, togetherBytes: megabyte });
    const first = keep(log, aKey(), { bytes: megabyte });
    const others = Array.from({ length: 5 }, () => keep(log, aKey(), { bytes: megabyte }));
    expect(await Promise.all([first, ...others])).toEqual([
      "kept",
      "kept",
      "kept",
      "overloaded",
      "overloaded",
      "overloaded",
    ]);
    expect(await keep(log, aKey(), { bytes: 3 * megabyte })).toBe("kept");
  });

  it("tells those who come to a crowd that has waited for long to come again, and a few who have waited as long are no crowd", async () => {
    const finish = heldInsert();
    let now = 0;
    const log = open({ crowd: 3, crowdMs: 250 }, { stopwatch: () => now });
    const kept = [keep(log, aKey()), keep(log, aKey()), keep(log, aKey())];
    now = 251;
    expect(log.isFull()).toBe(false);
    kept.push(keep(log, aKey()));
    expect([log.isFull(), await keep(log, aKey())]).toEqual([true, "overloaded"]);
    finish();
    expect(await Promise.all(kept)).toEqual(["kept", "kept", "kept", "kept"]);
    expect([log.isFull(), await keep(log, aKey())]).toEqual([false, "kept"]);
  });

  it("tells whoever waits, and whoever comes, to come again while the store does not answer, and takes all again once it does", async () => {
    let ring = (): void => undefined;
    const pass = heldInsert();
    const after = (_: number, then: () => void): (() => void) => {
      ring = then;
      return () => undefined;
    };
    const log = open({}, { after });
    const [stuck, behind] = [aKey(), aKey()];
    const waiting = [keep(log, stuck), keep(log, behind)];
    expect(log.isFull()).toBe(false);
    ring();
    expect(await Promise.all(waiting)).toEqual(["store_slow", "store_slow"]);
    expect([log.isFull(), await keep(log, aKey())]).toEqual([true, "store_slow"]);
    pass();
    while (log.isFull()) await new Promise(setImmediate);
    expect([await keep(log, stuck), await keep(log, behind)]).toEqual(["repeated", "kept"]);
  });

  it("does not let a body that no longer opens hold up anything, neither beside others nor alone", async () => {
    const log = open();
    await database.db.collection("raw").updateMany({}, { $unset: { waiting: 1 } });
    const [broken, whole] = [aKey(), aKey()];
    await keep(log, broken);
    const sealed = { $set: { body: Buffer.alloc(40) } };
    await database.db.collection<{ _id: string }>("raw").updateOne({ _id: broken }, sealed);
    const waiting = async (): Promise<unknown> =>
      (await log.waiting(scope, { bodies: 10, bytes: megabyte })).bodies.map(({ key, damaged = false }) => [
        key,
        damaged,
      ]);
    expect(await waiting()).toEqual([[broken, true]]);
    await keep(log, whole);
    expect(await waiting()).toEqual([
      [broken, true],
      [whole, false],
    ]);
    await database.db.collection<{ _id: string }>("raw").deleteOne({ _id: broken });
  });

  it("does not start with another key than that of the bodies, which would take all of them for damaged", async () => {
    const other = mongoRawLog({ database, sealer: sealer(randomBytes(32)), randomBytes, now: () => new Date() });
    await expect(other.ensureIndexes()).rejects.toThrow(/not the one under which its webhook bodies are kept/);
    await expect(open().ensureIndexes()).resolves.toBeUndefined();
  });

  it("puts what it keeps after a restart behind what waits, also when the clock has stepped back meanwhile", async () => {
    await database.db.collection("raw").updateMany({}, { $unset: { waiting: 1 } });
    const [before, after] = [aKey(), aKey()];
    await keep(open(), before);
    const early = (): Date => new Date(Date.now() - 3_600_000);
    const restarted = mongoRawLog({ database, sealer: seal, randomBytes, now: early });
    await restarted.ensureIndexes();
    await keep(restarted, after);
    const { bodies } = await restarted.waiting(scope, { bodies: 10, bytes: megabyte });
    expect(bodies.map(({ key }) => key)).toEqual([before, after]);
    await database.db.collection("raw").updateMany({}, { $unset: { waiting: 1 } });
    const again = mongoRawLog({ database, sealer: seal, randomBytes, now: early });
    await again.ensureIndexes();
    await keep(again, aKey());
    const [last] = (await again.waiting(scope, { bodies: 10, bytes: megabyte })).bodies;
    expect((last?.sequence ?? "") > (bodies[0]?.sequence ?? "")).toBe(true);
  });

  it("writes no more bytes together than its bound, and a larger body by itself", async () => {
    const inserts = jest.spyOn(methods, "insertMany");
    const log = open({ togetherBytes: 100 });
    await Promise.all([10, 60, 30, 20, 500, 10].map((bytes) => keep(log, aKey(), { bytes })));
    const sizes = inserts.mock.calls.map(([rows]) => rows.map((row) => row["sizeBytes"] as number));
    expect(sizes).toEqual([[10], [60, 30], [20], [500], [10]]);
  });

  it("opens waiting bodies up to a number and up to their bytes, and always one", async () => {
    const log = open();
    await database.db.collection("raw").updateMany({}, { $unset: { waiting: 1 } });
    for (const bytes of [400, 500, 300, 2_000]) await keep(log, aKey(), { bytes });
    const sizes = async (bodies: number, bytes: number): Promise<number[]> =>
      (await log.waiting(scope, { bodies, bytes })).bodies.map(({ body }) => body.length);
    expect(await sizes(200, 1_000)).toEqual([400, 500]);
    expect(await sizes(1, 1_000)).toEqual([400]);
    expect(await sizes(200, 100)).toEqual([400]);
    expect(await log.backlog(scope)).toBe(4);
  });

  it("counts from its indexes alone, so that looking at the door costs no body", async () => {
    const plans: unknown[] = [];
    const rows = database.db.collection("raw");
    const explain = async (match: object, hint: string): Promise<string> =>
      BSON.EJSON.stringify(await rows.aggregate([{ $match: match }, { $count: "n" }], { hint }).explain());
    plans.push(await explain({ waiting: true }, "waiting_in_order"), await explain({}, "_id_"));
    for (const plan of plans) expect(plan).not.toMatch(/"(COLLSCAN|FETCH)"/);
    await expect(open().counts(scope)).resolves.toMatchObject({ waiting: 4 });
  });
});
