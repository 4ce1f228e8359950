import { createPublicKey, randomBytes } from "node:crypto";
import { signupAdvanced, templateAdvanced, tenantCreated } from "@greentick/contracts";
import {
  type Call,
  type EventEnvelope,
  type Permission,
  type PersonId,
  type Role,
  type TenantId,
} from "@greentick/kernel";
import { loadConfig, sealer } from "@greentick/runtime";
import { anEvent, serviceWorld } from "@greentick/testing";
import { execute, type ExecutionResult, parse } from "graphql";
import { verify } from "jsonwebtoken";
import { buildTenantService, TenantConfig, type TenantService } from "./index.js";

const details = { legalName: "Casa Lumen S.A.S.", country: "CO", currency: "USD", timeZone: "America/Bogota" };
const config = loadConfig(TenantConfig, { TENANT_KEY_LEAD_SECONDS: "0" });

describe("the tenant service", () => {
  const world = serviceWorld("tenant", (outside) => buildTenantService(config, outside));
  let admin: Call;
  let auditor: Call;

  beforeAll(async () => {
    const { tenant, people } = await ensured();
    const [first, second] = people.map((person) => ({
      tenantId: tenant.id,
      ancestorIds: [],
      staff: true,
      personId: person.id,
    }));
    admin = world.call({ ...first, roles: ["platform_admin"] });
    auditor = world.call({ ...second, roles: ["auditor"] });
  });

  const ensured = (): ReturnType<TenantService["identity"]["ensureProvider"]> =>
    world.service.identity.ensureProvider({
      ...details,
      name: "Greentick",
      livemode: false,
      people: [
        { name: "Ada Admin", email: "ada@bsp.example", roles: ["platform_admin"] },
        { name: "Abel Auditor", email: "abel@bsp.example", roles: ["auditor"] },
      ],
    });

  /** A member of a client below the provider. */
  const memberOf = (tenantId: TenantId, role: Role = "owner"): Call =>
    world.call({ tenantId, ancestorIds: [admin.tenantId], roles: [role] });

  async function ask<T = Record<string, Record<string, unknown>>>(
    call: Call,
    source: string,
    variableValues: Record<string, unknown> = {},
  ): Promise<T> {
    const result = await asked(call, source, variableValues);
    expect(result.errors ?? []).toEqual([]);
    return result.data as T;
  }
  const asked = async (
    call: Call,
    source: string,
    variableValues: Record<string, unknown> = {},
  ): Promise<ExecutionResult> =>
    execute({ schema: world.service.schema.schema, document: parse(source), contextValue: call, variableValues });
  const refusalOf = async (call: Call, source: string, variables: Record<string, unknown> = {}): Promise<unknown> =>
    (await asked(call, source, variables)).errors?.[0]?.extensions;

  const createSource = `mutation ($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id status kind parent { name } livemode } } }`;
  const created = async (name: string, more: Record<string, unknown> = {}): Promise<TenantId> => {
    const data = await ask(admin, createSource, { input: { ...details, name, ...more } });
    return (data["createTenant"]?.["tenant"] as { id: TenantId }).id;
  };
  const move = (verb: string): string =>
    `mutation ($input: TenantStatusInput!) { ${verb}Tenant(input: $input) { tenant { status statusReason } } }`;

  describe("creating a client business", () => {
    it("makes a prospect below the caller's tenant, once for one idempotency key", async () => {
      const first = await created("Casa Lumen", { idempotencyKey: "casa-1" });
      const again = await Promise.all([1, 2, 3].map(() => created("Casa Lumen", { idempotencyKey: "casa-1" })));
      expect(new Set([first, ...again]).size).toBe(1);
      const other = await refusalOf(admin, createSource, {
        input: { ...details, name: "Another", idempotencyKey: "casa-1" },
      });
      expect(other).toMatchObject({ code: "CONFLICT", reason: "idempotency_mismatch" });
    });

    it("makes one tenant when the same request arrives several times at once", async () => {
      const ids = await Promise.all([1, 2, 3, 4, 5].map(() => created("Race", { idempotencyKey: "race-1" })));
      expect(new Set(ids).size).toBe(1);
    });

    it("names the field that is wrong", async () => {
      const refusal = await refusalOf(admin, createSource, { input: { ...details, timeZone: "Bogota", name: "x" } });
      expect(refusal).toMatchObject({ code: "BAD_USER_INPUT", details: { field: "timeZone" } });
    });

    it("is refused to who may not, before anything is read", async () => {
      const refusal = await refusalOf(auditor, createSource, { input: { ...details, name: "x" } });
      expect(refusal).toMatchObject({ code: "FORBIDDEN", reason: "permission_missing" });
    });
  });

  it("moves a tenant with a reason, and shows the reason", async () => {
    const tenantId = await created("Movable");
    const input = { tenantId, reason: "contract signed" };
    expect(await ask(admin, move("activate"), { input })).toMatchObject({
      activateTenant: { tenant: { status: "ACTIVE", statusReason: "contract signed" } },
    });
    await ask(admin, move("suspend"), { input: { tenantId, reason: "unpaid" } });
    expect(await refusalOf(admin, move("activate"), { input })).toMatchObject({
      reason: "tenant_transition_not_allowed",
    });
    expect(await ask(admin, move("resume"), { input })).toMatchObject({
      resumeTenant: { tenant: { status: "ACTIVE" } },
    });
    await ask(admin, move("close"), { input });
    expect(await refusalOf(admin, move("resume"), { input })).toMatchObject({
      reason: "tenant_transition_not_allowed",
    });
  });

  it("shows another branch's tenant as missing", async () => {
    const [a, b] = [await created("A"), await created("B")];
    const memberOfA = memberOf(a);
    const source = `query ($id: ID!) { tenant(id: $id) { name } }`;
    expect(await ask(memberOfA, source, { id: a })).toEqual({ tenant: { name: "A" } });
    expect(await ask(memberOfA, source, { id: b })).toEqual({ tenant: null });
    expect(await refusalOf(memberOfA, `{ tenants { totalCount } }`)).toMatchObject({ code: "FORBIDDEN" });
  });

  it("lists tenants page by page, newest first", async () => {
    const source = `query ($after: String) { tenants(first: 2, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }`;
    const seen: string[] = [];
    let after: string | undefined;
    let total: number;
    do {
      const { tenants } = await ask<{
        tenants: { totalCount: number; nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
      }>(admin, source, { after });
      seen.push(...tenants.nodes.map((node) => node.id));
      total = tenants.totalCount;
      after = tenants.pageInfo.hasNextPage ? tenants.pageInfo.endCursor : undefined;
    } while (after !== undefined);
    expect(seen).toHaveLength(total);
    expect(new Set(seen).size).toBe(total);
  });

  describe("identity", () => {
    const claimsOf = async (token: string): Promise<Record<string, unknown>> => {
      const { keys } = await world.service.identity.keys();
      const header = JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()) as { kid: string };
      const jwk = keys.find((key) => key.kid === header.kid);
      if (jwk === undefined) throw new Error("signed with an unpublished key");
      const key = createPublicKey({ format: "jwk", key: { ...jwk } });
      return verify(token, key, {
        algorithms: ["RS256"],
        audience: "greentick-api",
        issuer: "greentick",
      }) as Record<string, unknown>;
    };

    it("creates the provider and its people once", async () => {
      const again = await ensured();
      expect(again.tenant.id).toBe(admin.tenantId);
      expect(again.people.map((person) => person.id)).toEqual([admin.actor.id, auditor.actor.id]);
    });

    it("issues tokens that the published keys verify, for a day at most", async () => {
      const { token, expiresAt } = await world.service.identity.issueFor(admin.actor.id as PersonId, 3600);
      expect(await claimsOf(token)).toMatchObject({
        sub: admin.actor.id,
        tid: admin.tenantId,
        anc: [],
        stf: true,
        live: false,
        rol: ["platform_admin"],
        kind: "staff",
      });
      expect(expiresAt.getTime() / 1000 - Number((await claimsOf(token))["iat"])).toBe(3600);
      await expect(world.service.identity.issueFor(admin.actor.id as PersonId, 90_000)).rejects.toMatchObject({
        code: "BAD_USER_INPUT",
      });
    });

    it("publishes the keys over HTTP without the private half", async () => {
      const route = world.service.routes.find((one) => one.path === "/.well-known/jwks.json");
      const sent: string[] = [];
      await route?.handle(
        {} as never,
        { writeHead: () => undefined, end: (body: string) => sent.push(body) } as never,
        Buffer.alloc(0),
        () => undefined,
      );
      const [key] = (JSON.parse(sent[0] ?? "") as { keys: Record<string, string>[] }).keys;
      expect(Object.keys(key ?? {}).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
    });

    it("keeps the private key sealed in the store", async () => {
      const rows = await world.outside.database.db.collection("signing_keys").find().toArray();
      expect(JSON.stringify(rows)).not.toContain("PRIVATE");
      const sealed = rows[0]?.["sealedPrivateKey"] as { buffer: Uint8Array };
      const stranger = sealer(randomBytes(32));
      expect(() => stranger.open(`signing_key/${String(rows[0]?.["kid"])}`, sealed.buffer)).toThrow("does not open");
    });

    it("rotates the key without invalidating a token in use", async () => {
      const before = await world.service.identity.issueFor(admin.actor.id as PersonId, 7200);
      const { rotateSigningKey } = await ask(admin, `mutation { rotateSigningKey { kid signsFrom } }`);
      const after = await world.service.identity.issueFor(admin.actor.id as PersonId);
      expect(after.token.split(".")[0]).not.toBe(before.token.split(".")[0]);
      expect(Buffer.from(after.token.split(".")[0] ?? "", "base64url").toString()).toContain(rotateSigningKey?.["kid"]);
      await expect(claimsOf(before.token)).resolves.toMatchObject({ sub: admin.actor.id });
      await expect(claimsOf(after.token)).resolves.toMatchObject({ sub: admin.actor.id });
    });

    it("withdraws every earlier key after a leak: tokens that are out end, new ones are good", async () => {
      const before = await world.service.identity.issueFor(admin.actor.id as PersonId, 7200);
      const withdraw = `mutation { rotateSigningKey(input: { withdrawEarlier: true }) { kid } }`;
      const { rotateSigningKey } = await ask(admin, withdraw);
      expect((await world.service.identity.keys()).keys.map(({ kid }) => kid)).toEqual([rotateSigningKey?.["kid"]]);
      const after = await world.service.identity.issueFor(admin.actor.id as PersonId);
      await expect(claimsOf(before.token)).rejects.toThrow();
      await expect(claimsOf(after.token)).resolves.toMatchObject({ sub: admin.actor.id });
    });

    it("rotates the key for nobody who acts in a client's or reseller's name", async () => {
      const acting = { ...admin, staff: false, tenantId: await created("Rotated"), ancestorIds: [admin.tenantId] };
      for (const call of [acting, { ...acting, staff: true }])
        expect(await refusalOf(call, `mutation { rotateSigningKey { kid } }`)).toMatchObject({
          code: "FORBIDDEN",
          reason: "staff_only",
        });
    });

    it("starts with one key however many processes start together", async () => {
      await world.outside.database.db.collection("signing_keys").deleteMany({});
      const services = await Promise.all([1, 2, 3].map(() => buildTenantService(config, world.outside)));
      await Promise.all(services.map((one) => one.indexes()));
      const sets = await Promise.all(services.map((one) => one.identity.keys()));
      expect(new Set(sets.map((set) => JSON.stringify(set))).size).toBe(1);
      expect(sets[0]?.keys).toHaveLength(1);
    });

    it("lets staff act for a client with a reason, and the client sees it", async () => {
      const clientId = await created("Visited");
      const source = `mutation ($input: ActForInput!) { actFor(input: $input) { token expiresAt grantId } }`;
      const data = await ask(admin, source, {
        input: { tenantId: clientId, reason: "her number is stuck", minutes: 15 },
      });
      const claims = await claimsOf(String(data["actFor"]?.["token"]));
      expect(claims).toMatchObject({
        tid: clientId,
        anc: [admin.tenantId],
        stf: false,
        kind: "staff",
        act: { sub: admin.actor.id },
      });
      const owner = memberOf(clientId);
      const seen = await ask(
        owner,
        `{ me { tenant { actAsGrants { totalCount nodes { staffName reason until } } } } }`,
      );
      expect(seen).toMatchObject({
        me: {
          tenant: {
            actAsGrants: { totalCount: 1, nodes: [{ staffName: "Ada Admin", reason: "her number is stuck" }] },
          },
        },
      });
    });

    it("refuses to act for one's own tenant, for strangers, and from within an act-as token", async () => {
      const source = `mutation ($input: ActForInput!) { actFor(input: $input) { token } }`;
      const input = { tenantId: admin.tenantId, reason: "x", minutes: 5 };
      expect(await refusalOf(admin, source, { input })).toMatchObject({ reason: "act_for_own_tenant" });
      expect(await refusalOf(admin, source, { input: { ...input, tenantId: "ten_unknown" } })).toMatchObject({
        code: "NOT_FOUND",
      });
      const acting = { ...admin, staff: false };
      expect(await refusalOf(acting, source, { input })).toMatchObject({ reason: "staff_only" });
    });

    it("tells who asks, where and what they may do", async () => {
      const { me } = await ask(
        auditor,
        `{ me { actor { id kind } person { name } tenant { name kind } permissions } }`,
      );
      expect(me).toMatchObject({ person: { name: "Abel Auditor" }, tenant: { name: "Greentick", kind: "PROVIDER" } });
      expect(me?.["permissions"]).toContain("audit:read");
      expect(me?.["permissions"]).not.toContain("tenant:write");
    });
  });

  describe("the audit trail", () => {
    const trail = async (
      call: Call,
      filter: string,
    ): Promise<{ action: string; facts: { name: string; value: string }[] }[]> => {
      const { auditTrail } = await ask<{ auditTrail: { nodes: never[] } }>(
        call,
        `{ auditTrail(first: 100, ${filter}) { nodes { action actor { kind id } reason requestId facts { name value } aggregateId } } }`,
      );
      return auditTrail.nodes;
    };
    it("shows every change and every refusal with who and why", async () => {
      const tenantId = await created("Audited");
      await ask(admin, move("activate"), { input: { tenantId, reason: "contract signed" } });
      await refusalOf(admin, move("resume"), { input: { tenantId, reason: "x" } });
      await world.settle();
      expect(await trail(admin, `tenantId: "${tenantId}"`)).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            action: "tenant.changed",
            reason: "contract signed",
            actor: { kind: "STAFF", id: admin.actor.id },
          }),
          expect.objectContaining({ action: "tenant.created", requestId: admin.requestId }),
        ]),
      );
      expect(await trail(admin, `action: "audit.refused"`)).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            facts: expect.arrayContaining([{ name: "refusal", value: "tenant_transition_not_allowed" }]) as unknown,
          }),
        ]),
      );
    });

    it("keeps an event of any service once, however often it arrives, and shows a client its own lines only", async () => {
      const [mine, other] = [await created("Mine"), await created("Other")];
      const data = { templateId: "tpl_x", name: "secret_promo", language: "es", status: "draft" };
      const one = anEvent(memberOf(mine), templateAdvanced, data);
      await world.bus.publish([one]);
      await world.bus.publish([one], { again: true });
      await world.settle();
      const lineOf = (call: Call): ReturnType<typeof trail> => trail(call, `action: "template.advanced"`);
      expect(await lineOf(memberOf(mine))).toHaveLength(1);
      expect(await lineOf(memberOf(other))).toHaveLength(0);
      expect(await lineOf(admin)).toHaveLength(1);
      expect(JSON.stringify(await lineOf(admin))).not.toContain("secret_promo");
    });

    it("is hidden from who may not read it", async () => {
      const permissions = new Set<Permission>(["tenant:read"]);
      expect(await refusalOf({ ...admin, permissions }, `{ auditTrail { totalCount } }`)).toMatchObject({
        code: "FORBIDDEN",
      });
    });

    it("moves a prospect along when a signup case opens elsewhere", async () => {
      const tenantId = await created("Newcomer");
      const data = { caseId: "sig_x", next: "preflight", waitsFor: "us" } as const;
      const opened = anEvent(memberOf(tenantId), signupAdvanced, data);
      await world.bus.publish([opened]);
      await world.bus.publish([opened], { again: true });
      await world.settle();
      expect(await ask(admin, `{ tenant(id: "${tenantId}") { status } }`)).toEqual({
        tenant: { status: "ONBOARDING" },
      });
      expect(await world.bus.deadLetters()).toEqual([]);
    });
  });

  it("publishes every tenant's facts for the other services' directories", async () => {
    const heard: EventEnvelope[] = [];
    const hear = (_: Call, one: EventEnvelope): Promise<void> => Promise.resolve(void heard.push(one));
    await world.bus.consume({ name: "test.directory", on: [{ event: tenantCreated, handle: hear }] });
    const tenantId = await created("Announced");
    await world.settle();
    expect(heard.filter((one) => one.tenantId === tenantId)).toMatchObject([
      { data: { tenantId, parentId: admin.tenantId, name: "Announced", kind: "client", status: "prospect" } },
    ]);
  });
});
