import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import {
  type DataOf,
  templateAdvanced,
  templateCategoryAnnounced,
  templateCategoryChanged,
  templateReported,
  useCaseRefused,
  wabaLinked,
} from "@greentick/contracts";
import { type Call, type EventEnvelope, minuteMs, type TenantId } from "@greentick/kernel";
import { metaClient, parseWebhook, signBody, verifySignature } from "@greentick/meta";
import { type MetaSim, startMetaSim } from "@greentick/meta-sim";
import { loadConfig } from "@greentick/runtime";
import { anEvent, serviceWorld, someTenants, testDatabase } from "@greentick/testing";
import { execute, type ExecutionResult, parse } from "graphql";
import { buildTemplateService, TemplateConfig } from "./index.js";

const meta = {
  appId: "1029384756473829",
  appSecret: "local-app-secret",
  systemToken: "EAA-system-token",
  creditLineId: "815263749506172",
  businessId: "410925736184205",
};
const [wabaId, otherWabaId] = ["318274650192837", "427163905281746"];

const fields = `id name language status metaTemplateId metaStatus { known raw } category { known raw } upcomingCategory { to { raw } effectiveAt }
  quality { raw } findings { severity code place } submissionFailure { code message } rejection { reason { known raw } explanation }
  reviews { decision reason } statusHistory { word { raw } } categoryHistory { category { raw } source } tenant { id } waba { id }`;
interface Shown {
  readonly id: string;
  readonly status: string;
  readonly [field: string]: unknown;
}

describe("the template service with Meta at the other end of the wire", () => {
  const simStore = testDatabase("templatesim");
  let now = new Date("2026-10-03T09:00:00Z");
  let sim: MetaSim;
  let door: Server;
  const heard: EventEnvelope[] = [];
  const owners = new Map<string, TenantId>([
    [wabaId, someTenants.casa],
    [otherWabaId, someTenants.otra],
  ]);

  beforeAll(async () => {
    await simStore.mongo.connect();
    door = createServer((request, response) => {
      const challenge = new URL(request.url ?? "/", "http://door").searchParams.get("hub.challenge");
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        if (challenge !== null) return void response.end(challenge);
        const body = Buffer.concat(parts);
        const known = verifySignature([meta.appSecret], request.headers["x-hub-signature-256"] as string, body);
        void takeIn(known ? body : Buffer.alloc(0)).then(() => response.writeHead(known ? 200 : 401).end());
      });
    });
    await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
    const db = simStore.mongo.db(simStore.dbName("sim"));
    const rateCardDir = join(__dirname, "../../billing/rate-cards");
    sim = await startMetaSim({ ...meta, db, clock: { now }, seed: 7, rateCardDir });
  });

  const world = serviceWorld("template", async (outside) => {
    await outside.clocks.setSandbox(now);
    const config = {
      META_GRAPH_URL: sim.url,
      META_SANDBOX_GRAPH_URL: sim.url,
      META_APP_ID: meta.appId,
      META_APP_SECRET: meta.appSecret,
      META_SYSTEM_TOKEN: meta.systemToken,
    };
    return buildTemplateService(loadConfig(TemplateConfig, config), outside);
  });

  const direct = (): ReturnType<typeof metaClient> => {
    const retry = { attempts: 1, startingDelayMs: 1, maxDelayMs: 1 };
    return metaClient({
      baseUrl: sim.url,
      version: "v26.0",
      appId: meta.appId,
      appSecret: meta.appSecret,
      timeoutMs: 5_000,
      retry,
    });
  };

  beforeAll(async () => {
    const callbackUrl = `http://127.0.0.1:${String((door.address() as AddressInfo).port)}/webhooks/meta`;
    const wanted = ["message_template_status_update", "template_category_update", "message_template_quality_update"];
    await direct().setAppWebhook({ callbackUrl, verifyToken: "verify-me", fields: wanted });
    for (const [id, tenantId] of owners) {
      const place = { currency: "USD", timezone: "America/Bogota", country: "CO", ready: true };
      await sim.control.embeddedSignup({ businessName: id, wabaName: id, ...place, ids: { wabaId: id } });
      const linked = {
        wabaId: id,
        recordId: `wab_${id}`,
        metaBusinessId: "1",
        name: id,
        currency: "USD",
        timeZone: "America/Bogota",
        from: now,
      };
      await world.given(anEvent(ownerOf(tenantId), wabaLinked, linked));
    }
    const handle = (_: Call, one: EventEnvelope): Promise<void> => Promise.resolve(void heard.push(one));
    const events = [templateAdvanced, templateCategoryChanged, templateCategoryAnnounced, useCaseRefused];
    await world.bus.consume({ name: "test.ear", on: events.map((event) => ({ event, handle })) });
  });
  afterAll(async () => {
    await sim.close();
    await new Promise((resolve) => door.close(resolve));
  });

  /** What the webhook service makes of a body. */
  const takeIn = async (body: Buffer): Promise<void> => {
    const parsed = parseWebhook(body);
    for (const { template, field, wabaId: from = "", occurredAt: at = now } of "updates" in parsed
      ? parsed.updates
      : []) {
      const tenantId = owners.get(from);
      if (template === undefined || tenantId === undefined) continue;
      const { id, category, ...rest } = template;
      const newCategory = category === undefined ? {} : { newCategory: category };
      const data = { wabaId: from, receivedAt: now, field, at, metaTemplateId: id, ...newCategory, ...rest };
      await world.bus.publish([anEvent(ownerOf(tenantId), templateReported, data)]);
    }
  };
  const said = (type: string, id: string): readonly DataOf<typeof templateAdvanced>[] =>
    heard
      .map((one) => one.data as DataOf<typeof templateAdvanced>)
      .filter((data, index) => heard[index]?.type === type && data.templateId === id);

  const ownerOf = (tenantId: TenantId, idempotencyKey?: string): Call =>
    world.call({ tenantId, roles: ["owner"], ...(idempotencyKey !== undefined && { idempotencyKey }) });
  const owner = (): Call => ownerOf(someTenants.casa);
  const reviewer = (): Call => world.call({ tenantId: someTenants.provider, roles: ["template_reviewer"] });

  const asked = (call: Call, source: string, variableValues: Record<string, unknown> = {}): Promise<ExecutionResult> =>
    Promise.resolve(
      execute({ schema: world.service.schema.schema, document: parse(source), contextValue: call, variableValues }),
    );
  async function ask<T>(call: Call, source: string, variables: Record<string, unknown> = {}): Promise<T> {
    const { data, errors } = await asked(call, source, variables);
    expect(errors ?? []).toEqual([]);
    return Object.values(data ?? {})[0] as T;
  }
  const refusalOf = async (call: Call, source: string, variables: Record<string, unknown> = {}): Promise<unknown> =>
    (await asked(call, source, variables)).errors?.[0]?.extensions;

  const verb = (name: string, type: string): string =>
    `mutation ($input: ${type}!) { ${name}(input: $input) { template { ${fields} } } }`;
  const draftSource = verb("draftTemplate", "DraftTemplateInput");
  const decideSource = verb("decideTemplateReview", "DecideTemplateReviewInput");
  const bodyOf = (text: string): Record<string, unknown> => ({ category: "UTILITY", body: { text }, buttons: [] });
  const inputFor = (name: string, text = "Tu pedido salió hoy de la bodega."): Record<string, unknown> => ({
    wabaId,
    name,
    language: "es_CO",
    content: bodyOf(text),
  });
  const step = async (call: Call, source: string, input: Record<string, unknown>): Promise<Shown> =>
    (await ask<{ template: Shown }>(call, source, { input })).template;
  const read = (id: string, call = owner()): Promise<Shown> =>
    ask(call, `query ($id: ID!) { template(id: $id) { ${fields} } }`, { id });
  const inReview = async (input: Record<string, unknown>): Promise<Shown> => {
    const { id } = await step(owner(), draftSource, input);
    await step(owner(), verb("checkTemplate", "TemplateInput"), { templateId: id });
    return step(owner(), verb("sendTemplateToReview", "TemplateInput"), { templateId: id });
  };
  const submitted = async (input: Record<string, unknown>): Promise<Shown> => {
    const { id } = await inReview(input);
    await step(reviewer(), decideSource, { templateId: id, decision: "APPROVED" });
    await world.settle();
    return read(id);
  };
  const pass = async (ms: number): Promise<void> => {
    now = new Date(now.getTime() + ms);
    await world.setClock(now.toISOString());
    await sim.control.setClock({ now });
    await world.settle();
  };
  const decided = async (input: Record<string, unknown>): Promise<Shown> => {
    const { id } = await submitted(input);
    await pass(10 * minuteMs);
    return read(id);
  };

  describe("on its way to Meta", () => {
    it("goes from a draft over check and review to Meta's approval, and every step is told once", async () => {
      const checked = await inReview(inputFor("pedido_enviado"));
      expect(checked).toMatchObject({ status: "IN_BSP_REVIEW", findings: [] });
      await step(reviewer(), decideSource, { templateId: checked.id, decision: "APPROVED" });
      await world.settle();
      expect(await read(checked.id)).toMatchObject({ status: "PENDING", metaStatus: { known: "PENDING" } });
      await pass(10 * minuteMs);
      expect(await read(checked.id)).toMatchObject({
        status: "APPROVED",
        category: { known: "UTILITY" },
        tenant: { id: someTenants.casa },
        waba: { id: `wab_${wabaId}` },
      });
      const statuses = said("template.advanced", checked.id).map((one) => one.status);
      expect(statuses).toEqual(["draft", "checked", "in_bsp_review", "submitting", "pending", "approved"]);
    });

    it("warns before, and tells at once, when Meta stores another category than the one asked for", async () => {
      const one = await decided(
        inputFor("pedido_con_oferta", "Tu pedido salió hoy. Mira los descuentos de la semana en la tienda."),
      );
      expect(one).toMatchObject({
        status: "APPROVED",
        category: { known: "MARKETING" },
        findings: [{ severity: "SOFT", code: "likely_marketing" }],
        categoryHistory: [
          { category: { raw: "UTILITY" }, source: "REQUESTED" },
          { category: { raw: "MARKETING" }, source: "REPORTED" },
        ],
      });
      expect(said("template.category_changed", one.id)).toMatchObject([
        { from: { raw: "UTILITY" }, to: { raw: "MARKETING" } },
      ]);
    });

    it("shows Meta's refusal in Meta's words", async () => {
      expect(await decided(inputFor("refuse_me"))).toMatchObject({
        status: "REJECTED",
        rejection: { reason: { known: "INVALID_FORMAT" }, explanation: "The template does not follow the guidelines." },
      });
    });

    it("goes back to the client with the reviewer's words and can be put right", async () => {
      const { id } = await inReview(inputFor("sin_tienda"));
      await step(reviewer(), decideSource, { templateId: id, decision: "REFUSED", reason: "Name your shop." });
      expect(await read(id)).toMatchObject({
        status: "DRAFT",
        reviews: [{ decision: "REFUSED", reason: "Name your shop." }],
      });
      const better = { templateId: id, content: bodyOf("Tu pedido de Casa Lumen salió hoy.") };
      expect(await step(owner(), verb("reviseTemplate", "ReviseTemplateInput"), better)).toMatchObject({
        status: "DRAFT",
      });
    });

    it("does not reach the reviewers while Meta would refuse it", async () => {
      const { id } = await step(owner(), draftSource, inputFor("mal", "{{1}} hola"));
      const checked = await step(owner(), verb("checkTemplate", "TemplateInput"), { templateId: id });
      expect(checked).toMatchObject({
        status: "DRAFT",
        findings: expect.arrayContaining([expect.objectContaining({ code: "variable_at_edge" })]) as unknown,
      });
      const refusal = await refusalOf(owner(), verb("sendTemplateToReview", "TemplateInput"), {
        input: { templateId: id },
      });
      expect(refusal).toMatchObject({ code: "CONFLICT", reason: "template_not_checked" });
    });
  });

  describe("when the wire or Meta fails", () => {
    const creations = async (name: string): Promise<number> =>
      simStore.mongo.db(simStore.dbName("sim")).collection("nodes").countDocuments({ kind: "template", name });

    it("creates a template once although Meta's answer to the creation was lost", async () => {
      await sim.control.setFault({ route: "POST /{waba}/message_templates", action: "lose_answer" });
      expect(await submitted(inputFor("respuesta_perdida"))).toMatchObject({ status: "PENDING" });
      expect(await creations("respuesta_perdida")).toBe(1);
    });

    it("tries again when Meta is away for a moment", async () => {
      await sim.control.setFault({ route: "POST /{waba}/message_templates", action: "refuse", remaining: 2 });
      expect(await submitted(inputFor("meta_ausente"))).toMatchObject({ status: "PENDING" });
      expect(await creations("meta_ausente")).toBe(1);
    });

    it("keeps Meta's words when it does not take a template, and lets it be sent again", async () => {
      const refusal = { action: "refuse", httpStatus: 400, code: 100, message: "no", isTransient: false } as const;
      await sim.control.setFault({ route: "POST /{waba}/message_templates", ...refusal });
      const failed = await submitted(inputFor("no_aceptada"));
      expect(failed).toMatchObject({ status: "SUBMISSION_FAILED", submissionFailure: { code: "100" } });
      const again = await step(owner(), verb("checkTemplate", "TemplateInput"), { templateId: failed.id });
      expect(again.status).toBe("CHECKED");
    });

    it("does not take somebody else's template of the same name for its own", async () => {
      const components = [{ type: "BODY", text: "Otro texto, hecho en otra parte." }];
      const other = { wabaId, name: "nombre_tomado", language: "es_CO", category: "UTILITY" as const, components };
      await direct().createTemplate(meta.systemToken, other);
      expect(await submitted(inputFor("nombre_tomado"))).toMatchObject({
        status: "SUBMISSION_FAILED",
        submissionFailure: { code: "name_taken_at_meta" },
      });
    });
  });

  describe("what Meta reports", () => {
    const folder = join(__dirname, "../../../test/webhook-samples");
    const bodies = ["approved", "paused", "disabled", "rejected", "pending-deletion"]
      .map((kind) => `template-status-${kind}`)
      .concat("template-category-impending", "template-category-done", "template-quality", "template-components")
      .map((name) => readFileSync(join(folder, `${name}.json`)));
    const source = `{ templates(first: 100, wabaId: "${wabaId}") { nodes { ${fields} } } }`;

    it("adopts templates made at Meta directly, whatever the order and however often it reports", async () => {
      const post = async (body: Buffer): Promise<void> => {
        const port = String((door.address() as AddressInfo).port);
        const headers = { "x-hub-signature-256": signBody(meta.appSecret, body) };
        expect(
          (await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: new Uint8Array(body), headers })).status,
        ).toBe(200);
      };
      for (const body of [...bodies].reverse().concat(bodies)) await post(body);
      await world.settle();
      const { nodes } = await ask<{ nodes: Shown[] }>(owner(), source);
      const of = (id: string): readonly Shown[] => nodes.filter((one) => one["metaTemplateId"] === id);
      expect(of("1873640192837465")).toMatchObject([
        { status: "APPROVED", category: { known: "MARKETING" }, upcomingCategory: null },
      ]);
      expect(of("1873640192837511")).toMatchObject([{ status: "DISABLED", quality: { raw: "YELLOW" } }]);
      expect(of("1873640192837502")).toMatchObject([
        { status: "REJECTED", rejection: { reason: { known: "INVALID_FORMAT" } } },
      ]);
      expect(of("90071992547409931")).toMatchObject([{ status: "DELETING" }]);
      expect(await world.bus.deadLetters()).toEqual([]);
    });
  });

  describe("whose templates they are", () => {
    it("drafts only in accounts of the caller's own tenant", async () => {
      const foreign = { ...inputFor("ajena"), wabaId: otherWabaId };
      expect(await refusalOf(owner(), draftSource, { input: foreign })).toMatchObject({
        code: "NOT_FOUND",
        reason: "waba_not_found",
      });
      await world.settle();
      expect(heard.map((one) => one.data)).toContainEqual(
        expect.objectContaining({ action: "template.draftTemplate", refusal: "waba_not_found" }),
      );
    });

    it("shows another tenant's template as missing, to read and to change", async () => {
      const { id } = await step(owner(), draftSource, inputFor("privada"));
      const stranger = ownerOf(someTenants.otra);
      expect(await read(id, stranger)).toBeNull();
      const refusal = await refusalOf(stranger, verb("checkTemplate", "TemplateInput"), { input: { templateId: id } });
      expect(refusal).toMatchObject({ code: "NOT_FOUND", reason: "template_not_found" });
      expect(await read(id, reviewer())).toMatchObject({ id });
    });

    it("lets only reviewers decide", async () => {
      const { id } = await inReview(inputFor("decidir"));
      const input = { templateId: id, decision: "APPROVED" };
      expect(await refusalOf(owner(), decideSource, { input })).toMatchObject({
        code: "FORBIDDEN",
        reason: "permission_missing",
      });
    });

    it("drafts once for one idempotency key, and once for one name and language", async () => {
      const input = { ...inputFor("una_vez"), idempotencyKey: "k-1" };
      const drafts = await Promise.all([1, 2, 3].map(() => step(owner(), draftSource, input)));
      expect(new Set(drafts.map((one) => one.id)).size).toBe(1);
      const other = { ...inputFor("otra_vez"), idempotencyKey: "k-1" };
      expect(await refusalOf(owner(), draftSource, { input: other })).toMatchObject({ reason: "idempotency_mismatch" });
      expect(await refusalOf(owner(), draftSource, { input: inputFor("una_vez") })).toMatchObject({
        reason: "template_exists",
      });
    });

    it("shows the languages of one name as a family", async () => {
      const { id } = await step(owner(), draftSource, inputFor("familia"));
      await step(owner(), draftSource, {
        ...inputFor("familia", "Your order left our store today."),
        language: "en_US",
      });
      const source = `query ($id: ID!) { template(id: $id) { family { totalCount nodes { language } } } }`;
      expect(await ask(owner(), source, { id })).toEqual({
        family: { totalCount: 2, nodes: [{ language: "en_US" }, { language: "es_CO" }] },
      });
    });
  });
});
