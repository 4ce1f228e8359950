import { randomBytes } from "node:crypto";
import { connectDatabase, type Database, openSecrets, type Secrets } from "@greentick/runtime";
import { testDatabase } from "@greentick/testing";
import { type AuditRecord, auditRecordOf } from "../../domain/audit.js";
import { type AuditStore } from "../../ports.js";
import { casa, happened, otra, recordsOf } from "../../fixtures/audit-events.js";
import { genesis, hashOfLink } from "../../trail/record.js";
import { type AuditRow, linkOf } from "./audit-chain.js";
import { mongoAuditStore } from "./audit-store.js";

describe("appending to the audit trail", () => {
  const { uri, dbName, mongo } = testDatabase("chain");
  const masterKeys = [{ id: "test", key: randomBytes(32) }];
  let database: Database;
  let secrets: Secrets;
  let audit: ReturnType<typeof mongoAuditStore>;
  const writer = (): ReturnType<typeof mongoAuditStore> =>
    mongoAuditStore({ database, vault: secrets.vault, randomBytes });
  beforeAll(async () => {
    database = await connectDatabase(uri, dbName());
    secrets = await openSecrets({ database, masterKeys, now: () => new Date() });
    audit = writer();
    await audit.ensureIndexes();
  });
  afterAll(() => database.close());
  beforeEach(() => database.db.collection("audit_records").deleteMany({}));
  const rows = (): Promise<AuditRow[]> =>
    database.db.collection<AuditRow>("audit_records").find().sort({ tenantId: 1, sequence: 1 }).toArray();
  const listed = (): ReturnType<AuditStore["list"]> => audit.list({ tenant: casa, ancestors: [] }, { first: 100 }, {});

  /** Dense from 1, each bound to the one before, every hash right. */
  async function expectWholeChain(tenantId: string, length: number): Promise<void> {
    const chain = (await rows()).filter((row) => row.tenantId === tenantId);
    expect(chain.map(({ sequence }) => sequence)).toEqual(Array.from({ length }, (_, place) => place + 1));
    for (const [place, row] of chain.entries()) {
      expect(row.previousHash).toBe(chain[place - 1]?.hash ?? genesis);
      expect(hashOfLink(linkOf(row))).toBe(row.hash);
    }
  }

  it("numbers each tenant's records from 1 and binds each to the one before", async () => {
    await audit.keep([...recordsOf(3), ...recordsOf(2, { tenantId: otra })]);
    await audit.keep(recordsOf(2));
    await expectWholeChain(casa, 5);
    await expectWholeChain(otra, 2);
  });

  it("shows who, from where, with which key, and what changed", async () => {
    await audit.keep(recordsOf(1));
    expect((await listed()).items[0]).toMatchObject({
      actor: { kind: "member", id: "per_1" },
      ip: "203.0.113.77",
      keyId: "key_1",
      reason: "asked for",
      changes: [{ field: "name", from: "Casa vieja", to: "Casa" }],
      sequence: 1,
      previousHash: genesis,
      erased: false,
    });
  });

  it("keeps an event once, whether it comes twice in a batch, again later, or from two processes at once", async () => {
    const [one, other] = recordsOf(2) as [AuditRecord, AuditRecord];
    await audit.keep([one, other, one]);
    await audit.keep([other, one]);
    await Promise.all([writer().keep([one, ...recordsOf(1)]), writer().keep([other, one])]);
    await expectWholeChain(casa, 3);
  });

  it("has no gap and no fork when 32 processes append to one tenant at once", async () => {
    const shared = recordsOf(4);
    const writers = Array.from({ length: 32 }, () => writer());
    await Promise.all(
      writers.map(async ({ keep }) => {
        for (let batch = 0; batch < 2; batch++) await keep([...recordsOf(3), ...shared]);
      }),
    );
    await expectWholeChain(casa, 32 * 2 * 3 + shared.length);
  });

  it("goes on after a crash in the middle of a batch: what was kept is a whole chain, the rest follows", async () => {
    const batch = recordsOf(6);
    await audit.keep(batch.slice(0, 2));
    await writer().keep(batch);
    await expectWholeChain(casa, 6);
  });

  it("hashes the same again after any text: half characters, accents, quotes, long reasons", async () => {
    const texts = [
      "\u{1F600}".repeat(150),
      `${"x".repeat(199)}\u{1F600}`,
      'é\u0301"\\\n\u2028',
      "<&>",
      "x".repeat(500),
    ];
    await audit.keep(
      texts.map((text) =>
        auditRecordOf(happened({ reason: text, data: { step: text, changes: [{ field: "name", to: text }] } })),
      ),
    );
    await expectWholeChain(casa, texts.length);
  });

  it("keeps values of secret fields out, whatever an event says", async () => {
    const changes = [
      { field: "webhookSecret", from: "canary-a", to: "canary-b" },
      { field: "pin", to: "canary-c" },
    ];
    await audit.keep([auditRecordOf(happened({ data: { token: "canary-d", changes } }))]);
    const { items } = await listed();
    expect(items[0]?.changes).toEqual([{ field: "webhookSecret" }, { field: "pin" }]);
    expect(JSON.stringify(items)).not.toContain("canary");
  });

  it("keeps addresses and changes readable by the tenant's key only", async () => {
    await audit.keep(recordsOf(1));
    const stored = await mongo.db(dbName()).collection("audit_records", { raw: true }).find().toArray();
    const bytes = Buffer.concat(stored as unknown as Buffer[]).toString("latin1");
    expect(bytes).toContain("asked for");
    for (const personal of ["203.0.113.77", "Casa vieja"]) expect(bytes).not.toContain(personal);
  });

  it("shows address and changes as erased when the tenant's key is gone, and the chain holds, also for events that come later", async () => {
    const erased = "ten_01ERASED000000000000000000" as typeof casa;
    await audit.keep(recordsOf(2, { tenantId: erased }));
    await secrets.vault.shred(erased);
    await audit.keep(recordsOf(1, { tenantId: erased }));
    const { items } = await audit.list({ tenant: erased, ancestors: [] }, { first: 10 }, {});
    expect(items).toHaveLength(3);
    for (const item of items) {
      expect(item).toMatchObject({ erased: true, changes: [], reason: "asked for" });
      expect(item).not.toHaveProperty("ip");
    }
    await expectWholeChain(erased, 3);
  });

  it("takes the records of an older version into the chains, once, in the order of their time", async () => {
    const former = recordsOf(3).map(({ id: _id, ...record }, place) => ({
      ...record,
      _id,
      recordedAt: new Date(Date.UTC(2026, 0, 3 - place)),
      schemaVersion: 1,
    }));
    await database.db.collection<{ _id: string }>("audit_trail").insertMany(former);
    await Promise.all([writer().ensureIndexes(), writer().ensureIndexes()]);
    await audit.keep(recordsOf(1));
    await writer().ensureIndexes();
    await expectWholeChain(casa, 4);
    expect((await rows()).map(({ _id }) => _id).slice(0, 3)).toEqual(former.map(({ _id }) => _id).reverse());
    expect((await listed()).items).toHaveLength(4);
  });
});
