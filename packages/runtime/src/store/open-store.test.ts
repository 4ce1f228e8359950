import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testDatabase } from "@greentick/testing";
import { hostsOf, useExisting } from "./existing.js";
import { mongodOnPath } from "./mongod/binary.js";
import { openStore, type Way, type Ways } from "./open-store.js";
import { type Store, StoreError, type StoreKind, type StoreLog, type StoreOptions } from "./store.js";

describe("opening the store", () => {
  let dataDir: string;
  const said: string[] = [];
  const say = (_: object, sentence: string): void => {
    said.push(sentence);
  };
  const log: StoreLog = { info: say, warn: say, error: say };

  beforeEach(async () => {
    said.length = 0;
    dataDir = await mkdtemp(join(tmpdir(), "greentick-open-"));
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  const store = (kind: StoreKind): Store => ({ uri: "", kind, describe: kind, close: () => Promise.resolve() });
  const has = (kind: StoreKind) => (): Promise<Store> => Promise.resolve(store(kind));
  const lacks: Way = () => Promise.resolve(undefined);
  const all: Ways = { uri: has("uri"), mongod: has("mongod"), cached: has("cached"), embedded: has("embedded") };
  const open = (options: Partial<StoreOptions>, ways: Partial<Ways>): Promise<Store> =>
    openStore({ dataDir, log, ...options }, { ...all, ...ways });

  it.each<[StoreKind, Partial<StoreOptions>, Partial<Ways>]>([
    ["uri", { uri: "mongodb://db" }, {}],
    ["mongod", {}, {}],
    ["cached", {}, { mongod: lacks }],
    ["embedded", {}, { mongod: lacks, cached: lacks }],
    ["embedded", { force: "embedded" }, {}],
    ["cached", { force: "cached", uri: "mongodb://db" }, {}],
  ])("takes %s given %j", async (kind, options, ways) => {
    expect(await open(options, ways)).toMatchObject({ kind });
    expect(said).toEqual(["store is open"]);
  });

  it.each<[StoreKind, string]>([
    ["uri", "STORE=uri needs MONGODB_URI, which is not set."],
    ["mongod", "STORE=mongod needs a mongod of version 6 or newer on PATH, and there is none."],
    ["cached", "STORE_DOWNLOAD=1 fetches one"],
  ])("says what a forced %s is missing", async (force, sentence) => {
    await expect(open({ force }, { [force]: lacks })).rejects.toThrow(sentence);
  });

  it("refuses an unknown kind, naming the known ones", async () => {
    const force = "sqlite" as StoreKind;
    await expect(open({ force }, {})).rejects.toThrow("STORE=sqlite is not one of uri, mongod, cached, embedded.");
  });

  it("stops at a way that is there but fails, instead of showing an empty store", async () => {
    const fails: Way = () => Promise.reject(new StoreError("mongod_failed", "mongod ended"));
    await expect(open({}, { mongod: fails })).rejects.toMatchObject({ reason: "mongod_failed" });
  });

  it("names every way out when there is no MongoDB at all", async () => {
    const embedded: Way = () => Promise.reject(new StoreError("engine_unsupported", "It needs glibc."));
    const refused = open({}, { mongod: lacks, cached: lacks, embedded });
    await expect(refused).rejects.toMatchObject({
      reason: "store_not_found",
      message: expect.stringMatching(/MONGODB_URI.*mongod 6.*STORE_DOWNLOAD=1.*embedded engine.*glibc/) as string,
    });
  });

  it("warns when the folder holds the data of another engine", async () => {
    await open({}, { mongod: lacks, cached: lacks });
    await open({}, {});
    expect(said).toContainEqual(expect.stringContaining("another engine was used here before"));
    expect(await readFile(join(dataDir, "engine.txt"), "utf8")).toBe("mongod\n");
  });

  it("starts the embedded engine for real, without credentials in its description", async () => {
    const opened = await openStore({ dataDir, log, force: "embedded" });
    await opened.close();
    expect(opened.describe).toMatch(/^embedded MongoDB engine \(development only\) on port \d+, data in /);
  });

  describe("mongod on PATH", () => {
    const withMongod = async (script: string): Promise<string> => {
      const path = join(dataDir, "mongod");
      await writeFile(path, `#!/bin/sh\n${script}\n`);
      await chmod(path, 0o755);
      return path;
    };

    it("is taken from version 6", async () => {
      const path = await withMongod("echo 'db version v7.0.14'; echo 'Build Info: {}'");
      expect(await mongodOnPath(log, path)).toEqual({ path, version: "7.0.14" });
    });

    it("is passed over below version 6, and the log says so", async () => {
      const path = await withMongod("echo 'db version v5.0.3'");
      expect(await mongodOnPath(log, path)).toBeUndefined();
      expect(said).toEqual(["mongod on PATH is too old and not used"]);
    });

    it("is passed over when it does not run here", async () => {
      expect(await mongodOnPath(log, await withMongod("exit 127"))).toBeUndefined();
    });

    it("is not there when PATH does not have it", async () => {
      expect(await mongodOnPath(log, "a-mongod-that-nobody-has")).toBeUndefined();
    });
  });

  describe("a MongoDB named by URI", () => {
    const { uri } = testDatabase("uri");

    it("is used as it is", async () => {
      expect(await useExisting(uri)).toMatchObject({ uri, kind: "uri" });
    });

    it("is refused with its host and without its password when it cannot be reached", async () => {
      const closed = createServer().listen(0, "127.0.0.1");
      await once(closed, "listening");
      const { port } = closed.address() as { port: number };
      closed.close();
      await once(closed, "close");
      const unreachable = useExisting(`mongodb://anna:geheim@127.0.0.1:${port}/?directConnection=true`, 200);
      const error: unknown = await unreachable.catch((caught: unknown) => caught);
      expect(error).toMatchObject({ reason: "store_unreachable" });
      expect(String(error)).toContain(`MongoDB at 127.0.0.1:${port} (MONGODB_URI) cannot be reached`);
      expect(String(error)).not.toContain("geheim");
    });

    it("is refused when it is no MongoDB address", async () => {
      await expect(useExisting("http://db:27017", 200)).rejects.toMatchObject({ reason: "store_unreachable" });
    });

    it.each([
      ["mongodb://anna:geheim@db-1:27017,db-2:27017/app?replicaSet=r", "db-1:27017,db-2:27017"],
      ["mongodb+srv://u:p%40ss@cluster.example.net/?w=majority", "cluster.example.net"],
      ["localhost", "an address that is not a mongodb:// URI"],
    ])("is described by its hosts (%s)", (address, hosts) => {
      expect(hostsOf(address)).toBe(hosts);
    });
  });
});
