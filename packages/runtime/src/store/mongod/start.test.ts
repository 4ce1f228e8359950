import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import { type Store, type StoreLog, type StoreOptions } from "../store.js";
import { startMongod } from "./start.js";

const log: StoreLog = { info: () => undefined, warn: () => undefined, error: () => undefined };
const wire = JSON.stringify(join(__dirname, "../../../dist/store/engine/wire.js"));
const bson = JSON.stringify(require.resolve("mongodb"));

/**
 * Stands in for mongod, which not every machine has: takes its arguments, keeps the replica set's configuration in the
 * data folder like the real one, is primary only of a set that names its own port, and notes each command.
 */
const standIn = `#!${process.execPath}
const { MessageReader, parseRequest, replyTo } = require(${wire});
const { BSON } = require(${bson});
const fs = require("node:fs");
const after = (flag) => process.argv[process.argv.indexOf(flag) + 1];
const [dbpath, port, set] = [after("--dbpath"), Number(after("--port")), after("--replSet")];
const file = dbpath + "/config.json";
const config = () => (fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : undefined);
const isPrimary = () => config()?.members[0].host === "127.0.0.1:" + port;
const keep = (value) => (fs.writeFileSync(file, JSON.stringify(value)), { ok: 1 });
const greeting = () => ({ isWritablePrimary: isPrimary(), ismaster: isPrimary(), secondary: !isPrimary(), helloOk: true, setName: set,
  hosts: ["127.0.0.1:" + port], me: "127.0.0.1:" + port, setVersion: 1, maxWireVersion: 21, minWireVersion: 0, maxBsonObjectSize: 16777216,
  maxMessageSizeBytes: 48000000, maxWriteBatchSize: 100000, ok: 1 });
const answers = { hello: greeting, isMaster: greeting, ismaster: greeting, ping: () => ({ ok: 1 }),
  replSetInitiate: (c) => (config() ? { ok: 0, code: 23, codeName: "AlreadyInitialized", errmsg: "already initialized" } : keep({ ...c.replSetInitiate, version: 1 })),
  replSetGetConfig: () => ({ ok: 1, config: config() }), replSetReconfig: (c) => keep(c.replSetReconfig), endSessions: () => ({ ok: 1 }) };
require("node:net").createServer((socket) => {
  const reader = new MessageReader();
  socket.on("error", () => {}).on("data", (chunk) => { for (const bytes of reader.push(chunk)) {
    const request = parseRequest(bytes);
    const command = BSON.deserialize(bytes.subarray(request.body.start, request.body.end));
    const answer = answers[Object.keys(command)[0]] ?? (() => ({ ok: 0, code: 59, errmsg: "no such command" }));
    socket.write(replyTo(request, BSON.serialize(answer(command))));
  } });
}).listen(port, after("--bind_ip"));
`;

describe("a mongod of our own", () => {
  let dataDir: string;
  const stores: Store[] = [];
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "greentick-mongod-"));
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await rm(dataDir, { recursive: true });
  });

  const start = async (script = standIn, options: Partial<StoreOptions> = {}): Promise<Store> => {
    const path = join(dataDir, "mongod-program");
    await writeFile(path, script);
    await chmod(path, 0o755);
    const store = await startMongod("mongod", { path, version: "7.0.14" }, { dataDir, log, ...options });
    stores.push(store);
    return store;
  };
  const configuration = async (): Promise<string> => readFile(join(dataDir, "mongod", "config.json"), "utf8");
  const portOf = ({ uri }: Store): string => new URL(uri).port;

  it("is a replica set of one member, reached as one", async () => {
    const store = await start();
    expect(store.uri).toMatch(/^mongodb:\/\/127\.0\.0\.1:\d+\/\?replicaSet=greentick$/);
    expect(store.describe).toContain("MongoDB 7.0.14 found on PATH, started on port");
    expect(JSON.parse(await configuration())).toMatchObject({
      _id: "greentick",
      members: [{ _id: 0, host: `127.0.0.1:${portOf(store)}` }],
    });
  });

  it("keeps its port from one start to the next, because the replica set remembers it", async () => {
    const first = await start();
    await first.close();
    expect(portOf(await start())).toBe(portOf(first));
  });

  it("tells the replica set its new port when the old one is taken", async () => {
    await start().then((store) => store.close());
    const other = createServer().listen(
      Number(await readFile(join(dataDir, "mongod", "greentick.port"), "utf8")),
      "127.0.0.1",
    );
    await once(other, "listening");
    const store = await start();
    other.close();
    expect(JSON.parse(await configuration())).toMatchObject({
      version: 2,
      members: [{ host: `127.0.0.1:${portOf(store)}` }],
    });
  });

  it("ends when the store is closed, which is not reported as a failure", async () => {
    const reported: Error[] = [];
    const store = await start(standIn, { onExit: (error) => reported.push(error) });
    await store.close();
    const client = new MongoClient(store.uri, { serverSelectionTimeoutMS: 100 });
    await expect(client.connect()).rejects.toThrow("ECONNREFUSED");
    await client.close();
    expect(reported).toEqual([]);
  });

  it("points to its log when it does not start", async () => {
    await expect(start("#!/bin/sh\nexit 48\n")).rejects.toMatchObject({
      reason: "mongod_failed",
      message: expect.stringContaining(join(dataDir, "mongod", "mongod.log")) as string,
    });
  });

  it("is reported when it ends unasked", async () => {
    const ended = new Promise<Error>((resolve) => {
      const ending = standIn.replace("ping: () =>", "ping: () => (setImmediate(() => process.exit(3)), 0) ||");
      start(ending, { onExit: resolve }).catch(resolve);
    });
    await expect(ended).resolves.toMatchObject({ reason: "mongod_failed" });
  });
});
