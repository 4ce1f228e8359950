import { createHash } from "node:crypto";
import { type EndedReason, type Standing, standingPath, tenantErased } from "@greentick/contracts";
import {
  after,
  type Call,
  dayMs,
  hourMs,
  minuteMs,
  type PersonId,
  readApiKey,
  type Role,
  type TenantId,
} from "@greentick/kernel";
import { loadConfig } from "@greentick/runtime";
import { anEvent, serviceWorld } from "@greentick/testing";
import { execute, type ExecutionResult, parse } from "graphql";
import { buildTenantService, TenantConfig } from "./index.js";

const details = { legalName: "Casa Lumen S.A.S.", country: "CO", currency: "USD", timeZone: "America/Bogota" };
const config = loadConfig(TenantConfig, {});

interface KeyRow {
  readonly id: string;
  readonly status: string;
  readonly visible: string;
  readonly scopes: string[];
  readonly ipAllowList: string[];
  readonly expiresAt: string;
  readonly lastUsedAt: string | null;
  readonly oldSecretUntil: string | null;
  readonly livemode: boolean;
}
const keyFields = "id status visible scopes ipAllowList expiresAt lastUsedAt oldSecretUntil livemode";

/** The system's clock, set by each test. */
let now = new Date();

describe("the standing of a credential", () => {
  const world = serviceWorld("standing", (outside) =>
    buildTenantService(config, { ...outside, clocks: { ...outside.clocks, system: () => now } }),
  );
  let admin: Call;
  let clientId: TenantId;
  let owner: Call;

  const ticking = (call: Call): Call => ({ ...call, systemNow: () => now });

  beforeAll(async () => {
    now = new Date();
    const { tenant, people } = await world.service.identity.ensureProvider({
      ...details,
      name: "Greentick",
      livemode: true,
      people: [{ name: "Ada Admin", email: "ada@bsp.example", roles: ["platform_admin"] }],
    });
    const personId = people[0]?.id ?? "";
    admin = ticking(
      world.call({
        tenantId: tenant.id,
        ancestorIds: [],
        staff: true,
        personId,
        roles: ["platform_admin"],
        livemode: true,
      }),
    );
    clientId = await client();
    owner = await memberOf(clientId, "owner");
  });

  let clients = 0;
  const client = async (more: object = {}): Promise<TenantId> => {
    const input = { ...details, name: `Client ${clients++}`, ...more };
    const source = `mutation ($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } } }`;
    const { createTenant } = await ask<{ createTenant: { tenant: { id: TenantId } } }>(admin, source, { input });
    return createTenant.tenant.id;
  };
  let members = 0;
  const memberOf = async (tenantId: TenantId, role: Role, livemode = true): Promise<Call> => {
    const email = `${role}-${members++}@client.example`;
    const person = await world.service.identity.seedPerson({ tenantId, name: role, email, roles: [role] });
    return ticking(
      world.call({ tenantId, ancestorIds: [admin.tenantId], personId: person.id, roles: [role], livemode }),
    );
  };
  const asked = (call: Call, source: string, variableValues: Record<string, unknown> = {}): Promise<ExecutionResult> =>
    Promise.resolve(
      execute({ schema: world.service.schema.schema, document: parse(source), contextValue: call, variableValues }),
    );
  async function ask<T>(call: Call, source: string, variables: Record<string, unknown> = {}): Promise<T> {
    const { data, errors = [] } = await asked(call, source, variables);
    expect(errors).toEqual([]);
    return data as T;
  }
  const refusalOf = async (call: Call, source: string, variables: Record<string, unknown> = {}): Promise<unknown> =>
    (await asked(call, source, variables)).errors?.[0]?.extensions;

  const move = (verb: string, tenantId: TenantId): Promise<unknown> =>
    ask(admin, `mutation ($input: TenantStatusInput!) { ${verb}Tenant(input: $input) { tenant { id } } }`, {
      input: { tenantId, reason: "a test" },
    });

  const create = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { ${keyFields} } } }`;
  const created = async (more: object = {}, by: Call = owner): Promise<{ secret: string; apiKey: KeyRow }> => {
    const input = { name: "Shop", scopes: ["template:read", "template:submit"], ...more };
    const { createApiKey } = await ask<{ createApiKey: { secret: string; apiKey: KeyRow } }>(by, create, { input });
    return createApiKey;
  };
  const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("base64url");
  const ofKey = (secret: string): Promise<Standing> =>
    world.service.identity.standing({ kind: "key", hash: hashOf(secret) });
  const ofPerson = ({ tenantId, actor }: Call): Promise<Standing> =>
    world.service.identity.standing({ kind: "person", tenantId, personId: actor.id });
  const ends = (ended: EndedReason): Standing => ({ good: false, ended });

  describe("of an API key", () => {
    it("is what its scopes say, and where it belongs", async () => {
      const { secret, apiKey } = await created({
        ipAllowList: ["192.0.2.7", "2001:db8::/32", "::ffff:198.51.100.0/120"],
      });
      expect(readApiKey(secret)).toEqual({ livemode: true });
      expect(apiKey).toMatchObject({
        status: "ACTIVE",
        visible: secret.slice(0, 13),
        lastUsedAt: null,
        livemode: true,
      });
      expect(await ofKey(secret)).toEqual({
        good: true,
        tenantStanding: "open",
        permissions: ["template:read", "template:submit"],
        key: {
          id: apiKey.id,
          tenantId: clientId,
          ancestorIds: [admin.tenantId],
          livemode: true,
          ipAllowList: ["192.0.2.7/32", "2001:db8::/32", "198.51.100.0/24"],
        },
      });
    });

    it("is told over the service's own route for gateways alike", async () => {
      const { secret } = await created();
      const route = world.service.internal?.find(({ path }) => path === standingPath);
      expect(await route?.answer({ kind: "key", hash: hashOf(secret) })).toEqual(await ofKey(secret));
      await expect(async () => route?.answer({ kind: "key", hash: { $ne: null } })).rejects.toThrow();
    });

    it("is nothing for a secret that nobody made, and nothing of the secret is in the store", async () => {
      const { secret } = await created();
      expect(await ofKey(`${secret}x`)).toEqual(ends("api_key_unknown"));
      await world.settle();
      for (const { name } of await world.outside.database.db.listCollections().toArray())
        expect(JSON.stringify(await world.outside.database.db.collection(name).find().toArray())).not.toContain(
          secret.slice(0, 20),
        );
    });

    it("ends with the key's expiry, and with its revocation for ever", async () => {
      const { secret, apiKey } = await created({ expiresAt: after(now, hourMs).toISOString() });
      const before = now;
      now = after(before, hourMs);
      expect(await ofKey(secret)).toEqual(ends("api_key_expired"));
      now = before;
      const revoke = `mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { apiKey { status revokedReason } } }`;
      const revoked = { revokeApiKey: { apiKey: { status: "REVOKED", revokedReason: "leaked" } } };
      const input = { apiKeyId: apiKey.id, reason: "leaked" };
      expect(await ask(owner, revoke, { input })).toEqual(revoked);
      expect(await ask(owner, revoke, { input: { ...input, reason: "again" } })).toEqual(revoked);
      expect(await ofKey(secret)).toEqual(ends("api_key_revoked"));
    });

    it("goes over from one secret to the next with an overlap", async () => {
      const { secret, apiKey } = await created();
      const rotate = `mutation ($input: RotateApiKeyInput!) { rotateApiKey(input: $input) { secret apiKey { ${keyFields} } } }`;
      const { rotateApiKey } = await ask<{ rotateApiKey: { secret: string; apiKey: KeyRow } }>(owner, rotate, {
        input: { apiKeyId: apiKey.id, overlapMinutes: 60 },
      });
      expect(rotateApiKey.apiKey).toMatchObject({ id: apiKey.id, oldSecretUntil: after(now, hourMs).toISOString() });
      expect((await Promise.all([secret, rotateApiKey.secret].map(ofKey))).map(({ good }) => good)).toEqual([
        true,
        true,
      ]);
      const before = now;
      now = after(before, hourMs);
      expect(await ofKey(secret)).toEqual(ends("api_key_expired"));
      expect(await ofKey(rotateApiKey.secret)).toMatchObject({ good: true });
      now = before;
    });

    it("keeps its last use, once a minute", async () => {
      const { secret, apiKey } = await created({ name: "Used" });
      const before = now;
      const lastUsed = async (): Promise<string | null | undefined> => {
        const { apiKeys } = await ask<{ apiKeys: { nodes: KeyRow[] } }>(
          owner,
          `{ apiKeys(first: 100) { nodes { ${keyFields} } } }`,
        );
        return apiKeys.nodes.find(({ id }) => id === apiKey.id)?.lastUsedAt;
      };
      await ofKey(secret);
      now = after(before, minuteMs - 1);
      await Promise.all([ofKey(secret), ofKey(secret)]);
      expect(await lastUsed()).toBe(before.toISOString());
      now = after(before, minuteMs);
      await Promise.all([ofKey(secret), ofKey(secret)]);
      expect(await lastUsed()).toBe(now.toISOString());
      now = before;
    });
  });

  describe("keys of a tenant", () => {
    it("are made once for one idempotency key, and their secret is shown once", async () => {
      const first = await created({ idempotencyKey: "shop-1" });
      const again = await created({ idempotencyKey: "shop-1" });
      expect(again).toMatchObject({ secret: null, apiKey: { id: first.apiKey.id } });
      const other = { input: { name: "Other", scopes: ["template:read"], idempotencyKey: "shop-1" } };
      expect(await refusalOf(owner, create, other)).toMatchObject({ reason: "idempotency_mismatch" });
    });

    it("are test keys in a sandbox", async () => {
      const sandbox = await client({ livemode: false });
      const { secret, apiKey } = await created({}, await memberOf(sandbox, "owner", false));
      expect(secret).toMatch(/^gtk_test_/);
      expect(apiKey.livemode).toBe(false);
      expect(await ofKey(secret)).toMatchObject({ key: { livemode: false, tenantId: sandbox } });
    });

    it("are listed by status and scope, the newest first, to their own tenant and to staff above", async () => {
      const tenantId = await client();
      const mine = await memberOf(tenantId, "developer");
      const [a, b, c] = [
        await created({ name: "a" }, mine),
        await created({ name: "b", expiresAt: after(now, dayMs).toISOString() }, mine),
        await created({ name: "c", scopes: ["onboarding:read"] }, mine),
      ];
      const revoke = `mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { apiKey { id } } }`;
      await ask(mine, revoke, { input: { apiKeyId: c.apiKey.id, reason: "old" } });
      const before = now;
      now = after(before, dayMs);
      const ids = async (filter: string, by: Call = mine): Promise<string[]> => {
        const { apiKeys } = await ask<{ apiKeys: { nodes: { id: string }[] } }>(
          by,
          `{ apiKeys(first: 100${filter}) { nodes { id } } }`,
        );
        return apiKeys.nodes.map(({ id }) => id);
      };
      expect(await ids("")).toEqual([c, b, a].map(({ apiKey }) => apiKey.id));
      expect(await ids(", status: ACTIVE")).toEqual([a.apiKey.id]);
      expect(await ids(", status: EXPIRED")).toEqual([b.apiKey.id]);
      expect(await ids(", status: REVOKED")).toEqual([c.apiKey.id]);
      expect(await ids(`, scope: "onboarding:read"`)).toEqual([c.apiKey.id]);
      expect(await ids("", owner)).not.toContain(a.apiKey.id);
      expect(await ids("", admin)).toContain(a.apiKey.id);
      now = before;
    });

    it("are never made by staff, by who may not, or with a block that is none", async () => {
      const input = { name: "x", scopes: ["template:read"] };
      expect(await refusalOf(admin, create, { input })).toMatchObject({ reason: "permission_missing" });
      const viewer = await memberOf(clientId, "billing_viewer");
      expect(await refusalOf(viewer, create, { input })).toMatchObject({ details: { permission: "key:write" } });
      for (const block of ["192.0.2.0/33", "example.com", "", "10.0.0.1/-1", "::1/129", "1".repeat(100)])
        expect(await refusalOf(owner, create, { input: { ...input, ipAllowList: [block] } })).toMatchObject({
          code: "BAD_USER_INPUT",
          details: { field: "ipAllowList" },
        });
    });

    it("of another tenant are missing", async () => {
      const { apiKey } = await created();
      const stranger = await memberOf(await client(), "owner");
      for (const [verb, more] of [
        ["rotate", {}],
        ["revoke", { reason: "x" }],
      ] as const) {
        const source = `mutation ($input: ${verb === "rotate" ? "Rotate" : "Revoke"}ApiKeyInput!) { ${verb}ApiKey(input: $input) { apiKey { id } } }`;
        expect(await refusalOf(stranger, source, { input: { apiKeyId: apiKey.id, ...more } })).toMatchObject({
          code: "NOT_FOUND",
          reason: "api_key_not_found",
        });
      }
    });

    it("can be given what their maker holds", async () => {
      const { apiKeyScopes } = await ask<{ apiKeyScopes: string[] }>(
        await memberOf(clientId, "developer"),
        "{ apiKeyScopes }",
      );
      expect(apiKeyScopes).toContain("template:submit");
      expect(apiKeyScopes).not.toContain("billing:read");
    });

    it("leave their making, rotation and end in the trail, without the secret", async () => {
      const { secret, apiKey } = await created({ name: "Trailed" });
      await world.settle();
      const trail = await ask<{ auditTrail: { nodes: { action: string; actor: { id: string } }[] } }>(
        owner,
        `{ auditTrail(first: 100, aggregateId: "${apiKey.id}") { nodes { action actor { id } } } }`,
      );
      expect(trail.auditTrail.nodes).toMatchObject([
        { action: "tenant.api_key_created", actor: { id: owner.actor.id } },
      ]);
      expect(JSON.stringify(trail)).not.toContain(secret);
    });
  });

  describe("of a person", () => {
    it("is what the roles hold now", async () => {
      const developer = await memberOf(clientId, "developer");
      expect(await ofPerson(developer)).toEqual({
        good: true,
        tenantStanding: "open",
        permissions: [...developer.permissions],
      });
    });

    it("is nothing for somebody who holds no role there", async () => {
      expect(await ofPerson({ ...owner, tenantId: await client() })).toEqual(ends("access_withdrawn"));
      expect(await ofPerson({ ...owner, actor: { kind: "member", id: "per_unknown" } })).toEqual(
        ends("access_withdrawn"),
      );
      expect(await ofPerson({ ...owner, tenantId: "ten_unknown" as TenantId })).toEqual(ends("access_withdrawn"));
    });
  });

  describe("in a tenant that is not open", () => {
    it("is suspended with its tenant, and open again with it", async () => {
      const tenantId = await client();
      const member = await memberOf(tenantId, "owner");
      const { secret } = await created({}, member);
      await move("suspend", tenantId);
      expect(await ofPerson(member)).toMatchObject({ good: true, tenantStanding: "suspended" });
      expect(await ofKey(secret)).toMatchObject({ good: true, tenantStanding: "suspended" });
      expect(await ofPerson(admin)).toMatchObject({ tenantStanding: "open" });
      await move("resume", tenantId);
      expect(await ofPerson(member)).toMatchObject({ tenantStanding: "open" });
    });

    it("is suspended with the reseller above", async () => {
      const reseller = await client({ kind: "RESELLER" });
      const seller = await memberOf(reseller, "onboarding_agent");
      const sellerCall = { ...seller, staff: true };
      const source = `mutation ($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } } }`;
      const { createTenant } = await ask<{ createTenant: { tenant: { id: TenantId } } }>(sellerCall, source, {
        input: { ...details, name: "Below" },
      });
      const member = await memberOf(createTenant.tenant.id, "owner");
      expect(await ofPerson(member)).toMatchObject({ tenantStanding: "open" });
      await move("suspend", reseller);
      expect(await ofPerson(member)).toMatchObject({ tenantStanding: "suspended" });
      expect(await ofPerson(seller)).toMatchObject({ tenantStanding: "suspended" });
    });

    it("is reading for the owner of a closed one, and nothing for everybody else", async () => {
      const tenantId = await client();
      const [boss, developer] = [await memberOf(tenantId, "owner"), await memberOf(tenantId, "developer")];
      const { secret } = await created({}, boss);
      await move("close", tenantId);
      expect(await ofPerson(boss)).toMatchObject({ good: true, tenantStanding: "closed" });
      expect(await ofPerson(developer)).toEqual(ends("tenant_closed"));
      expect(await ofKey(secret)).toEqual(ends("tenant_closed"));
      const issued = (call: Call): Promise<unknown> =>
        world.service.identity.issueToken({ personId: call.actor.id as PersonId, tenantId });
      await expect(issued(developer)).rejects.toMatchObject({ reason: "tenant_closed" });
      await expect(issued(boss)).resolves.toMatchObject({ token: expect.any(String) as string });
    });
  });

  it("leaves nothing of keys and grants behind when a tenant's data is erased, and touches no other's", async () => {
    const tenantId = await client();
    const [boss, neighbour] = [await memberOf(tenantId, "owner"), await created()];
    const { secret } = await created({}, boss);
    await ofKey(secret);
    await world.given(anEvent(boss, tenantErased, { tenantId, at: now }));
    for (const name of ["api_keys", "api_key_uses", "act_as_grants"])
      expect(await world.outside.database.db.collection(name).countDocuments({ tenantId })).toBe(0);
    expect(await ofKey(secret)).toEqual(ends("api_key_unknown"));
    expect(await ofKey(neighbour.secret)).toMatchObject({ good: true });
  });

  describe("of an act-as grant", () => {
    const act = `mutation ($input: ActForInput!) { actFor(input: $input) { grantId scopes } }`;
    const granted = async (more: object = {}): Promise<{ grantId: string; scopes: string[] }> => {
      const input = { tenantId: clientId, reason: "number stuck", minutes: 30, ...more };
      return (await ask<{ actFor: { grantId: string; scopes: string[] } }>(admin, act, { input })).actFor;
    };
    const ofGrant = (grantId: string, tenantId = clientId): Promise<Standing> =>
      world.service.identity.standing({ kind: "grant", tenantId, grantId });
    const revoke = `mutation ($input: RevokeActAsGrantInput!) { revokeActAsGrant(input: $input) { grant { status revokedReason revokedBy { id } } } }`;

    it("reads only, unless scopes are named", async () => {
      const { grantId, scopes } = await granted();
      expect(await ofGrant(grantId)).toEqual({ good: true, tenantStanding: "open", permissions: scopes });
      expect(scopes.filter((word) => !/:(read|list|cost)$/.test(word))).toEqual([]);
      const writing = await granted({ scopes: ["onboarding:write"] });
      expect(await ofGrant(writing.grantId)).toMatchObject({ permissions: ["onboarding:write"] });
    });

    it("ends with its time, and is none in another tenant", async () => {
      const { grantId } = await granted();
      expect(await ofGrant(grantId, await client())).toEqual(ends("grant_ended"));
      const before = now;
      now = after(before, 30 * minuteMs);
      expect(await ofGrant(grantId)).toEqual(ends("grant_ended"));
      now = before;
    });

    it("is suspended with the client", async () => {
      const tenantId = await client();
      const { grantId } = await granted({ tenantId });
      await move("suspend", tenantId);
      expect(await ofGrant(grantId, tenantId)).toMatchObject({ tenantStanding: "suspended" });
    });

    it("is ended by the client's owner, who sees what it was for", async () => {
      const { grantId } = await granted({ reason: "her badge", scopes: ["badge:read"] });
      const input = { grantId, reason: "not needed" };
      const developer = await memberOf(clientId, "developer");
      expect(await refusalOf(developer, revoke, { input })).toMatchObject({ reason: "permission_missing" });
      const stranger = await memberOf(await client(), "owner");
      expect(await refusalOf(stranger, revoke, { input })).toMatchObject({ reason: "act_as_grant_not_found" });
      const grant = { status: "REVOKED", revokedReason: "not needed", revokedBy: { id: owner.actor.id } };
      expect(await ask(owner, revoke, { input })).toEqual({ revokeActAsGrant: { grant } });
      expect(await ask(owner, revoke, { input: { ...input, reason: "twice" } })).toEqual({
        revokeActAsGrant: { grant },
      });
      expect(await ofGrant(grantId)).toEqual(ends("grant_ended"));
      const { tenant } = await ask<{ tenant: { actAsGrants: { nodes: { id: string }[] } } }>(
        owner,
        `query ($id: ID!) { tenant(id: $id) { actAsGrants(first: 100) { nodes { id status scopes reason } } } }`,
        { id: clientId },
      );
      expect(tenant.actAsGrants.nodes.find(({ id }) => id === grantId)).toEqual({
        id: grantId,
        status: "REVOKED",
        scopes: ["badge:read"],
        reason: "her badge",
      });
    });

    it("is ended by its own staff person and by a platform admin, not by a colleague", async () => {
      const seeded = await world.service.identity.seedPerson({
        tenantId: admin.tenantId,
        name: "Olga",
        email: "olga@bsp.example",
        roles: ["onboarding_agent"],
      });
      const home = { tenantId: admin.tenantId, ancestorIds: [], staff: true, livemode: true };
      const olga = ticking(world.call({ ...home, personId: seeded.id, roles: ["onboarding_agent"] }));
      const first = await granted();
      expect(await refusalOf(olga, revoke, { input: { grantId: first.grantId, reason: "x" } })).toMatchObject({
        reason: "act_as_grant_not_found",
      });
      await ask(admin, revoke, { input: { grantId: first.grantId, reason: "done" } });
      expect(await ofGrant(first.grantId)).toEqual(ends("grant_ended"));
      const { actFor } = await ask<{ actFor: { grantId: string } }>(olga, act, {
        input: { tenantId: clientId, reason: "a look", minutes: 5 },
      });
      expect(await ofGrant(actFor.grantId)).toMatchObject({ good: true });
      await ask(admin, revoke, { input: { grantId: actFor.grantId, reason: "she left" } });
      expect(await ofGrant(actFor.grantId)).toEqual(ends("grant_ended"));
    });

    it("does not lead to another one, to keys, or to the end of somebody's access", async () => {
      const { grantId } = await granted({ scopes: undefined });
      const answer = await ofGrant(grantId);
      const words: readonly string[] = answer.good ? answer.permissions : [];
      expect(words).toContain("template:read");
      for (const word of ["tenant:act-for", "key:write", "key:revoke", "grant:revoke", "person:invite"]) {
        expect(words).not.toContain(word);
        const input = { tenantId: clientId, reason: "x", minutes: 5, scopes: [word] };
        expect(await refusalOf(admin, act, { input })).toMatchObject({ reason: "scope_not_held" });
      }
    });
  });
});
