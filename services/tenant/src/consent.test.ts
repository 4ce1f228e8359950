import { dataSubjectAnswered, dataSubjectRequested, tenantErased } from "@greentick/contracts";
import { type Call, type EventEnvelope, type TenantId } from "@greentick/kernel";
import { loadConfig } from "@greentick/runtime";
import { anEvent, serviceWorld } from "@greentick/testing";
import { execute, type ExecutionResult, parse } from "graphql";
import { buildTenantService, TenantConfig } from "./index.js";

const details = { legalName: "Casa Lumen S.A.S.", country: "CO", currency: "USD", timeZone: "America/Bogota" };
const config = loadConfig(TenantConfig, { TENANT_KEY_LEAD_SECONDS: "0", RETENTION_DAYS: "data_exports=5" });
const lucia = { phone: "+57 300 5550123" };
const luciaId = { userId: "CO.30918274650917263544" };

type Caller = NonNullable<Parameters<ReturnType<typeof serviceWorld>["call"]>[0]>;

describe("consents", () => {
  const world = serviceWorld("tenant", (outside) => buildTenantService(config, outside));
  const heard: EventEnvelope[] = [];
  let owner: Call;
  let other: Call;
  let admin: Call;
  const who: { admin?: Caller; owner?: Caller; other?: Caller } = {};
  /** Callers of the service as it runs now. */
  const enter = (): void => {
    [admin, owner, other] = [world.call(who.admin), world.call(who.owner), world.call(who.other)];
  };

  beforeAll(async () => {
    await world.setClock("2026-10-01T08:00:00Z");
    const { tenant, people } = await world.service.identity.ensureProvider({
      ...details,
      name: "Greentick",
      livemode: false,
      people: [{ name: "Ada Admin", email: "ada@bsp.example", roles: ["platform_admin"] }],
    });
    who.admin = { tenantId: tenant.id, ancestorIds: [], staff: true, personId: people[0]?.id ?? "" };
    admin = world.call(who.admin);
    who.owner = await client("Casa");
    who.other = await client("Otra");
    enter();
    const keep = (_: Call, event: EventEnvelope): Promise<void> => Promise.resolve(void heard.push(event));
    await world.bus.consume({ name: "test.requests", on: [{ event: dataSubjectRequested, handle: keep }] });
  });
  const client = async (name: string): Promise<Caller> => {
    const source = `mutation ($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } } }`;
    const { createTenant } = await ask(admin, source, { input: { ...details, name } });
    const { id } = (createTenant as { tenant: { id: TenantId } }).tenant;
    return {
      tenantId: id,
      ancestorIds: [admin.tenantId],
      roles: ["owner"],
      personId: "per_01WNER00000000000000000000",
    };
  };

  const asked = async (
    call: Call,
    source: string,
    variableValues: Record<string, unknown> = {},
  ): Promise<ExecutionResult> =>
    execute({ schema: world.service.schema.schema, document: parse(source), contextValue: call, variableValues });
  async function ask(
    call: Call,
    source: string,
    variables: Record<string, unknown> = {},
  ): Promise<Record<string, unknown>> {
    const { data, errors } = await asked(call, source, variables);
    expect(errors ?? []).toEqual([]);
    return JSON.parse(JSON.stringify(data)) as Record<string, unknown>;
  }
  const refusal = async (call: Call, source: string, variables: Record<string, unknown> = {}): Promise<unknown> =>
    (await asked(call, source, variables)).errors?.[0]?.extensions;

  const fields = `id purpose contactHint status since history { what at source language proofText proofUrl by }`;
  const note = (verb: string): string =>
    `mutation ($input: ConsentInputType!) { ${verb}Consent(input: $input) { consent { ${fields} } } }`;
  const marketing = { purpose: "MARKETING", source: "web-form/checkout", obtainedAt: "2026-09-01T10:00:00Z" };
  const consentOf = async (call: Call, identity: object, purpose = "MARKETING"): Promise<unknown> =>
    (
      await ask(
        call,
        `query ($identity: ContactIdentityInput!, $purpose: ConsentPurpose!) { consentOf(identity: $identity, purpose: $purpose) { granted consent { ${fields} } } }`,
        { identity, purpose },
      )
    )["consentOf"];
  const everything = async (): Promise<string> => {
    const { db } = world.outside.database;
    const names = (await db.listCollections().toArray()).map(({ name }) => name);
    const all = await Promise.all(
      names.map((name) => db.collection(name).find({}, { promoteBuffers: true }).toArray()),
    );
    return JSON.stringify(all, (_, value: unknown) =>
      Buffer.isBuffer(value) || value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
    );
  };

  it("are kept with their evidence, once, and are the answer to whether somebody may be written to", async () => {
    const proof = { proofText: "I want offers of Casa Lumen", proofUrl: "https://casa.example/p/1", language: "es-co" };
    const input = { identity: lucia, ...marketing, ...proof };
    await ask(owner, note("record"), { input });
    await Promise.all([1, 2, 3].map(() => ask(owner, note("record"), { input })));
    expect(await consentOf(owner, { phone: "+573005550123" })).toMatchObject({
      granted: true,
      consent: {
        contactHint: "+57…23",
        status: "GRANTED",
        history: [{ what: "GRANTED", language: "es-CO", ...{ proofText: proof.proofText, proofUrl: proof.proofUrl } }],
      },
    });
    expect(await consentOf(owner, lucia, "UTILITY")).toEqual({ granted: false, consent: null });
    expect(await consentOf(other, lucia)).toEqual({ granted: false, consent: null });
  });

  it("do not name anybody in the store: numbers, names and wording are sealed", async () => {
    const stored = await everything();
    for (const plain of ["3005550123", "offers of Casa", "casa.example/p/1"]) expect(stored).not.toContain(plain);
  });

  it("are withdrawn, and an older agreement that is noted later does not bring them back", async () => {
    const withdrawn = {
      identity: lucia,
      purpose: "MARKETING",
      source: "whatsapp/STOP",
      obtainedAt: "2026-09-20T10:00:00Z",
    };
    await ask(owner, note("withdraw"), { input: withdrawn });
    await ask(owner, note("record"), { input: { identity: lucia, ...marketing, obtainedAt: "2026-09-10T10:00:00Z" } });
    expect(await consentOf(owner, lucia)).toMatchObject({
      granted: false,
      consent: {
        since: "2026-09-20T10:00:00.000Z",
        history: [{ what: "GRANTED" }, { what: "WITHDRAWN" }, { what: "GRANTED" }],
      },
    });
  });

  it("follow a contact under both of its names", async () => {
    const both = { phone: "+573005550199", userId: "CO.99918274650917263544" };
    await ask(owner, note("record"), { input: { identity: { userId: both.userId }, ...marketing } });
    await ask(owner, note("record"), { input: { identity: both, ...marketing, source: "shop" } });
    expect(await consentOf(owner, { phone: both.phone })).toMatchObject({
      granted: true,
      consent: { history: [{}, {}] },
    });
    const stop = { identity: { phone: both.phone }, purpose: "MARKETING", source: "call" };
    await ask(owner, note("withdraw"), { input: stop });
    expect(await consentOf(owner, { userId: both.userId })).toMatchObject({ granted: false });
  });

  it("name the field that cannot be right", async () => {
    const wrong: readonly [string, object][] = [
      ["phone", { identity: { phone: "12" } }],
      ["userId", { identity: { userId: "30918274650917263544" } }],
      ["identity", { identity: {} }],
      ["obtainedAt", { obtainedAt: "2026-11-01T00:00:00Z" }],
      ["source", { source: " " }],
      ["proofUrl", { proofUrl: "javascript:alert(1)" }],
    ];
    for (const [field, change] of wrong)
      expect(
        await refusal(owner, note("record"), { input: { identity: luciaId, ...marketing, ...change } }),
      ).toMatchObject({ code: "BAD_USER_INPUT", details: { field } });
  });

  const imported = async (csv: string): Promise<unknown> =>
    (
      await ask(
        owner,
        `mutation ($csv: String!) { importConsents(input: { csv: $csv }) { rows recorded unchanged problems { line column problem } } }`,
        { csv },
      )
    )["importConsents"];

  it("come from a file whose wrong rows are named by line and column, and which may be read again", async () => {
    const file = [
      "\uFEFFPhone,business_user_id,purpose,source,obtained_at,proof_text",
      '+573005550111,,marketing,import/1,2026-09-01T10:00:00Z,"Sí, ""quiero""\nofertas"',
      ",CO.11118274650917263544,utility,import/1,2026-09-01T10:00:00+02:00,",
      "+57300,,marketing,import/1,2026-09-01T10:00:00Z,",
      "+573005550112,,adverts,import/1,2026-09-01T10:00:00Z,",
      "+573005550112,,marketing,import/1,01.09.2026,",
      "",
    ].join("\n");
    expect(await imported(file)).toEqual({
      rows: 5,
      recorded: 2,
      unchanged: 0,
      problems: [
        { line: 5, column: "phone", problem: expect.stringContaining("no phone number") as unknown },
        { line: 6, column: "purpose", problem: expect.stringContaining("must be one of") as unknown },
        { line: 7, column: "obtained_at", problem: expect.stringContaining("instant") as unknown },
      ],
    });
    expect(await imported(file)).toMatchObject({ recorded: 0, unchanged: 2 });
    expect(await consentOf(owner, { phone: "+573005550111" })).toMatchObject({
      consent: { history: [{ proofText: 'Sí, "quiero"\nofertas' }] },
    });
    expect(await imported('phone,purpose\n"+573005550113,marketing')).toMatchObject({
      recorded: 0,
      problems: [{ problem: expect.stringContaining("cannot be read from here on") as unknown }],
    });
  });

  it("are listed page by page and found by contact, purpose and status", async () => {
    const count = async (filter: string): Promise<unknown> =>
      (await ask(owner, `{ consents(first: 1${filter}) { totalCount } }`))["consents"];
    expect(await count("")).toEqual({ totalCount: 4 });
    expect(await count(", purpose: UTILITY")).toEqual({ totalCount: 1 });
    expect(await count(", status: WITHDRAWN")).toEqual({ totalCount: 2 });
    expect(await count(`, identity: { phone: "+573005550123" }`)).toEqual({ totalCount: 1 });
    expect(
      await refusal(world.call({ ...owner, roles: ["billing_viewer"] }), `{ consents { totalCount } }`),
    ).toMatchObject({
      reason: "permission_missing",
    });
  });

  describe("and a person who asks", () => {
    const job = (verb: string): string =>
      `mutation ($input: DataSubjectInput!) { requestData${verb}(input: $input) { request { ${jobFields} } } }`;
    const jobFields = `id duty status contactHint dueAt answers { holder found erased kept keptBecause } certificate { text sha256 issuedAt } export { holder json }`;
    const request = async (verb: string, more: object = {}): Promise<{ id: string; status: string }> => {
      const data = await ask(owner, job(verb), { input: { identity: lucia, ...more } });
      const [payload] = Object.values(data) as { request: { id: string; status: string } }[];
      if (payload === undefined) throw new Error("no request");
      return payload.request;
    };
    /** What the webhook service would say; it does not run here. */
    const webhookAnswers = async (requestId: string, found: number): Promise<void> => {
      const answer = {
        holder: "webhook",
        searched: "kept bodies",
        found,
        erased: found,
        kept: 0,
        keptBecause: "",
      } as const;
      await world.given(anEvent(owner, dataSubjectAnswered, { requestId, ...answer }));
    };
    const read = async (id: string, call = owner): Promise<Record<string, unknown>> =>
      (await ask(call, `query ($id: ID!) { dataSubjectRequest(id: $id) { ${jobFields} } }`, { id }))[
        "dataSubjectRequest"
      ] as Record<string, unknown>;

    it("gets everything kept of them, until the export ends", async () => {
      const { id } = await request("Export");
      await world.settle();
      expect(await read(id)).toMatchObject({ status: "COLLECTING", export: [], certificate: null });
      await webhookAnswers(id, 0);
      const done = await read(id);
      expect(done).toMatchObject({ status: "DONE", answers: [{ holder: "consent", found: 1 }, { holder: "webhook" }] });
      const [part] = done["export"] as { holder: string; json: string }[];
      expect(JSON.parse(part?.json ?? "")).toMatchObject([
        {
          identity: { phone: "+573005550123" },
          purpose: "marketing",
          history: [{ proofText: "I want offers of Casa Lumen" }, {}, {}],
        },
      ]);
      expect(await read(id, other)).toBeNull();
      await world.setClock("2026-10-06T09:00:00Z");
      await world.settle();
      expect(await read(id)).toMatchObject({ status: "DONE", export: [] });
      expect((await read(id))["certificate"]).not.toBeNull();
    });

    it("is erased, which the certificate proves without naming them, and is found nowhere", async () => {
      const { id } = await request("Erasure", { idempotencyKey: "gdpr-1" });
      expect((await request("Erasure", { idempotencyKey: "gdpr-1" })).id).toBe(id);
      await world.settle();
      await world.restart();
      enter();
      await webhookAnswers(id, 2);
      const { certificate, ...done } = await read(id);
      expect(done).toMatchObject({
        status: "DONE",
        answers: [
          { holder: "consent", found: 1, erased: 1 },
          { found: 2, erased: 2 },
        ],
      });
      const { text, sha256 } = certificate as { text: string; sha256: string };
      expect(text).not.toContain("5550123");
      expect(JSON.parse(text)).toMatchObject({
        requestId: id,
        duty: "erasure",
        holders: [{ holder: "consent" }, { holder: "webhook" }],
      });
      const { createHash } = await import("node:crypto");
      expect(createHash("sha256").update(text).digest("hex")).toBe(sha256);
      expect(await consentOf(owner, lucia)).toEqual({ granted: false, consent: null });
      const stored = await everything();
      for (const plain of ["5550123", "offers of Casa"]) expect(stored).not.toContain(plain);
    });

    it("is not brought back by an old file, but by a new agreement", async () => {
      expect(await refusal(owner, note("record"), { input: { identity: lucia, ...marketing } })).toMatchObject({
        reason: "identity_erased",
      });
      await world.setClock("2026-10-07T08:00:00Z");
      const input = { identity: lucia, purpose: "MARKETING", source: "shop" };
      await ask(owner, note("record"), { input });
      expect(await consentOf(owner, lucia)).toMatchObject({ granted: true });
    });

    it("waits while a legal hold stands, for erasure and not for export", async () => {
      const hold = (verb: string): Promise<unknown> =>
        ask(admin, `mutation ($input: LegalHoldInput!) { ${verb}LegalHold(input: $input) { tenant { id } } }`, {
          input: { tenantId: owner.tenantId, reason: "case 18" },
        });
      await hold("place");
      const { id, status } = await request("Erasure");
      expect(status).toBe("HELD");
      expect((await request("Export")).status).toBe("COLLECTING");
      await world.settle();
      expect(await consentOf(owner, lucia)).toMatchObject({ granted: true });
      await hold("lift");
      await world.settle();
      await webhookAnswers(id, 0);
      expect(await read(id)).toMatchObject({ status: "DONE", answers: [{ erased: 1 }, { erased: 0 }] });
      expect(await consentOf(owner, lucia)).toMatchObject({ granted: false, consent: null });
    });

    it("hears of an erasure done twice that the second found nothing", async () => {
      const { id } = await request("Erasure");
      await world.settle();
      await webhookAnswers(id, 0);
      expect(await read(id)).toMatchObject({ status: "DONE", answers: [{ found: 0, erased: 0 }, { found: 0 }] });
    });
  });

  it("that were withdrawn go three years later, unless a legal hold stands", async () => {
    const [sweep] = world.service.jobs.filter(({ name }) => name === "tenant.consent-retention");
    const input = { identity: lucia, purpose: "SERVICE", source: "call" };
    await ask(owner, note("withdraw"), { input });
    await world.setClock("2029-10-06T08:00:00Z");
    expect(await sweep?.run()).toBe(1);
    expect(await consentOf(owner, lucia, "SERVICE")).toMatchObject({ consent: { status: "WITHDRAWN" } });
    await world.setClock("2029-10-09T08:00:00Z");
    const hold = { input: { tenantId: owner.tenantId, reason: "case 19" } };
    await ask(admin, `mutation ($input: LegalHoldInput!) { placeLegalHold(input: $input) { tenant { id } } }`, hold);
    expect(await sweep?.run()).toBe(0);
    await ask(admin, `mutation ($input: LegalHoldInput!) { liftLegalHold(input: $input) { tenant { id } } }`, hold);
    expect(await sweep?.run()).toBe(1);
  });

  it("are gone when their tenant is erased", async () => {
    await world.given(anEvent(owner, tenantErased, { tenantId: owner.tenantId, at: owner.now() }));
    const { db } = world.outside.database;
    expect(await db.collection("consents").countDocuments({ tenantId: owner.tenantId })).toBe(0);
  });
});
