import {
  type MetaClient,
  MetaError,
  metaClient,
  parseWebhook,
  verifySignature,
  type WebhookUpdate,
} from "@greentick/meta";
import { testDatabase } from "@greentick/testing";
import { type MetaSim } from "./index.js";
import { type Receiver, app, startReceiver, startTestSim, verifyToken } from "./test-support.js";

const fields = [
  "messages",
  "message_template_status_update",
  "template_category_update",
  "phone_number_name_update",
  "account_update",
  "account_alerts",
  "account_review_update",
  "business_capability_update",
];
const body = (text: string): Record<string, unknown> => ({ type: "BODY", text });

describe("a client is onboarded on the local Meta", () => {
  const { mongo, dbName } = testDatabase("metasim-onboarding");
  let sim: MetaSim;
  let meta: MetaClient;
  let receiver: Receiver;

  beforeEach(async () => {
    await mongo.db(dbName()).dropDatabase();
    sim = await startTestSim(mongo.db(dbName()));
    receiver = await startReceiver();
    meta = metaClient({
      baseUrl: sim.url,
      version: "v26.0",
      appId: app.appId,
      appSecret: app.appSecret,
      timeoutMs: 5_000,
      retry: { attempts: 3, startingDelayMs: 1, maxDelayMs: 5 },
    });
    await meta.setAppWebhook({ callbackUrl: receiver.url, verifyToken, fields });
  });
  afterEach(async () => {
    await sim.close();
    await receiver.close();
  });

  const at = (instant: string): Date => new Date(instant);
  const updates = (): WebhookUpdate[] =>
    receiver.bodies.flatMap(({ text, signature }) => {
      const bytes = Buffer.from(text, "latin1");
      if (!verifySignature([app.appSecret], signature, bytes)) throw new Error("wrongly signed");
      const parsed = parseWebhook(bytes);
      return "updates" in parsed ? parsed.updates : [];
    });
  const refusal = async (call: Promise<unknown>): Promise<MetaError> =>
    call.then(
      () => Promise.reject(new Error("should have been refused")),
      (error: unknown) => (error instanceof MetaError ? error : Promise.reject(error as Error)),
    );
  const signUp = async (): Promise<{ token: string; wabaId: string; businessId: string }> => {
    const { code, wabaId, businessId } = await sim.control.embeddedSignup({
      businessName: "Casa Lumen",
      wabaName: "Casa Lumen",
      currency: "USD",
      timezone: "America/Bogota",
      country: "CO",
      businessVerified: true,
    });
    return { ...(await meta.exchangeCode(code)), wabaId, businessId };
  };
  const addNumber = async (token: string, wabaId: string, verifiedName = "Casa Lumen"): Promise<string> =>
    (await meta.addPhoneNumber(token, { wabaId, cc: "57", number: "6015550147", verifiedName })).id;
  const goLive = async (token: string, wabaId: string): Promise<string> => {
    const phoneNumberId = await addNumber(token, wabaId);
    await meta.requestCode(token, { phoneNumberId, method: "SMS", language: "es_CO" });
    await meta.verifyCode(token, { phoneNumberId, code: await sim.control.codeOf(phoneNumberId) });
    await sim.control.setClock({ now: at("2026-10-01T11:30:00Z") });
    await meta.register(token, { phoneNumberId, pin: "123456" });
    return phoneNumberId;
  };

  it("from the signup code to a number that is live", async () => {
    const { token, wabaId, businessId } = await signUp();
    expect(await meta.debugToken(token)).toMatchObject({ isValid: true, wabaIds: [wabaId] });
    expect(await meta.getWaba(token, wabaId)).toMatchObject({
      timezoneId: "43",
      currency: "USD",
      ownerBusinessId: businessId,
    });
    await meta.subscribeApp(token, wabaId);
    expect(await meta.listSubscribedApps(token, wabaId)).toEqual([app.appId]);

    const share = { creditLineId: app.creditLineId, wabaId, currency: "USD" };
    const { allocationConfigId } = await meta.shareCredit(app.systemToken, share);
    expect(await meta.creditAttached(app.systemToken, { allocationConfigId, wabaId })).toBe(true);
    expect((await refusal(meta.shareCredit(app.systemToken, share))).userTitle).toBe("Credit line already attached");
    const found = await meta.findCreditAllocations(app.systemToken, { creditLineId: app.creditLineId, businessId });
    expect(found.map(({ id }) => id)).toEqual([allocationConfigId]);

    const phoneNumberId = await goLive(token, wabaId);
    expect(await meta.getPhoneNumber(token, phoneNumberId)).toMatchObject({
      status: { known: "CONNECTED" },
      nameStatus: { known: "APPROVED" },
      codeVerification: { known: "VERIFIED" },
      canSendMessage: "AVAILABLE",
    });
    await sim.control.inbound({ phoneNumberId, from: "573005550123", text: "Hola" });
    await sim.control.setClock({ now: at("2026-10-01T12:00:00Z") });
    expect(updates().map(({ kind, field, wabaId: account }) => [kind, field, account])).toEqual(
      expect.arrayContaining([
        ["account_update", "account_update", wabaId],
        ["account_review", "account_review_update", wabaId],
        ["phone_name", "phone_number_name_update", wabaId],
        ["message", "messages", wabaId],
        ["business_capability", "business_capability_update", wabaId],
      ]),
    );
  });

  it("takes a code once, and only for thirty seconds", async () => {
    const signup = { businessName: "B", wabaName: "W", currency: "USD", timezone: "America/Bogota", country: "CO" };
    const { code } = await sim.control.embeddedSignup(signup);
    await meta.exchangeCode(code);
    expect(await refusal(meta.exchangeCode(code))).toMatchObject({ code: 100, subcode: 36009, retryClass: "config" });
    const second = await sim.control.embeddedSignup({ ...signup, wabaName: "W2" });
    await sim.control.setClock({ now: at("2026-10-01T10:00:31Z") });
    expect(await refusal(meta.exchangeCode(second.code))).toMatchObject({ code: 100, subcode: 36007 });
  });

  it("verifies a number by the code that was sent, and registers only a verified one", async () => {
    const { token, wabaId } = await signUp();
    const phoneNumberId = await addNumber(token, wabaId);
    expect(await refusal(meta.register(token, { phoneNumberId, pin: "123456" }))).toMatchObject({ code: 133006 });
    await meta.requestCode(token, { phoneNumberId, method: "VOICE", language: "es" });
    expect(await refusal(meta.verifyCode(token, { phoneNumberId, code: "000000" }))).toMatchObject({ code: 136025 });
    await meta.verifyCode(token, { phoneNumberId, code: await sim.control.codeOf(phoneNumberId) });
    expect(await refusal(meta.requestCode(token, { phoneNumberId, method: "SMS", language: "es" }))).toMatchObject({
      code: 136024,
    });
    await meta.register(token, { phoneNumberId, pin: "123456" });
    expect(await refusal(meta.register(token, { phoneNumberId, pin: "654321" }))).toMatchObject({ code: 133005 });
    for (let turn = 0; turn < 9; turn++) await meta.register(token, { phoneNumberId, pin: "123456" });
    expect(await refusal(meta.register(token, { phoneNumberId, pin: "123456" }))).toMatchObject({
      code: 133016,
      retryClass: "throttle",
    });
  });

  it("refuses a display name by its words", async () => {
    const { token, wabaId } = await signUp();
    await meta.subscribeApp(token, wabaId);
    const phoneNumberId = await addNumber(token, wabaId, "Refuse Me");
    await sim.control.setClock({ now: at("2026-10-01T11:00:00Z") });
    expect((await meta.getPhoneNumber(token, phoneNumberId)).nameStatus?.known).toBe("DECLINED");
    expect(updates().at(-1)?.number).toMatchObject({
      decision: { known: "REJECTED" },
      detail: "NAME_FORMAT_UNACCEPTABLE",
    });
  });

  it("decides templates some minutes later: approved, refused, and moved to another category", async () => {
    const { token, wabaId } = await signUp();
    await meta.subscribeApp(token, wabaId);
    const create = async (name: string, text: string) =>
      meta.createTemplate(token, { wabaId, name, language: "en_US", category: "UTILITY", components: [body(text)] });
    const good = await create("order_shipped", "Your order is on its way.");
    const bad = await create("night_out", "Visit our casino tonight.");
    const moved = await create("late_news", "Your order is late, have a discount.");
    expect(good).toMatchObject({ status: { known: "PENDING" }, category: { known: "UTILITY" } });
    expect(Number.isSafeInteger(Number(good.id))).toBe(false);
    await sim.control.setClock({ now: at("2026-10-01T10:05:00Z") });

    expect((await meta.getTemplate(token, good.id)).status.known).toBe("APPROVED");
    expect(await meta.getTemplate(token, bad.id)).toMatchObject({
      status: { known: "REJECTED" },
      rejectedReason: "ABUSIVE_CONTENT",
    });
    const found = await meta.findTemplate(token, { wabaId, name: "late_news", language: "en_US" });
    expect(found).toMatchObject({
      id: moved.id,
      status: { known: "APPROVED" },
      category: { known: "MARKETING" },
      previousCategory: { known: "UTILITY" },
    });
    const reports = updates().flatMap(({ kind, template }) =>
      template === undefined ? [] : [[kind, template.id, template.event?.known]],
    );
    expect(reports).toEqual(
      expect.arrayContaining([
        ["template_status", good.id, "APPROVED"],
        ["template_status", bad.id, "REJECTED"],
        ["template_status", moved.id, "APPROVED"],
        ["template_category", moved.id, undefined],
      ]),
    );
    expect(reports).toHaveLength(4);
  });

  it("refuses a second template of the same name and language, and one that breaks the rules", async () => {
    const { token, wabaId } = await signUp();
    const create = async (name: string, text: string) =>
      meta.createTemplate(token, { wabaId, name, language: "en", category: "MARKETING", components: [body(text)] });
    await create("hello", "Hello there");
    expect(await refusal(create("hello", "Hello again"))).toMatchObject({ subcode: 2388024 });
    expect(await refusal(create("Hello!", "Hello"))).toMatchObject({ code: 100 });
    expect(await refusal(create("edge", "{{1}} is here for you today"))).toMatchObject({ subcode: 2388299 });
    expect(await refusal(create("sample", "Dear {{1}}, we are here for you today"))).toMatchObject({
      subcode: 2388043,
    });
  });

  it("reviews an edited template again, and frees the name of a deleted one", async () => {
    const { token, wabaId } = await signUp();
    await meta.subscribeApp(token, wabaId);
    const template = { wabaId, name: "hello", language: "en", category: "UTILITY" } as const;
    const { id } = await meta.createTemplate(token, { ...template, components: [body("Our casino")] });
    expect(await refusal(meta.editTemplate(token, { templateId: id, components: [body("Hello")] }))).toMatchObject({
      subcode: 2388039,
    });
    await sim.control.setClock({ now: at("2026-10-01T10:05:00Z") });
    await meta.editTemplate(token, { templateId: id, components: [body("Hello")] });
    await sim.control.setClock({ now: at("2026-10-01T10:10:00Z") });
    expect((await meta.getTemplate(token, id)).status.known).toBe("APPROVED");
    await meta.deleteTemplate(token, { wabaId, templateId: id, name: "hello" });
    expect(await meta.findTemplate(token, template)).toBeUndefined();
    expect((await meta.createTemplate(token, { ...template, components: [body("Hello")] })).id).not.toBe(id);
  });

  it("takes a badge request after thirty days, decides it two days later, and lets a refused one wait for thirty", async () => {
    const { token, wabaId } = await signUp();
    await meta.subscribeApp(token, wabaId);
    const phoneNumberId = await goLive(token, wabaId);
    const ask = async (more: string) =>
      meta.requestOfficialBusinessAccount(token, {
        phoneNumberId,
        application: {
          businessWebsiteUrl: "https://casalumen.example",
          primaryCountryOfOperation: "Colombia",
          supportingLinks: ["https://press.example/1", "https://press.example/2"],
          additionalSupportingInformation: more,
        },
      });
    expect((await refusal(ask(""))).userMessage).toMatch(/less than 30 days/);
    await sim.control.setClock({ now: at("2026-10-31T10:00:00Z") });
    await ask("please refuse");
    expect(await meta.getOfficialBusinessAccount(token, phoneNumberId)).toEqual({
      status: { known: "PENDING", raw: "PENDING" },
    });
    await sim.control.setClock({ now: at("2026-11-02T10:00:00Z") });
    expect(updates().at(-1)?.account).toMatchObject({ event: { known: "OBA_REJECTED" }, entityId: phoneNumberId });
    expect((await refusal(ask("again"))).userMessage).toMatch(/rejected less than 30 days ago/);
    await sim.control.setClock({ now: at("2026-12-02T10:00:00Z") });
    await ask("again");
    await sim.control.setClock({ now: at("2026-12-04T10:00:00Z") });
    expect(updates().at(-1)?.account).toMatchObject({ event: { known: "OBA_APPROVED" } });
    expect((await meta.getPhoneNumber(token, phoneNumberId)).isOfficialBusinessAccount).toBe(true);
  });

  it("escapes its bodies like Meta, and posts them until they are acknowledged", async () => {
    const { token, wabaId } = await signUp();
    await meta.subscribeApp(token, wabaId);
    const phoneNumberId = await addNumber(token, wabaId, "Señal / Luz");
    receiver.status = 503;
    await sim.control.inbound({ phoneNumberId, from: "573005550123", text: "a/b ñ" });
    const before = (await sim.control.webhooks()).outcomes["503"] ?? 0;
    expect(before).toBeGreaterThanOrEqual(0);
    receiver.status = 200;
    await sim.control.setClock({ now: at("2026-10-01T10:00:30Z") });
    const texts = receiver.bodies.map(({ text }) => text);
    expect(texts.filter((text) => text.includes('"a\\/b \\u00f1"'))).toHaveLength(1);
    expect(await sim.control.webhooks()).toMatchObject({ pending: 0 });
  });

  it("keeps a report that nobody is subscribed to as unwanted", async () => {
    await signUp();
    await sim.control.setClock({ now: at("2026-10-01T10:10:00Z") });
    expect(await sim.control.webhooks()).toMatchObject({ unwanted: 1, acknowledged: 1 });
  });

  it("finds everything again after a restart: its clock, its objects, what is still to be decided", async () => {
    const { token, wabaId } = await signUp();
    await meta.subscribeApp(token, wabaId);
    const { id } = await meta.createTemplate(token, {
      wabaId,
      name: "x",
      language: "en",
      category: "UTILITY",
      components: [body("Hi")],
    });
    await sim.close();
    sim = await startTestSim(mongo.db(dbName()), { port: sim.port, clock: { now: at("2020-01-01T00:00:00Z") } });
    expect(sim.control.now()).toEqual(at("2026-10-01T10:00:00Z"));
    await sim.control.setClock({ now: at("2026-10-01T10:05:00Z") });
    expect((await meta.getTemplate(token, id)).status.known).toBe("APPROVED");
  });

  it("catches up with the system's time when it is told to follow it", async () => {
    await mongo.db(dbName("system")).dropDatabase();
    const past = await startTestSim(mongo.db(dbName("system")), { clock: { now: at("2020-01-01T00:00:00Z") } });
    const signup = { businessName: "B", wabaName: "W", currency: "USD", timezone: "America/Bogota", country: "CO" };
    const { wabaId } = await past.control.embeddedSignup(signup);
    await past.control.setClock("system");
    expect(past.control.now().getTime()).toBeGreaterThan(at("2025-01-01T00:00:00Z").getTime());
    const reply = await fetch(`${past.url}/${wabaId}?fields=account_review_status&access_token=${app.systemToken}`);
    expect(await reply.json()).toMatchObject({ account_review_status: "APPROVED" });
    await past.control.reset();
    expect(past.control.now()).toEqual(at("2020-01-01T00:00:00Z"));
    expect((await past.control.requests()).length).toBe(0);
    await past.close();
  });

  it("acts but loses the answer when told to, so that a caller must look before it repeats", async () => {
    const { token, wabaId } = await signUp();
    await sim.control.setFault({ route: "POST /{waba}/phone_numbers", action: "lose_answer" });
    expect(await refusal(addNumber(token, wabaId))).toMatchObject({ httpStatus: null, mayHaveHappened: true });
    expect(await meta.listPhoneNumbers(token, wabaId)).toMatchObject([{ displayPhoneNumber: "+57 6015550147" }]);
  });

  it("posts hand-written bytes signed, and counts what they prove once when told to", async () => {
    const ids = { businessId: "702915384620175", wabaId: "318274650192837", phoneNumberId: "219384756102938" };
    const client = {
      businessName: "Casa Lumen",
      wabaName: "Casa Lumen",
      currency: "USD",
      timezone: "America/Bogota",
      country: "CO",
    };
    const phone = { cc: "57", number: "6015550147", verifiedName: "Casa Lumen" };
    await sim.control.embeddedSignup({ ...client, phone, ids, ready: true });
    const status = (word: string, timestamp: number, pricing?: unknown) => ({
      id: "wamid.x",
      status: word,
      timestamp: String(timestamp),
      recipient_id: "5215555550117",
      ...(pricing === undefined ? {} : { pricing }),
    });
    const bodyOf = (one: unknown): string =>
      JSON.stringify({
        entry: [
          {
            id: ids.wabaId,
            changes: [
              { field: "messages", value: { metadata: { phone_number_id: ids.phoneNumberId }, statuses: [one] } },
            ],
          },
        ],
      });
    const pricing = { billable: true, pricing_model: "PMP", category: "marketing", type: "regular" };
    // Mexico, 2026-09-30 in Bogota when it was delivered: the September card.
    for (const one of [
      status("read", 1_790_830_900),
      status("sent", 1_790_830_700, pricing),
      status("delivered", 1_790_830_750),
    ]) {
      expect(await sim.control.postWebhook({ body: bodyOf(one), count: true })).toEqual({ outcome: "200" });
    }
    expect(receiver.bodies.at(-1)?.text).toBe(bodyOf(status("delivered", 1_790_830_750)));
    expect(await sim.control.counted()).toMatchObject({ volume: 1, charged: 1, micros: { USD: 30_500 } });
  });
});
