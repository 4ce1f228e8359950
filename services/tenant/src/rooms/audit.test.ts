import { get } from "node:http";
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
import { happened } from "../fixtures/audit-events.js";
import { verifyTrail } from "../trail/read-file.js";
import { type Verdict } from "../trail/verify.js";
import { ensureSigningKey } from "../usecases/sign-in.js";
import { auditTrail } from "./audit.js";

const { casa, otra } = someTenants;

/** The room alone, as a service. */
async function auditService(outside: Outside): Promise<Service<Subgraph>> {
  const { database, bus, log, clocks } = outside;
  const keys = mongoSigningKeyStore(database);
  const refusals = auditRefusals(database, "tenant");
  const room = auditTrail({ outside, refusals, keys });
  const collections = [...(room.collections ?? []), refusalCollection];
  return {
    name: "tenant",
    schema: await buildSubgraph({ name: "tenant", resolvers: [...(room.resolvers ?? [])], entities: {} }),
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
      get(`${host.url}${path}`, { headers }, (res) => {
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

  it("gives the same link again under one idempotency key", async () => {
    const [one, again] = [
      await linkFor(owner(), 'idempotencyKey: "e1"'),
      await linkFor(owner(), 'idempotencyKey: "e1"'),
    ];
    expect(again).toBe(one);
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
      expect(new Set((await anchors().find().toArray()).map(({ tenantId }) => tenantId))).toEqual(
        new Set([casa, otra]),
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
