import { randomBytes } from "node:crypto";
import { type TenantId } from "@greentick/kernel";
import { testDatabase } from "@greentick/testing";
import { Binary } from "mongodb";
import { connectDatabase, type Database } from "../data/database.js";
import { usualKeyLimits } from "./data-keys.js";
import { isShredded } from "./errors.js";
import { environmentKeys, type KeyEncryption, type MasterKey } from "./key-encryption.js";
import { openSecrets, type Secrets, type SecretsParts } from "./open-vault.js";
import { keysFrom, sealer } from "./sealer.js";
import { type SealPlace } from "./vault.js";

const casa = "ten_01CASA00000000000000000000" as TenantId;
const otra = "ten_01TRA000000000000000000000" as TenantId;
const token: SealPlace = { tenantId: casa, record: "wab_1", field: "business_token" };
const masterKey = (id: string): MasterKey => ({ id, key: randomBytes(32) });
const doesNotOpen = "does not open: another key, or the value was changed or moved";

describe("the vault", () => {
  const { uri, dbName, mongo } = testDatabase("vault");
  const first = masterKey("2026-01");
  let database: Database;
  beforeAll(async () => {
    database = await connectDatabase(uri, dbName());
  });
  afterAll(() => database.close());
  afterEach(() => database.db.collection("data_keys").deleteMany({ _id: /^ten_/ as never }));
  const open = (parts: Partial<SecretsParts> = {}): Promise<Secrets> =>
    openSecrets({ database, masterKeys: [first], now: () => new Date("2026-10-01T00:00:00Z"), ...parts });
  const rows = () => mongo.db(dbName()).collection<{ _id: string; keyId?: string; shreddedAt?: Date }>("data_keys");

  it("opens what it sealed, in this process and in another", async () => {
    const [here, there] = await Promise.all([open(), open()]);
    const sealed = await here.vault.seal(token, "EAAG-token");
    expect((await here.vault.open(token, sealed)).toString()).toBe("EAAG-token");
    expect((await there.vault.open(token, Uint8Array.from(sealed))).toString()).toBe("EAAG-token");
  });

  it("gives each tenant one key, however many processes ask for the first time at once", async () => {
    const processes = await Promise.all(Array.from({ length: 8 }, () => open()));
    const sealed = await Promise.all(
      processes.flatMap(({ vault }) => [vault.seal(token, "a"), vault.seal({ ...token, tenantId: otra }, "b")]),
    );
    expect(await rows().countDocuments({ _id: { $in: [casa, otra] } })).toBe(2);
    const [{ vault }] = [await open()];
    for (const [at, one] of sealed.entries())
      await expect(vault.open(at % 2 === 0 ? token : { ...token, tenantId: otra }, one)).resolves.toHaveLength(1);
  });

  it.each([
    ["tenant", { tenantId: otra }],
    ["record", { record: "wab_2" }],
    ["field", { field: "pin" }],
  ])("does not open a value that was moved to another %s", async (_, elsewhere) => {
    const { vault } = await open();
    await vault.seal({ ...token, tenantId: otra }, "so that the other tenant has a key as well");
    const sealed = await vault.seal(token, "EAAG-token");
    await expect(vault.open({ ...token, ...elsewhere }, sealed)).rejects.toThrow(doesNotOpen);
  });

  it("does not open when any one bit of it was flipped", async () => {
    const { vault } = await open();
    const sealed = await vault.seal(token, "EAAG-token");
    for (let at = 0; at < sealed.length * 8; at++) {
      const changed = Buffer.from(sealed);
      changed[at >> 3] = (changed[at >> 3] ?? 0) ^ (1 << (at & 7));
      await expect(vault.open(token, changed)).rejects.toThrow("does not open");
    }
  });

  it("does not open when the stored key was flipped in any one byte, moved to another tenant, or lost", async () => {
    const { vault } = await open();
    const sealed = await vault.seal(token, "EAAG-token");
    const row = await rows().findOne({ _id: casa });
    const wrapped = Buffer.from((row as unknown as { wrapped: Binary }).wrapped.buffer);
    for (let at = 0; at < wrapped.length; at++) {
      const changed = Buffer.from(wrapped);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await rows().updateOne({ _id: casa }, { $set: { wrapped: new Binary(changed) } });
      await expect((await open()).vault.open(token, sealed)).rejects.toThrow("that id has another key now");
    }
    await rows().insertOne({ ...row, _id: otra, wrapped: new Binary(wrapped) } as never);
    await expect((await open()).vault.open({ ...token, tenantId: otra }, sealed)).rejects.toThrow("another key now");
    await rows().deleteMany({ _id: { $in: [casa, otra] } });
    await expect((await open()).vault.open(token, sealed)).rejects.toThrow(doesNotOpen);
  });

  it("refuses the start with a master key of the same name and other bytes, and with none of that name", async () => {
    await open();
    await expect(open({ masterKeys: [masterKey("2026-01")] })).rejects.toThrow("that id has another key now");
    await expect(open({ masterKeys: [masterKey("2027-01")] })).rejects.toThrow("No master key has the id 2026-01");
  });

  describe("when the service that keeps the keys is down", () => {
    const down = { on: false };
    const service = environmentKeys([first]);
    const keys: KeyEncryption = {
      currentKeyId: service.currentKeyId,
      wrap: (...asked) => (down.on ? Promise.reject(new Error("connect ECONNREFUSED")) : service.wrap(...asked)),
      unwrap: (...asked) => (down.on ? Promise.reject(new Error("connect ECONNREFUSED")) : service.unwrap(...asked)),
    };
    afterEach(() => {
      down.on = false;
    });

    it("is closed: nothing is sealed, nothing is opened, nothing is kept unsealed", async () => {
      const { vault } = await open({ keys });
      const sealed = await (await open()).vault.seal(token, "EAAG-token");
      down.on = true;
      const refusal = { code: "PROVIDER_UNAVAILABLE", reason: "key_service_unavailable" };
      await expect(vault.open(token, sealed)).rejects.toMatchObject(refusal);
      await expect(vault.seal({ ...token, tenantId: otra }, "x")).rejects.toMatchObject(refusal);
      expect(await rows().findOne({ _id: otra })).toBeNull();
      down.on = false;
      expect((await vault.open(token, sealed)).toString()).toBe("EAAG-token");
    });

    it("closes for keys that are open already when their time in memory is over", async () => {
      const { vault } = await open({ keys, limits: { ...usualKeyLimits, maxAgeMs: -1 } });
      const sealed = await vault.seal(token, "EAAG-token");
      down.on = true;
      await expect(vault.open(token, sealed)).rejects.toMatchObject({ reason: "key_service_unavailable" });
    });
  });

  describe("after a tenant was erased", () => {
    it("opens nothing of it and seals nothing for it, at once in this process", async () => {
      const { vault } = await open();
      const [sealed, other] = [
        await vault.seal(token, "EAAG"),
        await vault.seal({ ...token, tenantId: otra }, "other"),
      ];
      await vault.shred(casa);
      for (const refused of [vault.open(token, sealed), vault.seal(token, "again")])
        await expect(refused).rejects.toMatchObject({
          code: "NOT_FOUND",
          reason: "shredded",
          details: { owner: casa },
        });
      expect(isShredded(await vault.open(token, sealed).catch((error: unknown) => error))).toBe(true);
      expect((await vault.open({ ...token, tenantId: otra }, other)).toString()).toBe("other");
    });

    it("is erased in other processes when they look again", async () => {
      const other = await open({ limits: { ...usualKeyLimits, recheckMs: -1 } });
      const sealed = await other.vault.seal(token, "EAAG");
      await (await open()).vault.shred(casa);
      await expect(other.vault.open(token, sealed)).rejects.toMatchObject({ reason: "shredded" });
    });

    it("looks again within five seconds", () => {
      expect(usualKeyLimits.recheckMs).toBeLessThan(5_000);
    });

    it("leaves a tombstone without any bytes of the key, also where there was no key, and keeps the first date", async () => {
      const { vault } = await open();
      await vault.seal(token, "EAAG");
      await vault.shred(casa);
      await (await open({ now: () => new Date("2030-01-01T00:00:00Z") })).vault.shred(casa);
      await vault.shred(otra);
      const tombstone = { schemaVersion: 1, shreddedAt: new Date("2026-10-01T00:00:00Z") };
      expect(await rows().findOne({ _id: otra })).toEqual({ _id: otra, ...tombstone });
      expect(await rows().findOne({ _id: casa })).toEqual({ _id: casa, ...tombstone, createdAt: tombstone.shreddedAt });
      await expect(vault.seal({ ...token, tenantId: otra }, "x")).rejects.toMatchObject({ reason: "shredded" });
    });

    it("has one outcome when a first seal and the erasure meet: no key survives", async () => {
      for (let round = 0; round < 20; round++) {
        const tenantId = `ten_01RACE000000000000000000${String(round).padStart(2, "0")}` as TenantId;
        const [a, b] = await Promise.all([open(), open()]);
        await Promise.allSettled([a.vault.seal({ ...token, tenantId }, "x"), b.vault.shred(tenantId)]);
        const row = await rows().findOne({ _id: tenantId });
        expect(row).toHaveProperty("shreddedAt");
        expect(row).not.toHaveProperty("wrapped");
      }
    });

    it("does not bring the key back when it is re-wrapped at that moment", async () => {
      const { vault } = await open();
      await vault.seal(token, "EAAG");
      const slow: KeyEncryption = {
        ...environmentKeys([masterKey("2026-02"), first]),
        wrap: async (about, key) => {
          await vault.shred(casa);
          return environmentKeys([masterKey("2026-02"), first]).wrap(about, key);
        },
      };
      const other = await open({ keys: slow });
      await other.vault.rewrap();
      expect(await rows().findOne({ _id: casa })).not.toHaveProperty("wrapped");
      await rows().deleteMany({});
    });
  });

  it("holds a bounded number of opened keys and still opens all", async () => {
    const { vault } = await open({ limits: { ...usualKeyLimits, held: 3 } });
    const places = Array.from({ length: 12 }, (_, at) => ({
      ...token,
      tenantId: `ten_01MANY000000000000000000${String(at).padStart(2, "0")}` as TenantId,
    }));
    const sealed = await Promise.all(places.map((place) => vault.seal(place, place.tenantId)));
    for (const [at, place] of places.entries())
      expect((await vault.open(place, sealed[at] ?? Buffer.alloc(0))).toString()).toBe(place.tenantId);
  });
});

describe("a new master key", () => {
  const { uri, dbName, mongo } = testDatabase("vaultrot");
  const [old, fresh] = [masterKey("2026"), masterKey("2027")];
  let database: Database;
  beforeAll(async () => {
    database = await connectDatabase(uri, dbName());
  });
  afterAll(() => database.close());
  const open = (masterKeys: readonly MasterKey[]): Promise<Secrets> =>
    openSecrets({ database, masterKeys, now: () => new Date() });

  it("takes over under load: 10,000 values open throughout, and then without the old key", async () => {
    const tenants = Array.from({ length: 250 }, (_, at) => `ten_01R0T000000000000000000${String(at).padStart(3, "0")}`);
    const placeOf = (at: number): SealPlace => ({
      ...token,
      tenantId: tenants[at % 250] as TenantId,
      record: `wab_${at}`,
    });
    const before = await open([old]);
    const kept = before.sealer.seal("signing_key/1", "the deployment's own");
    const blind = before.sealer.blindKey("message", "wamid.1");
    const sealed = await Promise.all(
      Array.from({ length: 10_000 }, (_, at) => before.vault.seal(placeOf(at), `secret ${at}`)),
    );
    const during = await open([fresh, old]);
    const reading = sealed.map(async (one, at) => {
      const { vault } = at % 2 === 0 ? before : during;
      return (await vault.open(placeOf(at), one)).toString() === `secret ${at}`;
    });
    let wrapped = 0;
    for (let done = -1; done !== 0; wrapped += done) done = await during.vault.rewrap();
    expect((await Promise.all(reading)).every(Boolean)).toBe(true);
    expect(wrapped).toBe(252);
    expect(await mongo.db(dbName()).collection("data_keys").distinct("keyId")).toEqual(["2027"]);
    const after = await open([fresh]);
    const read = await Promise.all(sealed.map((one, at) => after.vault.open(placeOf(at), one)));
    expect(read.every((plain, at) => plain.toString() === `secret ${at}`)).toBe(true);
    expect(after.sealer.open("signing_key/1", kept).toString()).toBe("the deployment's own");
    expect(after.sealer.blindKey("message", "wamid.1")).toBe(blind);
  });
});

describe("a store of an older version", () => {
  const { uri, dbName, mongo } = testDatabase("vaultold");
  const only = masterKey("master");

  it("keeps the keys that its values were sealed with, also under a new master key", async () => {
    await mongo.db(dbName()).collection("wabas").insertOne({ sealedToken: "…" });
    const database = await connectDatabase(uri, dbName());
    const former = sealer(only.key);
    const { vault, sealer: now } = await openSecrets({
      database,
      masterKeys: [masterKey("2027"), only],
      now: () => new Date(),
    });
    expect(now.open("webhook/1", former.seal("webhook/1", "body")).toString()).toBe("body");
    expect(now.blindKey("message", "wamid.1")).toBe(former.blindKey("message", "wamid.1"));
    const place = { ...token, formerly: `${casa}/business_token/1` };
    const sealed = former.seal(place.formerly, "EAAG");
    expect((await vault.open(place, sealed)).toString()).toBe("EAAG");
    await expect(vault.open(token, sealed)).rejects.toThrow(doesNotOpen);
    await vault.shred(casa);
    await expect(vault.open(place, sealed)).rejects.toMatchObject({ reason: "shredded" });
    await database.close();
    expect(keysFrom(only.key).seal).toHaveLength(32);
  });
});
