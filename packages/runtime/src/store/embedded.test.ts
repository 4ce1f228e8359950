import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Document, MongoClient } from "mongodb";
import { whenDurable } from "../data/database.js";
import { type EmbeddedOptions, type EmbeddedStore, startEmbedded } from "./embedded.js";
import { cacheMiB, memoryBytes } from "./engine/cache.js";
import { survivesKill } from "./survives-kill.js";
import { type StoreLog } from "./store.js";

const quiet: StoreLog = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** Whether its files hold the words right now; short records are not compressed. */
const journalHolds = async (dataDir: string, words: string): Promise<boolean> => {
  const path = join(dataDir, "embedded", "journal");
  const files = (await readdir(path)).filter((name) => name.startsWith("WiredTigerLog."));
  const found = await Promise.all(files.map(async (name) => (await readFile(join(path, name))).includes(words)));
  return found.includes(true);
};
const pidOf = (store: EmbeddedStore): number => store.pid() ?? Number.NaN;

describe("the embedded store", () => {
  const folders: string[] = [];
  const stores: EmbeddedStore[] = [];
  const clients: MongoClient[] = [];

  const folder = async (): Promise<string> => {
    const path = await mkdtemp(join(tmpdir(), "greentick-embedded-"));
    folders.push(path);
    return path;
  };
  const start = async (options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedStore> => {
    const store = await startEmbedded({ dataDir: await folder(), log: quiet, ...options });
    stores.push(store);
    return store;
  };
  const connect = async (store: EmbeddedStore): Promise<MongoClient> => {
    const client = await new MongoClient(store.uri).connect();
    clients.push(client);
    return client;
  };

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await Promise.all(folders.splice(0).map((path) => rm(path, { recursive: true, force: true })));
  });

  it("makes its data folder, parents included, and keeps its data from one start to the next", async () => {
    const dataDir = join(await folder(), "a", "b");
    const first = await start({ dataDir });
    await (await connect(first)).db("a").collection("notes").insertOne({ words: "kept" });
    await first.close();
    const rows = (await connect(await start({ dataDir }))).db("a").collection("notes");
    expect(await rows.countDocuments({ words: "kept" })).toBe(1);
  });

  it("takes as much cache as mongod would, and not the 256 MiB it opens with", async () => {
    const client = await connect(await start());
    const { wiredTiger } = (await client.db("a").command({ serverStatus: 1 })) as { wiredTiger: { cache: Document } };
    expect(wiredTiger.cache["maximum bytes configured"]).toBe(cacheMiB(memoryBytes()) * 1_048_576);
  });

  it("loses no acknowledged write when its process is killed, and answers again at the same address", async () => {
    const store = await start({ backoffMs: Array.from({ length: 10 }, () => 1) });
    const seen = await survivesKill(store, "kill", { rounds: 2, writers: 10, writesBeforeKill: 200 });
    expect(seen).toMatch(/^\d+ acknowledged writes, 2 kills, 0 lost$/);
  });

  it.each([whenDurable, { w: 1 }, undefined])(
    "acknowledges no write before its journal holds it (%j)",
    async (concern) => {
      const dataDir = await folder();
      const client = await new MongoClient((await start({ dataDir })).uri, {
        ...(concern && { writeConcern: concern }),
      }).connect();
      clients.push(client);
      const rows = client.db("a").collection<{ _id: string }>("notes");
      for (let n = 0; n < 100; n++) {
        const _id = randomUUID();
        await rows.insertOne({ _id });
        expect(await journalHolds(dataDir, _id)).toBe(true);
      }
    },
  );

  it("says when it gives up restarting", async () => {
    const dataDir = await folder();
    const gaveUp = new Promise<Error>((resolve) => {
      void start({ dataDir, backoffMs: [1, 1], onExit: resolve }).then(async (store) => {
        const engine = pidOf(store);
        await rm(join(dataDir, "embedded"), { recursive: true });
        await writeFile(join(dataDir, "embedded"), "not a folder");
        process.kill(engine, "SIGKILL");
      });
    });
    await expect(gaveUp).resolves.toMatchObject({ reason: "engine_failed" });
  });

  it("refuses a second process on the same data folder in one sentence", async () => {
    const dataDir = await folder();
    await start({ dataDir });
    const sentence = `The data folder ${join(dataDir, "embedded")} is in use by another running process: stop that one first, or choose another data folder.`;
    await expect(start({ dataDir })).rejects.toMatchObject({ reason: "data_folder_in_use", message: sentence });
  });

  it("names a data folder that cannot be made", async () => {
    const file = join(await folder(), "file");
    await writeFile(file, "");
    const dataDir = join(file, "data");
    await expect(start({ dataDir })).rejects.toMatchObject({
      reason: "data_folder_broken",
      message: expect.stringContaining(`The data folder ${join(dataDir, "embedded")} cannot be used`) as string,
    });
  });

  it("names a data folder whose files are damaged", async () => {
    const dataDir = await folder();
    const store = await start({ dataDir });
    await store.close();
    await writeFile(join(dataDir, "embedded", "WiredTiger.wt"), "scribble");
    await expect(start({ dataDir })).rejects.toMatchObject({
      reason: "data_folder_broken",
      message: expect.stringContaining("start again with an empty data folder") as string,
    });
  });

  it("ends with the process it belongs to, even when that is killed", async () => {
    const dataDir = await folder();
    const library = join(__dirname, "../../dist/store/index.js");
    const script = `require(${JSON.stringify(library)}).startEmbedded({ dataDir: process.argv[1], log: console }).then(() => console.log("up"))`;
    const owner = spawn(process.execPath, ["-e", script, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
    await once(owner.stdout, "data");
    owner.kill("SIGKILL");
    await once(owner, "exit");
    await expect(start({ dataDir })).resolves.toMatchObject({ kind: "embedded" });
  });

  it("leaves Ctrl-C to its owner, which still needs it", async () => {
    const store = await start();
    const client = await connect(store);
    const engine = pidOf(store);
    process.kill(engine, "SIGINT");
    process.kill(engine, "SIGTERM");
    await client.db("a").collection("notes").insertOne({ after: "the signal" });
    expect(store.pid()).toBe(engine);
  });

  it("leaves no process behind when it is closed, and can be closed twice", async () => {
    const store = await start();
    const engine = pidOf(store);
    await store.close();
    await store.close();
    expect(() => process.kill(engine, 0)).toThrow("ESRCH");
  });

  it("deletes expired documents as TTL indexes say", async () => {
    const store = await start();
    const db = (await connect(store)).db("ttl");
    const [sessions, codes] = [db.collection("sessions"), db.collection("codes")];
    const at = (iso: string): Date => new Date(`2026-10-01T${iso}Z`);
    await sessions.createIndex({ seenAt: 1 }, { expireAfterSeconds: 3_600 }, {});
    const unused = { partialFilterExpression: { used: false } };
    await codes.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0, ...unused }, {});
    await sessions.insertMany([{ seenAt: at("10:00:00") }, { seenAt: at("11:30:00") }, { seenAt: "not a date" }, {}]);
    await codes.insertMany([
      { expiresAt: at("10:00:00"), used: false },
      { expiresAt: at("10:00:00"), used: true },
    ]);
    expect(await store.expireNow(at("12:00:00"))).toBe(2);
    expect(await sessions.countDocuments()).toBe(3);
    expect(await codes.countDocuments()).toBe(1);
    expect(await store.expireNow(at("12:00:00"))).toBe(0);
  });
});
