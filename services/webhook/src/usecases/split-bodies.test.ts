import { type EventEnvelope } from "@greentick/kernel";
import { connectDatabase, type Database } from "@greentick/runtime";
import { testDatabase } from "@greentick/testing";
import {
  bodyOf,
  casa as owner,
  casaWaba as waba,
  deliveries,
  doorOnStore,
  splitScope as scope,
} from "../fixtures/door.js";
import { type WebhookPorts } from "../ports.js";
import { releaseAccount } from "./release-account.js";
import { splitBodies } from "./split-bodies.js";

const statuses = (...ids: readonly string[]): object => deliveries(ids);

describe("cutting kept bodies into updates", () => {
  const { uri, dbName } = testDatabase("split");
  let database: Database;
  let ports: WebhookPorts;
  let published: EventEnvelope[];
  let keep: (key: string, body: Buffer) => Promise<unknown>;

  beforeAll(async () => {
    database = await connectDatabase(uri, dbName());
    ({ ports, published, keep } = await doorOnStore(database));
  });
  beforeEach(() => {
    published.length = 0;
  });
  afterAll(() => database.close());

  const held = async (): Promise<string[]> =>
    (await ports.quarantine.page(scope, {}, { first: 100 })).items.map(({ id, reason }) => `${id} ${reason}`);

  it("keeps an update that no bus can carry in quarantine, and sends on what came behind it", async () => {
    const large = { event: "DISABLED_UPDATE", words: "x".repeat(1_500_000) };
    await keep("large", bodyOf(waba, large, "account_update"));
    await keep("behind", bodyOf(waba, statuses("wamid.one")));
    while ((await splitBodies(ports)()) > 0);
    expect(published).toMatchObject([{ type: "status.received", source: { sha256: "behind", index: 0 } }]);
    expect(await held()).toEqual(["large:0 too_large"]);
    expect((await ports.rawLog.counts(scope)).waiting).toBe(0);
  });

  it("sends on an update whose account is linked while it is on its way into quarantine", async () => {
    const late = "777000111222333";
    await keep("early", bodyOf(late, statuses("wamid.two", "wamid.three")));
    const linking: WebhookPorts["quarantine"] = {
      ...ports.quarantine,
      put: async (...updates) => {
        await ports.owners.keepWaba(scope, late, owner);
        await releaseAccount(ports)(late);
        await ports.quarantine.put(...updates);
      },
    };
    await splitBodies({ ...ports, quarantine: linking })();
    expect(published).toMatchObject([
      { source: { sha256: "early", index: 0 } },
      { source: { sha256: "early", index: 1 } },
    ]);
    expect(await held()).not.toContain("early:0 unknown_account");
  });

  it("releases an account's updates although one of them is too large to travel", async () => {
    const late = "888000111222333";
    await keep("big", bodyOf(late, { event: "DISABLED_UPDATE", words: "x".repeat(1_500_000) }, "account_update"));
    await keep("small", bodyOf(late, statuses("wamid.four")));
    await splitBodies(ports)();
    expect(published).toEqual([]);
    await ports.owners.keepWaba(scope, late, owner);
    expect(await releaseAccount(ports)(late)).toBe(1);
    expect(published).toMatchObject([{ source: { sha256: "small", index: 0 } }]);
    expect(await held()).toContain("big:0 too_large");
    expect(await releaseAccount(ports)(late)).toBe(0);
  });

  it("opens no more than 16 MB of bodies at a time, however many wait, and keeps their order", async () => {
    const padded = (id: string): Buffer =>
      Buffer.concat([bodyOf(waba, statuses(id)), Buffer.alloc(3_000_000 - 400, 32)]);
    const keys = Array.from({ length: 7 }, (_, n) => `padded ${n}`);
    for (const key of keys) await keep(key, padded(`wamid.${key}`));
    const opened: number[] = [];
    const measured: WebhookPorts = {
      ...ports,
      read: (body) => {
        opened.push(body.body.length);
        return ports.read(body);
      },
    };
    const rounds: number[] = [];
    for (let more = true; more;) {
      more = (await splitBodies(measured)()) > 0;
      rounds.push(opened.splice(0).reduce((sum, size) => sum + size, 0));
    }
    expect(rounds.length).toBeGreaterThan(2);
    expect(Math.max(...rounds)).toBeLessThanOrEqual(16_000_000);
    expect(published.map(({ source }) => source?.sha256)).toEqual(keys);
  });

  it("sends on what waited for an account in the order in which it was received, whatever its ids", async () => {
    const late = "999000111222333";
    const keys = ["zebra", "apple", "mango"];
    for (const key of keys) await keep(key, bodyOf(late, statuses(`wamid.${key}.a`, `wamid.${key}.b`)));
    await splitBodies(ports)();
    await ports.owners.keepWaba(scope, late, owner);
    expect(await releaseAccount(ports)(late)).toBe(6);
    expect(published.map(({ source }) => `${source?.sha256 ?? ""} ${source?.index ?? ""}`)).toEqual(
      keys.flatMap((key) => [`${key} 0`, `${key} 1`]),
    );
  });

  it("lets nothing pass what waits in quarantine, also while it is being released, nor what cannot be released hold up the rest", async () => {
    const late = "555000111222333";
    const split = splitBodies(ports);
    const rows = database.db.collection<{ _id: string }>("raw");
    for (const key of ["rotten", "old"]) await keep(key, bodyOf(late, statuses(`wamid.${key}`)));
    await split();
    await rows.updateOne({ _id: "rotten" }, { $set: { body: Buffer.alloc(60) } });
    await ports.owners.keepWaba(scope, late, owner);
    await keep("new", bodyOf(late, statuses("wamid.new")));
    await split();
    await keep("newer", bodyOf(late, statuses("wamid.newer")));
    await split();
    expect(await releaseAccount(ports)(late)).toBe(0);
    expect(published.map(({ source }) => source?.sha256)).toEqual(["old", "new", "newer"]);
    expect(await held()).toContain("rotten:0 damaged");
    expect(await held()).not.toContain("new:0 unknown_account");
  });
});
