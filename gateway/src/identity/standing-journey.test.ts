import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type StandingQuestion } from "@greentick/contracts";
import { failureBudget, visitorClaims } from "@greentick/graphql";
import { after, allow, type Call, type Permission, type PersonId, type Role, type TenantId } from "@greentick/kernel";
import { type CallClaims, callFactory, loadConfig, silentLog } from "@greentick/runtime";
import { buildTenantService, TenantConfig } from "@greentick/tenant";
import { serviceWorld } from "@greentick/testing";
import { execute, parse } from "graphql";
import { claimsOfCredential, type CredentialParts } from "./credentials.js";
import { failures } from "./failures.js";
import { keyRing } from "./key-ring.js";
import { standings } from "./standings.js";
import { tokenVerifier } from "./verify-token.js";

const details = { legalName: "Casa Lumen S.A.S.", country: "CO", currency: "USD", timeZone: "America/Bogota" };
const ip = "203.0.113.9";
/** Within this time of the system a change is in force everywhere. */
const promisedMs = 5_000;

/** The system's clock, the same for the tenant service and for the gateway, set by the tests. */
let now = new Date();
const clock = (): Date => now;

describe("a change of access", () => {
  const mail = mkdtempSync(join(tmpdir(), "greentick-access-"));
  afterAll(() => {
    rmSync(mail, { recursive: true, force: true });
  });
  const world = serviceWorld("access", (outside) => {
    const clocks = { ...outside.clocks, system: clock };
    const calls = callFactory({ clocks, randomBytes: outside.randomBytes, log: silentLog });
    return buildTenantService(loadConfig(TenantConfig, { MAIL_URL: `file:${mail}` }), { ...outside, clocks, calls });
  });
  const asked: StandingQuestion[] = [];
  let gateway: CredentialParts;
  let adminId: PersonId;
  let providerId: TenantId;

  beforeAll(async () => {
    const { identity } = world.service;
    const verify = tokenVerifier(keyRing({ load: identity.keys, now: clock, log: silentLog }), clock);
    const ask = (question: StandingQuestion): ReturnType<typeof identity.standing> => {
      asked.push(question);
      return identity.standing(question);
    };
    const standing = standings({ ask, now: clock, log: silentLog });
    gateway = { verify, standing, failures: failures(failureBudget({ now: clock })) };
    const people = [{ name: "Ada Admin", email: "ada@bsp.example", roles: ["platform_admin" as const] }];
    const { tenant, people: found } = await identity.ensureProvider({
      ...details,
      name: "Greentick",
      livemode: true,
      people,
    });
    providerId = tenant.id;
    adminId = found[0]?.id ?? adminId;
  });

  const claims = (credential: string): Promise<CallClaims> => claimsOfCredential(gateway, credential, ip);
  /** The call that a request with this credential becomes at the gateway. */
  const call = async (credential: string): Promise<Call> => {
    const made = world.outside.calls.fromClaims(await claims(credential), { requestId: "req_1", ip });
    return { ...made, systemNow: clock };
  };
  const ask = async <T>(credential: string, source: string, input: object): Promise<T> =>
    answer<T>(await call(credential), source, input);
  async function answer<T>(contextValue: Call, source: string, input: object): Promise<T> {
    const { schema } = world.service.schema;
    const { data, errors = [] } = await execute({
      schema,
      document: parse(source),
      contextValue,
      variableValues: { input },
    });
    expect(errors).toEqual([]);
    return data as T;
  }
  /** Somebody with a password, who was invited by mail and has just signed in. */
  async function signedIn(
    tenantId: TenantId,
    role: Role,
  ): Promise<{ token: string; sessionId: string; personId: string }> {
    const email = `${role}-by-mail@${tenantId.toLowerCase()}.example`;
    const password = "seven quiet lanterns drift";
    const invite = `mutation ($input: InvitePersonInput!) { invitePerson(input: $input) { invitation { id } } }`;
    await ask(await admin(), invite, { email, name: "Nia New", roles: [role.toUpperCase()], tenantId });
    await world.settle();
    const messages = readdirSync(mail).map((file) => readFileSync(join(mail, file), "utf8"));
    const text = messages
      .find((one) => one.includes(`To: ${email}`))
      ?.replaceAll("=\n", "")
      .replaceAll("=3D", "=");
    const link = /#token=([\w.-]+)/.exec(text ?? "")?.[1] ?? "";
    const visitor = { ...world.outside.calls.fromClaims(visitorClaims, { requestId: "req_1", ip }), systemNow: clock };
    const accept = `mutation ($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { personId } }`;
    const { acceptInvitation } = await answer<{ acceptInvitation: { personId: string } }>(visitor, accept, {
      token: link,
      password,
    });
    const enter = `mutation ($input: SignInInput!) { signIn(input: $input) { signedIn { accessToken session { id } } } }`;
    const entered = await answer<{ signIn: { signedIn: { accessToken: string; session: { id: string } } } }>(
      visitor,
      enter,
      {
        email,
        password,
      },
    );
    const { accessToken, session } = entered.signIn.signedIn;
    return { token: accessToken, sessionId: session.id, personId: acceptInvitation.personId };
  }
  const admin = async (): Promise<string> => (await world.service.identity.issueFor(adminId)).token;
  const member = async (tenantId: TenantId, role: Role): Promise<string> => {
    const wanted = { tenantId, name: role, email: `${role}@${tenantId.toLowerCase()}.example`, roles: [role] };
    const { id } = await world.service.identity.seedPerson(wanted);
    return (await world.service.identity.issueFor(id)).token;
  };
  let clients = 0;
  const client = async (): Promise<TenantId> => {
    const source = `mutation ($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } } }`;
    const input = { ...details, name: `Client ${clients++}` };
    const made = await ask<{ createTenant: { tenant: { id: TenantId } } }>(await admin(), source, input);
    return made.createTenant.tenant.id;
  };
  const move = async (verb: string, tenantId: TenantId): Promise<unknown> =>
    ask(await admin(), `mutation ($input: TenantStatusInput!) { ${verb}Tenant(input: $input) { tenant { id } } }`, {
      tenantId,
      reason: "a test",
    });
  const key = async (by: string, more: object = {}): Promise<{ id: string; secret: string }> => {
    const source = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id } } }`;
    const input = { name: "Shop", scopes: ["template:read", "template:submit"], ...more };
    const { createApiKey } = await ask<{ createApiKey: { secret: string; apiKey: { id: string } } }>(by, source, input);
    return { id: createApiKey.apiKey.id, secret: createApiKey.secret };
  };
  const actFor = async (tenantId: TenantId, scopes: string[]): Promise<{ token: string; grantId: string }> => {
    const source = `mutation ($input: ActForInput!) { actFor(input: $input) { token grantId } }`;
    const input = { tenantId, reason: "number stuck", minutes: 30, scopes };
    return (await ask<{ actFor: { token: string; grantId: string } }>(await admin(), source, input)).actFor;
  };
  const mayOrWhyNot = async (credential: string, word: Permission): Promise<string> => {
    try {
      allow(await call(credential), word);
      return "allowed";
    } catch (error) {
      return (error as { reason: string }).reason;
    }
  };
  const later = (ms: number): void => {
    now = after(now, ms);
  };

  it("takes a role away everywhere, and all access with the last one", async () => {
    const clientId = await client();
    const owner = await member(clientId, "owner");
    const { token, personId } = await signedIn(clientId, "developer");
    expect(await mayOrWhyNot(token, "template:submit")).toBe("allowed");
    const change = `mutation ($input: ChangeRolesInput!) { changeRoles(input: $input) { person { personId } } }`;
    await ask(owner, change, { personId, roles: ["BILLING_VIEWER"] });
    later(promisedMs);
    expect(await mayOrWhyNot(token, "template:submit")).toBe("permission_missing");
    expect(await mayOrWhyNot(token, "billing:read")).toBe("allowed");
    const remove = `mutation ($input: PersonIdInput!) { removeFromTenant(input: $input) { person { personId } } }`;
    await ask(owner, remove, { personId });
    later(promisedMs);
    await expect(claims(token)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  it("ends a revoked session everywhere", async () => {
    const clientId = await client();
    const { token, sessionId } = await signedIn(clientId, "developer");
    await expect(call(token)).resolves.toMatchObject({ sessionId, tenantId: clientId });
    const source = `mutation ($input: SessionIdInput!) { revokeSession(input: $input) { session { id } } }`;
    await ask(token, source, { sessionId });
    later(promisedMs);
    await expect(claims(token)).rejects.toMatchObject({ code: "UNAUTHENTICATED", reason: "session_ended" });
  });

  it("ends a revoked key everywhere", async () => {
    const owner = await member(await client(), "owner");
    const { id, secret } = await key(owner);
    await expect(claims(secret)).resolves.toMatchObject({ actor: { kind: "api_key", id }, keyId: id, livemode: true });
    const source = `mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { apiKey { id } } }`;
    await ask(owner, source, { apiKeyId: id, reason: "leaked" });
    later(promisedMs);
    await expect(claims(secret)).rejects.toMatchObject({ code: "UNAUTHENTICATED", reason: "api_key_revoked" });
  });

  it("ends a revoked act-as grant everywhere, and the trail names both actors before", async () => {
    const clientId = await client();
    const owner = await member(clientId, "owner");
    const { token, grantId } = await actFor(clientId, ["template:read"]);
    await expect(call(token)).resolves.toMatchObject({
      actor: { kind: "staff", id: adminId },
      onBehalfOf: { kind: "tenant", id: clientId },
      tenantId: clientId,
      grantId,
      staff: false,
      permissions: new Set(["template:read"]),
    });
    const source = `mutation ($input: RevokeActAsGrantInput!) { revokeActAsGrant(input: $input) { grant { id } } }`;
    await ask(owner, source, { grantId, reason: "not needed" });
    later(promisedMs);
    await expect(claims(token)).rejects.toMatchObject({ code: "UNAUTHENTICATED", reason: "grant_ended" });
  });

  it("takes writing, and nothing else, from everybody in a suspended tenant, and gives it back", async () => {
    const clientId = await client();
    const owner = await member(clientId, "owner");
    const { secret } = await key(owner);
    const { token } = await actFor(clientId, ["template:read", "template:submit"]);
    const inside = [owner, secret, token];
    const all = (word: Permission): Promise<string[]> => Promise.all(inside.map((one) => mayOrWhyNot(one, word)));
    expect(await all("template:submit")).toEqual(["allowed", "allowed", "allowed"]);
    await move("suspend", clientId);
    later(promisedMs);
    expect(await all("template:submit")).toEqual(["tenant_suspended", "tenant_suspended", "tenant_suspended"]);
    expect(await all("template:read")).toEqual(["allowed", "allowed", "allowed"]);
    expect(await mayOrWhyNot(owner, "key:revoke")).toBe("allowed");
    expect(await mayOrWhyNot(await admin(), "tenant:write")).toBe("allowed");
    await move("resume", clientId);
    later(promisedMs);
    expect(await all("template:submit")).toEqual(["allowed", "allowed", "allowed"]);
  });

  it("leaves a closed tenant to the eyes of its owner", async () => {
    const clientId = await client();
    const [owner, developer] = [await member(clientId, "owner"), await member(clientId, "developer")];
    const { secret } = await key(owner);
    await move("close", clientId);
    later(promisedMs);
    expect(await mayOrWhyNot(owner, "template:read")).toBe("allowed");
    expect(await mayOrWhyNot(owner, "template:submit")).toBe("tenant_closed");
    for (const gone of [developer, secret])
      await expect(claims(gone)).rejects.toMatchObject({ code: "UNAUTHENTICATED", reason: "tenant_closed" });
  });

  it("asks for a key under load once in two seconds", async () => {
    const { secret } = await key(await member(await client(), "owner"));
    asked.length = 0;
    for (let ms = 0; ms < 10_000; ms += 100) {
      await Promise.all(Array.from({ length: 20 }, () => claims(secret)));
      later(100);
    }
    expect(asked).toHaveLength(5);
  });

  it("takes a key only from its addresses, and tells the missing scope", async () => {
    const owner = await member(await client(), "owner");
    const near = await key(owner, { ipAllowList: ["203.0.113.0/24"], scopes: ["template:read"] });
    const far = await key(owner, { ipAllowList: ["198.51.100.0/24", "2001:db8::/32"] });
    expect(await mayOrWhyNot(near.secret, "template:read")).toBe("allowed");
    expect(await mayOrWhyNot(near.secret, "template:submit")).toBe("permission_missing");
    await expect(claims(far.secret)).rejects.toMatchObject({ reason: "api_key_ip_not_allowed" });
  });

  it("of the signing key refuses no request, before, during and after", async () => {
    const rotate = `mutation { rotateSigningKey { kid } }`;
    const kids = new Set<string>();
    let tokens: { readonly token: string; readonly until: Date }[] = [];
    for (let minute = 0; minute < 180; minute++) {
      if (minute % 45 === 20) await ask(await admin(), rotate, {});
      const { token, expiresAt } = await world.service.identity.issueFor(adminId, 900);
      kids.add((JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()) as { kid: string }).kid);
      tokens = [...tokens, { token, until: expiresAt }].filter(({ until }) => until > now);
      const calls = await Promise.all(tokens.map((one) => call(one.token)));
      expect(calls.every(({ tenantId }) => tenantId === providerId)).toBe(true);
      later(60_000);
    }
    expect(kids.size).toBe(5);
  });
});
