import { tenantErased } from "@greentick/contracts";
import { type Call, type Role, type TenantId } from "@greentick/kernel";
import { loadConfig } from "@greentick/runtime";
import { serviceWorld } from "@greentick/testing";
import { execute, type ExecutionResult, parse } from "graphql";
import { buildTenantService, TenantConfig } from "./index.js";

const details = { legalName: "Casa Lumen S.A.S.", country: "CO", currency: "USD", timeZone: "America/Bogota" };
const config = loadConfig(TenantConfig, {
  TENANT_KEY_LEAD_SECONDS: "0",
  RETENTION_DAYS: "contacts=30,people=60",
});

interface Shown extends Record<string, unknown> {
  readonly id: TenantId;
  readonly status: string;
  readonly name: string;
}

/** The tenant service below a live or a sandbox provider, and what a test asks of it. */
function treeWorld(livemode: boolean) {
  const world = serviceWorld("tenant", (outside) => buildTenantService(config, outside));
  const known: { admin?: Call } = {};
  beforeAll(async () => {
    await world.setClock("2026-10-01T08:00:00Z");
    const { tenant, people } = await world.service.identity.ensureProvider({
      ...details,
      name: "Greentick",
      livemode,
      people: [{ name: "Ada Admin", email: "ada@bsp.example", roles: ["platform_admin"] }],
    });
    const personId = people[0]?.id ?? "";
    known.admin = world.call({ tenantId: tenant.id, ancestorIds: [], staff: true, personId, livemode });
  });
  const admin = (): Call => {
    if (known.admin === undefined) throw new Error("the world opens before the first test");
    return known.admin;
  };
  const asked = async (call: Call, source: string, variables: Record<string, unknown> = {}): Promise<ExecutionResult> =>
    execute({
      schema: world.service.schema.schema,
      document: parse(source),
      contextValue: call,
      variableValues: variables,
    });
  const ask = async (call: Call, source: string, variables: Record<string, unknown> = {}): Promise<Shown> => {
    const { data, errors } = await asked(call, source, variables);
    expect(errors ?? []).toEqual([]);
    const [first] = Object.values(data ?? {});
    const payload = first as { tenant?: Shown };
    return (payload.tenant ?? payload) as Shown;
  };
  const refusal = async (call: Call, source: string, variables: Record<string, unknown> = {}): Promise<unknown> =>
    (await asked(call, source, variables)).errors?.[0]?.extensions;
  const fields = `id name kind status livemode twinOf sandboxTwinId legalName timeZone currency languages closedAt erasedAt
    contacts { purpose name email phone } taxIds { country kind value verified } address { lines city country }
    retention { kind until endedAt } legalHold { reason }
    effectiveSettings { timeZone { value origin { tenantId inherited } } contacts { value { name } origin { inherited } } }`;
  const change = (name: string, input: string): string =>
    `mutation ($input: ${input}!) { ${name}(input: $input) { tenant { ${fields} } } }`;
  const create = (name: string, more: Record<string, unknown> = {}, call = admin()): Promise<Shown> =>
    ask(call, change("createTenant", "CreateTenantInput"), { input: { ...details, name, ...more } });
  const branch = (parentId: string, name: string, more: Record<string, unknown> = {}): Promise<Shown> =>
    ask(admin(), change("createTenant", "CreateTenantInput"), { input: { name, kind: "BRANCH", parentId, ...more } });
  const settings = (input: Record<string, unknown>, call = admin()): Promise<Shown> =>
    ask(call, change("updateTenantSettings", "UpdateTenantSettingsInput"), { input });
  const status = change("closeTenant", "TenantStatusInput");
  const close = (tenantId: string): Promise<Shown> =>
    ask(admin(), status, { input: { tenantId, reason: "they left" } });
  const member = (tenantId: TenantId, role: Role = "owner"): Call =>
    world.call({ tenantId, ancestorIds: [admin().tenantId], roles: [role], livemode });
  const read = (id: string, call = admin()): Promise<Shown> =>
    ask(call, `query ($id: ID!) { tenant(id: $id) { ${fields} } }`, { id });
  return { world, admin, asked, ask, refusal, change, create, branch, settings, close, member, read };
}

describe("the tree of organisations", () => {
  const t = treeWorld(false);

  it("grows resellers below the provider, clients below either, branches below a client, and nothing elsewhere", async () => {
    const reseller = await t.create("Reventa", { kind: "RESELLER" });
    const client = await t.create("Casa Lumen", { parentId: reseller.id });
    const shop = await t.branch(client.id, "Casa Lumen Norte");
    expect([reseller, client, shop].map(({ kind }) => kind)).toEqual(["RESELLER", "CLIENT", "BRANCH"]);
    const input = { name: "x", kind: "BRANCH", parentId: shop.id };
    expect(await t.refusal(t.admin(), t.change("createTenant", "CreateTenantInput"), { input })).toMatchObject({
      reason: "tenant_kind_not_allowed",
    });
    const below = `query ($id: ID!) { tenant(id: $id) { children(first: 5) { totalCount nodes { name } } } }`;
    expect(await t.ask(t.member(client.id), below, { id: client.id })).toEqual({
      children: { totalCount: 1, nodes: [{ name: "Casa Lumen Norte" }] },
    });
  });

  it("needs of a client what a branch may inherit", async () => {
    const input = { name: "x", legalName: "X Ltd", country: "GB", currency: "GBP" };
    expect(await t.refusal(t.admin(), t.change("createTenant", "CreateTenantInput"), { input })).toMatchObject({
      code: "BAD_USER_INPUT",
      details: { field: "timeZone" },
    });
  });

  it("keeps settings with what is known of them, and names the field that cannot be right", async () => {
    const { id } = await t.create("Settings");
    const kept = await t.settings({
      tenantId: id,
      languages: ["es-co", "en"],
      address: { lines: ["Calle 10 # 5-51"], city: "Bogotá", country: "CO" },
      taxIds: [
        { country: "CO", kind: "NIT", value: "213.123.432-1" },
        { country: "CO", kind: "rut", value: "12345" },
      ],
      contacts: [{ purpose: "BILLING", name: "Berta", email: "Berta@Casa.example", phone: "601 5550147" }],
    });
    expect(kept).toMatchObject({
      languages: ["es-CO", "en"],
      taxIds: [
        { kind: "nit", value: "2131234321", verified: true },
        { kind: "rut", verified: false },
      ],
      contacts: [{ purpose: "BILLING", email: "berta@casa.example", phone: "+576015550147" }],
    });
    const wrong: readonly [string, Record<string, unknown>][] = [
      ["taxIds.0.value", { taxIds: [{ country: "CO", kind: "nit", value: "213.123.432-2" }] }],
      ["taxIds.1", { taxIds: [1, 2].map((n) => ({ country: "CO", kind: "rut", value: `${n}` })) }],
      ["languages", { languages: ["español"] }],
      ["contacts.0.phone", { contacts: [{ purpose: "PRIVACY", name: "P", phone: "12" }] }],
      ["contacts.0", { contacts: [{ purpose: "PRIVACY", name: "P" }] }],
      ["currency", { currency: "XQZ" }],
      ["timeZone", { timeZone: "Bogota" }],
    ];
    for (const [field, change] of wrong) {
      const input = { tenantId: id, ...change };
      expect(
        await t.refusal(t.admin(), t.change("updateTenantSettings", "UpdateTenantSettingsInput"), { input }),
      ).toMatchObject({ code: "BAD_USER_INPUT", details: { field } });
    }
  });

  it("hands settings down to branches until they have their own, and back when they give them up", async () => {
    const client = await t.create("Familia");
    const shop = await t.branch(client.id, "Familia Madrid", { timeZone: "Europe/Madrid" });
    const contacts = [{ purpose: "EMERGENCY", name: "Ema", phone: "+576015550147" }];
    await t.settings({ tenantId: client.id, timeZone: "America/Lima", contacts });
    await t.world.settle();
    expect(await t.read(shop.id)).toMatchObject({
      timeZone: "Europe/Madrid",
      effectiveSettings: {
        timeZone: { value: "Europe/Madrid", origin: { tenantId: shop.id, inherited: false } },
        contacts: { value: [{ name: "Ema" }], origin: { inherited: true } },
      },
    });
    expect(await t.settings({ tenantId: shop.id, timeZone: null })).toMatchObject({
      effectiveSettings: { timeZone: { value: "America/Lima", origin: { tenantId: client.id, inherited: true } } },
    });
    const input = { tenantId: client.id, timeZone: null };
    expect(
      await t.refusal(t.admin(), t.change("updateTenantSettings", "UpdateTenantSettingsInput"), { input }),
    ).toMatchObject({ reason: "nothing_to_inherit" });
  });

  it("lets an owner change the own settings and nobody else's", async () => {
    const [a, b] = [await t.create("Own"), await t.create("Other")];
    expect(await t.settings({ tenantId: a.id, languages: ["pt"] }, t.member(a.id))).toMatchObject({
      languages: ["pt"],
    });
    const input = { tenantId: b.id, languages: ["pt"] };
    const update = t.change("updateTenantSettings", "UpdateTenantSettingsInput");
    expect(await t.refusal(t.member(a.id), update, { input })).toMatchObject({ reason: "tenant_not_found" });
    expect(await t.refusal(t.member(a.id, "developer"), update, { input })).toMatchObject({
      reason: "permission_missing",
    });
  });

  it("is filtered by what staff ask for", async () => {
    await t.world.setClock("2026-10-05T08:00:00Z");
    const { id } = await t.create("Zafiro (nuevo)", { country: "PE", legalName: "ZAFIRO S.A.C." });
    const names = async (filter: string): Promise<unknown> =>
      (
        (await t.ask(t.admin(), `{ tenants(${filter}) { nodes { name } } }`)) as unknown as {
          nodes: { name: string }[];
        }
      ).nodes.map(({ name }) => name);
    expect(await names(`text: "zafiro s.a.c."`)).toEqual(["Zafiro (nuevo)"]);
    expect(await names(`text: "(nuevo"`)).toEqual(["Zafiro (nuevo)"]);
    expect(await names(`text: ".*"`)).toEqual([]);
    expect(await names(`country: "PE", status: PROSPECT, kind: CLIENT`)).toEqual(["Zafiro (nuevo)"]);
    expect(await names(`createdAfter: "2026-10-05T00:00:00Z"`)).toEqual(["Zafiro (nuevo)"]);
    expect(await names(`createdBefore: "2026-10-05T00:00:00Z", country: "PE"`)).toEqual([]);
    expect(await names(`livemode: true`)).toEqual([]);
    expect(await names(`parentId: "${t.admin().tenantId}", text: "zafiro"`)).toEqual(["Zafiro (nuevo)"]);
    expect(await names(`parentId: "${id}"`)).toEqual([]);
    await t.world.setClock("2026-10-01T08:00:00Z");
  });

  it("closes from the leaves up, once, and says why not", async () => {
    const client = await t.create("Goes");
    const shop = await t.branch(client.id, "Goes Norte");
    const input = { tenantId: client.id, reason: "left" };
    const closing = t.change("closeTenant", "TenantStatusInput");
    expect(await t.refusal(t.admin(), closing, { input })).toMatchObject({
      code: "CONFLICT",
      reason: "tenant_has_open_children",
      details: { count: 1 },
    });
    await t.close(shop.id);
    expect(await t.close(client.id)).toMatchObject({ status: "CLOSED", closedAt: "2026-10-01T08:00:00.000Z" });
    expect(await t.refusal(t.admin(), closing, { input })).toMatchObject({ code: "CONFLICT", reason: "tenant_closed" });
  });

  it("shows how long each kind of data is kept, and why", async () => {
    const rules = (await t.ask(t.admin(), `{ retentionRules { kind days from why } }`)) as unknown as {
      kind: string;
    }[];
    expect(rules).toContainEqual(expect.objectContaining({ kind: "contacts", days: 30, from: "CLOSING" }));
    expect(rules.find(({ kind }) => kind === "ledger")).toMatchObject({ days: 3653 });
    expect(() => loadConfig(TenantConfig, { RETENTION_DAYS: "ledger=30" })).toThrow("must be kept for 3653 days");
    expect(() => loadConfig(TenantConfig, { RETENTION_DAYS: "cookies=30" })).toThrow("is none of");
  });
});

describe("the end of a tenant", () => {
  const t = treeWorld(false);
  const heard: string[] = [];
  let leaving: Shown;

  beforeAll(async () => {
    await t.world.bus.consume({
      name: "test.listener",
      on: [{ event: tenantErased, handle: (_, event) => Promise.resolve(void heard.push(event.tenantId)) }],
    });
    leaving = await t.create("Leaves");
    await t.settings({
      tenantId: leaving.id,
      contacts: [{ purpose: "PRIVACY", name: "Canary Bird", email: "canary@leaves.example" }],
    });
    await t.close(leaving.id);
    await t.world.settle();
  });
  const pass = async (to: string): Promise<void> => {
    await t.world.setClock(to);
    await t.world.settle();
  };
  /** Every document of the service, as text. */
  const everything = async (): Promise<string> => {
    const { db } = t.world.outside.database;
    const names = (await db.listCollections().toArray()).map(({ name }) => name);
    const all = await Promise.all(names.map((name) => db.collection(name).find().toArray()));
    return JSON.stringify(all);
  };

  it("keeps each kind of data for its period", async () => {
    await pass("2026-10-30T08:00:00Z");
    expect(await t.read(leaving.id)).toMatchObject({ contacts: [{ name: "Canary Bird" }] });
    expect(await everything()).toContain("canary@leaves.example");
  });

  it("erases nothing while a legal hold stands, whatever is due", async () => {
    const input = { tenantId: leaving.id, reason: "case 17" };
    const place = t.change("placeLegalHold", "LegalHoldInput");
    await t.ask(t.admin(), place, { input });
    expect(await t.refusal(t.admin(), place, { input })).toMatchObject({ reason: "legal_hold_stands" });
    await pass("2026-11-02T08:00:00Z");
    expect(await t.read(leaving.id)).toMatchObject({
      legalHold: { reason: "case 17" },
      contacts: [{ name: "Canary Bird" }],
    });
  });

  it("erases what is due when the hold is lifted", async () => {
    const input = { tenantId: leaving.id, reason: "case closed" };
    await t.ask(t.admin(), t.change("liftLegalHold", "LegalHoldInput"), { input });
    await t.world.settle();
    expect(await t.read(leaving.id)).toMatchObject({ contacts: [], legalHold: null, erasedAt: null });
    expect(await everything()).not.toContain("canary@leaves.example");
    expect(heard).toEqual([]);
  });

  it("is complete when the last period has passed: said once, and the tenant's facts for the books remain", async () => {
    await pass("2027-01-01T08:00:00Z");
    expect(heard).toEqual([]);
    await pass("2029-10-02T08:00:00Z");
    await pass("2029-11-02T08:00:00Z");
    expect(heard).toEqual([leaving.id]);
    const after = await t.read(leaving.id);
    expect(after).toMatchObject({ status: "CLOSED", legalName: "Casa Lumen S.A.S." });
    expect(after["erasedAt"]).not.toBeNull();
    const input = { tenantId: leaving.id, reason: "too late" };
    expect(await t.refusal(t.admin(), t.change("placeLegalHold", "LegalHoldInput"), { input })).toMatchObject({
      reason: "tenant_erased",
    });
  });
});

describe("the sandbox twin of a live client", () => {
  const t = treeWorld(true);
  let live: Shown;
  let twin: Shown;

  beforeAll(async () => {
    live = await t.create("Casa Lumen");
    await t.world.settle();
    const { sandboxTwinId } = await t.read(live.id);
    twin = await t.read(String(sandboxTwinId));
  });

  it("is there soon after the client, marked, with the same details and ready to use", () => {
    expect(twin).toMatchObject({
      name: "Casa Lumen (sandbox)",
      livemode: false,
      twinOf: live.id,
      status: "ACTIVE",
      timeZone: "America/Bogota",
    });
  });

  it("is one, however often it is asked for", async () => {
    const source = t.change("createSandboxTwin", "SandboxTwinInput");
    const asked = await Promise.all([1, 2, 3].map(() => t.ask(t.admin(), source, { input: { tenantId: live.id } })));
    expect(new Set(asked.map(({ id }) => id))).toEqual(new Set([twin.id]));
    expect(await t.refusal(t.admin(), source, { input: { tenantId: twin.id } })).toMatchObject({
      reason: "twin_not_possible",
    });
  });

  it("and its live client do not see each other: the other's ids read like ids of nobody", async () => {
    const source = `query ($id: ID!) { tenant(id: $id) { id } }`;
    const update = t.change("updateTenantSettings", "UpdateTenantSettingsInput");
    const nobody = "ten_01N0B0DY000000000000000000";
    for (const [own, other] of [
      [live, twin],
      [twin, live],
    ] as const) {
      const call = t.member(own.id);
      expect((await t.asked(call, source, { id: other.id })).data).toEqual({ tenant: null });
      const refused = await Promise.all(
        [other.id, nobody].map((tenantId) => t.refusal(call, update, { input: { tenantId, languages: ["en"] } })),
      );
      expect(JSON.stringify(refused[0]).replaceAll(other.id, nobody)).toBe(JSON.stringify(refused[1]));
    }
  });

  it("is suspended, resumed and closed with its client", async () => {
    const move = async (verb: string): Promise<unknown> => {
      const input = { tenantId: live.id, reason: "asked" };
      await t.ask(t.admin(), t.change(verb, "TenantStatusInput"), { input });
      await t.world.settle();
      return (await t.read(twin.id)).status;
    };
    await t.branch(twin.id, "Twin's branch");
    expect(await move("suspendTenant")).toBe("SUSPENDED");
    expect(await move("resumeTenant")).toBe("ACTIVE");
    expect(await move("closeTenant")).toBe("CLOSED");
  });
});
