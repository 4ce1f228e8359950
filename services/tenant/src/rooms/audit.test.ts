import { get } from "node:http";
import { type Standing, type StandingQuestion } from "@greentick/contracts";
import { buildSubgraph, type Subgraph } from "@greentick/graphql";
import { type Call, type EventEnvelope } from "@greentick/kernel";
import {
  auditRefusals,
  type HttpHost,
  outboxRelay,
  type Outside,
  refusalCollection,
  type Service,
  silentLog,
  startHttpHost,
} from "@greentick/runtime";
import { serviceWorld, someTenants } from "@greentick/testing";
import { execute, parse } from "graphql";
import { decode } from "jsonwebtoken";
import { tokenForge } from "../adapters/jwt/token-forge.js";
import { mongoSigningKeyStore } from "../adapters/mongo/signing-key-store.js";
import { mongoTenantStore } from "../adapters/mongo/tenant-store.js";
import { happened } from "../fixtures/audit-events.js";
import { verifyTrail } from "../trail/read-file.js";
import { type Verdict } from "../trail/verify.js";
import { ensureSigningKey } from "../usecases/sign-in.js";
import { auditTrail } from "./audit.js";

const { casa, otra } = someTenants;

/** Who has lost the role meanwhile. */
const lost = new Set<string>();
const worthOf = (question: StandingQuestion): Standing =>
  question.kind === "person" && !lost.has(question.personId)
    ? { good: true, tenantStanding: "open", permissions: ["audit:read"] }
    : { good: false, ended: "access_withdrawn" };

/** The room alone, as a service. */
async function auditService(outside: Outside): Promise<Service<Subgraph>> {
  const { database, bus, log, clocks } = outside;
  const keys = mongoSigningKeyStore(database);
  const refusals = auditRefusals(database, "tenant");
  const room = auditTrail({
    ...{ outside, refusals, keys, tenants: mongoTenantStore(database) },
    standing: (question) => Promise.resolve(worthOf(question)),
    apiKeys: { get: () => Promise.reject(new Error("no keys here")) },
  });
  const collections = [...(room.collections ?? []), refusalCollection];
  return {
    name: "tenant",
    schema: await buildSubgraph({ name: "tenant", denied: refusals.denied, resolvers: [...(room.resolvers ?? [])] }),
    routes: room.routes ?? [],
    handlers: room.handlers ?? [],
    timers: [],
    jobs: [outboxRelay({ database, bus, log, collections }), ...(room.jobs ?? [])],
    indexes: async () => {
      for (const store of [...room.stores, refusals]) await store.ensureIndexes();
      const rotation = { leadMs: 0, overlapMs: 0 };
      await ensureSigningKey({ keys, forge: tokenForge(outside.sealer), rotation })(clocks.system());
    },
    health: () => Promise.resolve({ ok: true, detail: {} }),
    close: () => Promise.resolve(),
  };
}

interface Downloaded {
  readonly status: number;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, unknown>>;
}

describe("taking the audit trail out", () => {
  const world = serviceWorld("audit", auditService);
  let host: HttpHost;
  beforeAll(async () => {
    host = await startHttpHost({
      host: "127.0.0.1",
      port: 0,
      routes: world.service.routes,
      rest: (_, res) => res.end(),
      log: silentLog,
    });
    await world.given(...some(5), ...some(3, otra));
  });
  afterAll(() => host.close());

  const some = (count: number, tenantId = casa): EventEnvelope[] =>
    Array.from({ length: count }, () => happened({ tenantId }));
  const owner = (tenantId = casa, more: object = {}): Call => world.call({ tenantId, roles: ["owner"], ...more });
  async function ask<T>(call: Call, source: string): Promise<T> {
    const result = await execute({ schema: world.service.schema.schema, document: parse(source), contextValue: call });
    expect(result.errors ?? []).toEqual([]);
    return result.data as T;
  }
  async function linkFor(call: Call, input = ""): Promise<string> {
    const source = `mutation { exportAuditTrail(input: { ${input} }) { exportId downloadPath expiresAt } }`;
    const { exportAuditTrail } = await ask<{ exportAuditTrail: { downloadPath: string } }>(call, source);
    return exportAuditTrail.downloadPath;
  }
  const download = (path: string, headers: Record<string, string> = {}): Promise<Downloaded> =>
    new Promise((resolve, reject) => {
      get(path.startsWith("http") ? path : `${host.url}${path}`, { headers }, (res) => {
        const chunks: Buffer[] = [];
        res.on("data", (chunk: Buffer) => chunks.push(chunk));
        res.on("end", () => {
          resolve({ status: res.statusCode ?? 0, body: Buffer.concat(chunks), headers: res.headers });
        });
        res.on("error", reject);
      }).on("error", reject);
    });
  async function checked({ body }: Downloaded): Promise<Verdict> {
    return verifyTrail(
      (async function* () {
        await Promise.resolve();
        yield body;
      })(),
    );
  }

  it("streams the caller's own trail, which the offline check finds whole", async () => {
    const file = await download(await linkFor(owner()));
    expect(file).toMatchObject({ status: 200, headers: { "cache-control": "no-store" } });
    expect(await checked(file)).toMatchObject({ ok: true, tenantId: casa, firstSequence: 1 });
    expect((await checked(file)).records).toBeGreaterThanOrEqual(5);
    const text = file.body.toString();
    expect(text).toContain("203.0.113.77");
    expect(text).not.toContain(otra);
  });

  it("compresses for who takes it", async () => {
    const { headers, body } = await download(await linkFor(owner()), { "accept-encoding": "gzip" });
    expect(headers).toMatchObject({ "content-encoding": "gzip" });
    expect(body.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
  });

  it("gives a part that follows an earlier export, and refuses one that follows nothing", async () => {
    expect(await checked(await download(await linkFor(owner(), "fromSequence: 4")))).toMatchObject({
      ok: true,
      firstSequence: 4,
    });
    const source = "mutation { exportAuditTrail(input: { fromSequence: 90000 }) { exportId } }";
    const result = await execute({
      schema: world.service.schema.schema,
      document: parse(source),
      contextValue: owner(),
    });
    expect(result.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", reason: "audit_sequence_unknown" });
  });

  it("lets a link work once, also for two that use it at the same moment", async () => {
    const path = await linkFor(owner());
    const both = await Promise.all([download(path), download(path)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 404]);
    const late = await download(path);
    expect(late.status).toBe(404);
    expect(JSON.parse(late.body.toString())).toMatchObject({ error: { reason: "audit_export_over" } });
  });

  it("answers a wrong, a damaged and a missing link alike, and keeps nothing that opens one", async () => {
    const path = await linkFor(owner());
    const other = await linkFor(owner());
    const secret = path.slice(path.indexOf(".") + 1);
    const wrong = [
      `${path}x`,
      path.slice(0, -1),
      other.replace(/\..*/, `.${secret}`),
      "/audit/export",
      "/audit/export?link=%00.",
    ];
    for (const one of wrong) expect((await download(one)).status).toBe(404);
    const kept = await world.outside.database.db.collection("audit_exports").find().toArray();
    expect(JSON.stringify(kept)).not.toContain(secret);
    expect((await download(path)).status).toBe(200);
  });

  it("does not serve a link whose asker may not read the trail any more", async () => {
    const path = await linkFor(owner(casa, { personId: "per_01LEAVER000000000000000000" }));
    lost.add("per_01LEAVER000000000000000000");
    const late = await download(path);
    expect(late.status).toBe(404);
    expect(JSON.parse(late.body.toString())).toMatchObject({ error: { reason: "audit_export_over" } });
  });

  it("gives the same link again under one idempotency key", async () => {
    const [one, again] = [
      await linkFor(owner(), 'idempotencyKey: "e1"'),
      await linkFor(owner(), 'idempotencyKey: "e1"'),
    ];
    expect(again).toBe(one);
  });

  it("names in the trail the address that the host found, not the one of a proxy", async () => {
    const behind = await startHttpHost({
      ...{ host: "127.0.0.1", port: 0, log: silentLog, routes: world.service.routes, rest: (_, res) => res.end() },
      addressOf: (req) => req.headers["x-forwarded-for"]?.toString(),
    });
    await download(behind.url + (await linkFor(owner())), { "x-forwarded-for": "198.51.100.23" });
    await behind.close();
    await world.settle();
    const source = `{ auditTrail(first: 50, action: "audit.trail_downloaded") { nodes { ip } } }`;
    const { auditTrail: trail } = await ask<{ auditTrail: { nodes: { ip: string }[] } }>(owner(), source);
    expect(trail.nodes.map(({ ip }) => ip)).toContain("198.51.100.23");
  });

  it("writes the wish and the download into the trail itself", async () => {
    await download(await linkFor(owner()));
    await world.settle();
    const source = `{ auditTrail(first: 50) { nodes { action sequence hash previousHash ip keyId erased changes { field from to } } } }`;
    const { auditTrail: trail } = await ask<{ auditTrail: { nodes: { action: string; ip: string }[] } }>(
      owner(),
      source,
    );
    expect(trail.nodes.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["audit.export_requested", "audit.trail_downloaded"]),
    );
    expect(trail.nodes.find(({ action }) => action === "audit.trail_downloaded")?.ip).toContain("127.0.0.1");
    expect(trail.nodes.find(({ action }) => action === "tenant.changed")).toMatchObject({
      changes: [{ field: "name", from: "Casa vieja", to: "Casa" }],
      keyId: "key_1",
      erased: false,
    });
  });

  it("is refused without the permission, and the refusal is in the trail", async () => {
    const call = owner(casa, { roles: ["developer"] });
    const source = "mutation { exportAuditTrail(input: {}) { exportId } }";
    const result = await execute({ schema: world.service.schema.schema, document: parse(source), contextValue: call });
    expect(result.errors?.[0]?.extensions).toMatchObject({ code: "FORBIDDEN", reason: "permission_missing" });
    await world.settle();
    const refused = `{ auditTrail(first: 50, action: "audit.refused") { nodes { actor { id } facts { name value } } } }`;
    const { auditTrail: trail } = await ask<{ auditTrail: { nodes: { actor: { id: string }; facts: unknown }[] } }>(
      owner(),
      refused,
    );
    const facts = [
      { name: "action", value: "tenant.exportAuditTrail" },
      { name: "code", value: "FORBIDDEN" },
      { name: "refusal", value: "permission_missing" },
    ];
    expect(trail.nodes).toContainEqual({ actor: { id: call.actor.id }, facts });
  });

  describe("without the personal values of a record", () => {
    const records = () => world.outside.database.db.collection<{ tenantId: string; sequence: number }>("audit_records");

    it("is a flaw at that record while the tenant is not erased", async () => {
      const robbed = "ten_01ROBBED000000000000000000" as typeof casa;
      await world.given(...some(4, robbed));
      await records().updateOne({ tenantId: robbed, sequence: 2 }, { $unset: { sealed: 1 } });
      const verdict = await checked(await download(await linkFor(owner(robbed))));
      expect(verdict).toMatchObject({ ok: false, flaw: { sequence: 2 } });
      expect(verdict.flaw?.problem).toContain("taken out, and the tenant was not erased");
    });

    it("stays whole when the tenant was erased, and says when", async () => {
      const gone = "ten_01GONE00000000000000000000" as typeof casa;
      const erasedAt = new Date("2026-11-30T12:00:00.000Z");
      await world.given(...some(3, gone));
      await world.outside.vault.shred(gone);
      await world.outside.database.db.collection<{ _id: string; state: { erasedAt: Date } }>("tenants").insertOne({
        _id: gone,
        state: { erasedAt },
        ...{ tenantId: gone, ancestorIds: [], livemode: true, version: 1, schemaVersion: 1 },
      });
      const verdict = await checked(await download(await linkFor(owner(gone))));
      expect(verdict).toMatchObject({ ok: true, erasedAt: erasedAt.toISOString() });
      expect(verdict.erased).toBeGreaterThanOrEqual(3);
    });
  });

  describe("the daily signed heads", () => {
    const anchors = () =>
      world.outside.database.db.collection<{ _id: string; tenantId: string; sequence: number; jws: string }>(
        "audit_anchors",
      );
    /** As another process would, whose day has just begun. */
    const anchorNow = async (): Promise<void> => {
      await world.restart();
      await world.settle();
    };

    it("begin with a chain's first records, not with the next day", async () => {
      const born = "ten_01B0RN00000000000000000000" as typeof casa;
      await world.settle();
      const before = await anchors().countDocuments();
      await world.given(...some(2, born));
      await world.settle();
      expect(await anchors().find({ tenantId: born }).toArray()).toMatchObject([{ sequence: 2 }]);
      await world.given(...some(2, born));
      await world.settle();
      expect(await anchors().countDocuments()).toBe(before + 1);
      expect(await checked(await download(await linkFor(owner(born))))).toMatchObject({ ok: true, anchors: 1 });
    });

    it("are taken once a day for each chain, and a cut tail shows in the next export", async () => {
      await anchors().deleteMany({});
      await anchorNow();
      await host.close();
      host = await startHttpHost({
        host: "127.0.0.1",
        port: 0,
        routes: world.service.routes,
        rest: (_, res) => res.end(),
        log: silentLog,
      });
      expect((await anchors().find().toArray()).map(({ tenantId }) => tenantId)).toEqual(
        expect.arrayContaining([casa, otra]),
      );
      const [mine] = await anchors().find({ tenantId: otra }).toArray();
      expect(decode(mine?.jws ?? "")).toMatchObject({ kind: "anchor", tenantId: otra, sequence: 3, iss: "greentick" });
      await anchorNow();
      await host.close();
      host = await startHttpHost({
        host: "127.0.0.1",
        port: 0,
        routes: world.service.routes,
        rest: (_, res) => res.end(),
        log: silentLog,
      });
      expect(await anchors().countDocuments({ tenantId: otra })).toBe(1);
      expect(await checked(await download(await linkFor(owner(otra))))).toMatchObject({ ok: true, anchors: 1 });
      await world.settle();
      await world.outside.database.db.collection("audit_records").deleteMany({ tenantId: otra, sequence: { $gte: 3 } });
      const cut = await checked(await download(await linkFor(owner(otra))));
      expect(cut).toMatchObject({ ok: false, flaw: { sequence: 3 } });
    });
  });
});
