import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type DataOf, eventCatalogue, type messageStatusReceived, wabaLinked } from "@greentick/contracts";
import { type EventEnvelope, onFaultPoint } from "@greentick/kernel";
import { signBody } from "@greentick/meta";
import { type HttpHost, replyError, silentLog, startHttpHost } from "@greentick/runtime";
import { aDefinition, aNote, aTenantCreated, anEvent, serviceWorld, someTenants } from "@greentick/testing";
import Stripe from "stripe";
import { buildWebhookService } from "./index.js";

const samples = join(__dirname, "../../../test/webhook-samples");
const secret = "an-app-secret-of-tests";
const stripeSecret = "whsec_of_tests";
const waba = "318274650192837";
const portfolio = "410925736184205";
const config = {
  meta: {
    appSecrets: [secret, "the-secret-being-rotated-out"],
    verifyToken: "verify-me-please",
    ownIds: [portfolio, "1029384756473829"],
  },
  stripe: { secrets: [stripeSecret] },
  rawRetentionDays: 30,
};

const bodyOf = (status: object): Buffer =>
  Buffer.from(
    JSON.stringify({
      object: "whatsapp_business_account",
      entry: [
        {
          id: waba,
          changes: [
            { field: "messages", value: { metadata: { phone_number_id: "219384756102938" }, statuses: [status] } },
          ],
        },
      ],
    }),
  );
const aStatus = (id: string, status = "delivered"): object => ({
  id,
  status,
  timestamp: "1791000000",
  recipient_id: "573001234567",
});

describe("the door", () => {
  const world = serviceWorld("webhook", (outside) => buildWebhookService(config, outside));
  const seen: EventEnvelope[] = [];
  let host: HttpHost;
  beforeAll(async () => {
    const rest = (_: unknown, res: Parameters<typeof replyError>[0]): void => {
      replyError(res, 404, "NOT_FOUND", "nothing here");
    };
    host = await startHttpHost({ host: "127.0.0.1", port: 0, routes: world.service.routes, rest, log: silentLog });
    const keep = (events: readonly EventEnvelope[]): Promise<void> => {
      seen.push(...events);
      return Promise.resolve();
    };
    const streams = eventCatalogue.filter((one) => ["status", "message", "report", "stripe"].includes(one.stream));
    await world.bus.consume({ name: "test.updates", on: [], batch: { events: streams, handle: keep, batchSize: 500 } });
    await world.given(aTenantCreated(world.call({ tenantId: someTenants.provider })));
    await world.given(
      anEvent(world.call(), wabaLinked, {
        wabaId: waba,
        recordId: "wab_1",
        metaBusinessId: "1",
        name: "Casa",
        currency: "USD",
        timeZone: "America/Bogota",
        from: new Date(),
      }),
    );
  });
  afterAll(() => host.close());
  beforeEach(async () => {
    await world.settle();
    seen.length = 0;
  });
  afterEach(() => {
    onFaultPoint(undefined);
  });

  const post = (path: string, body: Buffer, headers: Record<string, string>): Promise<Response> =>
    fetch(host.url + path, { method: "POST", body: new Uint8Array(body), headers });
  const postMeta = (body: Buffer, by = secret): Promise<Response> =>
    post("/webhooks/meta", body, { "x-hub-signature-256": signBody(by, body) });
  const statuses = (): DataOf<typeof messageStatusReceived>[] =>
    seen.map((one) => one.data as DataOf<typeof messageStatusReceived>);
  const operator = () => world.call({ tenantId: someTenants.provider });
  const raw = () =>
    world.outside.database.db.collection<{ _id: string; body: { buffer: Buffer }; repeats: number }>("raw");

  const rawMethods = () => Object.getPrototypeOf(raw()) as { insertMany: () => Promise<never> };

  it("keeps a signed body and hands its update to the tenant of the account", async () => {
    const body = bodyOf(aStatus("wamid.one"));
    expect((await postMeta(body)).status).toBe(200);
    await world.settle();
    expect(seen).toMatchObject([
      {
        type: "status.received",
        tenantId: someTenants.casa,
        partitionKey: "219384756102938",
        source: { sha256: createHash("sha256").update(body).digest("hex"), index: 0 },
      },
    ]);
    expect(statuses()[0]).toMatchObject({
      wabaId: waba,
      recipient: { dialPrefix: "573001" },
      status: { known: "DELIVERED" },
    });
  });

  it("accepts the secret that is being rotated out", async () => {
    expect((await postMeta(bodyOf(aStatus("wamid.rotation")), "the-secret-being-rotated-out")).status).toBe(200);
  });

  it.each([
    ["missing", {}],
    ["of another secret", { "x-hub-signature-256": signBody("another-secret", bodyOf(aStatus("wamid.x"))) }],
    ["of other bytes", { "x-hub-signature-256": signBody(secret, Buffer.from("{}")) }],
    ["cut short", { "x-hub-signature-256": "sha256=abc" }],
  ])("answers 401 when the signature is %s, and keeps nothing", async (_, headers) => {
    const before = await raw().countDocuments();
    expect((await post("/webhooks/meta", bodyOf(aStatus("wamid.x")), headers as Record<string, string>)).status).toBe(
      401,
    );
    expect(await raw().countDocuments()).toBe(before);
    expect(await world.outside.metrics.text()).toContain('greentick_webhooks_refused_total{provider="meta"');
  });

  it("answers 413 above 3 MB", async () => {
    expect((await postMeta(Buffer.alloc(3_000_001, 32))).status).toBe(413);
  });

  it("answers Meta's handshake with the challenge, and 403 without the token", async () => {
    const right = await fetch(
      `${host.url}/webhooks/meta?hub.mode=subscribe&hub.verify_token=verify-me-please&hub.challenge=1158201444`,
    );
    expect([right.status, await right.text()]).toEqual([200, "1158201444"]);
    expect(
      (await fetch(`${host.url}/webhooks/meta?hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1`)).status,
    ).toBe(403);
  });

  it("keeps the same bytes once, however often and however parallel they come", async () => {
    const body = bodyOf(aStatus("wamid.again"));
    const answers = await Promise.all(Array.from({ length: 40 }, () => postMeta(body)));
    expect(new Set(answers.map((one) => one.status))).toEqual(new Set([200]));
    await world.settle();
    expect(seen).toHaveLength(1);
    const row = await raw().findOne({ _id: createHash("sha256").update(body).digest("hex") });
    expect(row?.repeats).toBe(39);
  });

  it("stores neither message ids nor numbers in the clear", async () => {
    await postMeta(bodyOf(aStatus("wamid.HBgLNTczMDAxMjM0NTY3")));
    await world.settle();
    const rows = await raw().find().toArray();
    expect(rows.some((row) => Buffer.from(row.body.buffer).includes("573001234567"))).toBe(false);
    const records = await world.outside.database.connection
      .getClient()
      .db(world.outside.database.name.replace(/_webhook$/, "_bus"))
      .collection("records")
      .find()
      .toArray();
    expect(JSON.stringify(records)).not.toMatch(/wamid|573001234567/);
  });

  it("acknowledges a signed body that is no JSON and shows it in quarantine", async () => {
    const body = Buffer.from("{this is not json");
    expect((await postMeta(body)).status).toBe(200);
    await world.settle();
    const { result } = await query("{ webhookDoor { quarantined { nodes { reason explanation } } } }");
    expect(JSON.stringify(result)).toContain("unreadable");
  });

  it("holds updates of an unknown account, and sends them on when it is linked", async () => {
    const body = Buffer.from(bodyOf(aStatus("wamid.early")).toString().replace(waba, "777000111222333"));
    expect((await postMeta(body)).status).toBe(200);
    await world.settle();
    expect(seen).toHaveLength(0);
    const call = world.call({ tenantId: someTenants.otra });
    await world.given(
      anEvent(call, wabaLinked, {
        wabaId: "777000111222333",
        recordId: "wab_2",
        metaBusinessId: "2",
        name: "Otra",
        currency: "USD",
        timeZone: "UTC",
        from: new Date(),
      }),
    );
    expect(seen).toMatchObject([{ tenantId: someTenants.otra, type: "status.received" }]);
  });

  it("repeats the same events with the same ids when the process dies between publishing and marking", async () => {
    let died = false;
    onFaultPoint((name) => {
      if (name === "splitter.published" && !died) {
        died = true;
        throw new Error("the process died here");
      }
    });
    await postMeta(bodyOf(aStatus("wamid.crash")));
    await world.settle();
    await world.settle();
    expect(died).toBe(true);
    expect(seen.length).toBeGreaterThan(0);
    expect(new Set(seen.map((one) => one.id)).size).toBe(1);
  });

  it("shows an update to its tenant only, as its own fragment", async () => {
    const body = readFileSync(join(samples, "messages-batch.json"));
    await postMeta(body);
    await world.settle();
    const id = `${createHash("sha256").update(body).digest("hex")}:0`;
    const load = world.service.schema.entities["WebhookUpdate"];
    const mine = (await load?.find(world.call(), id)) as { fragment: string; body?: string } | undefined;
    expect(mine?.fragment).toContain("wamid");
    expect(mine?.body).toBeUndefined();
    expect(await load?.find(world.call({ tenantId: someTenants.otra }), id)).toBeUndefined();
  });

  it("keeps every sample of Meta's and loses none of its updates", async () => {
    for (const file of readdirSync(samples).filter((name) => name.endsWith(".json") && name !== "expected.json")) {
      const answer = await postMeta(readFileSync(join(samples, file)));
      expect([file, answer.status]).toEqual([file, 200]);
    }
    await world.settle();
    expect(new Set(seen.map((one) => one.type))).toEqual(
      new Set([
        "status.received",
        "message.received",
        "report.template",
        "report.number",
        "report.account",
        "report.unknown",
      ]),
    );
    const big = seen.find(
      (one) => one.type === "report.template" && JSON.stringify(one.data).includes("PENDING_DELETION"),
    );
    expect((big?.data as { metaTemplateId: string } | undefined)?.metaTemplateId).toMatch(/^\d{17,}$/);
  });

  it("keeps a signed event of Stripe's by its id and refuses an old or unsigned one", async () => {
    const body = JSON.stringify({
      id: "evt_1",
      object: "event",
      type: "invoice.created",
      data: { object: { id: "in_1", object: "invoice", customer: "cus_1" } },
    });
    const stripe = new Stripe("sk_test_x");
    const header = (timestamp: number): string =>
      stripe.webhooks.generateTestHeaderString({ payload: body, secret: stripeSecret, timestamp });
    const now = Math.floor(Date.now() / 1_000);
    expect((await post("/webhooks/stripe", Buffer.from(body), { "stripe-signature": header(now) })).status).toBe(200);
    expect((await post("/webhooks/stripe", Buffer.from(body), { "stripe-signature": header(now) })).status).toBe(200);
    expect((await post("/webhooks/stripe", Buffer.from(body), { "stripe-signature": header(now - 301) })).status).toBe(
      401,
    );
    expect((await post("/webhooks/stripe", Buffer.from(body), { "stripe-signature": header(now + 400) })).status).toBe(
      401,
    );
    expect((await post("/webhooks/stripe", Buffer.from(body), {})).status).toBe(401);
    await world.settle();
    expect(seen).toMatchObject([
      { type: "stripe.received", tenantId: someTenants.provider, data: { eventId: "evt_1", objectId: "in_1" } },
    ]);
  });

  it("answers 503 with Retry-After while nothing can be made durable", async () => {
    const spy = jest.spyOn(rawMethods(), "insertMany");
    spy.mockRejectedValueOnce(new Error("no space left on device"));
    const answer = await postMeta(bodyOf(aStatus("wamid.full")));
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
    spy.mockRestore();
  });

  it("refuses the door's report to a client's owner", async () => {
    const { errors } = await query("{ webhookDoor { kept } }", world.call({ roles: ["owner"] }));
    expect(errors?.[0]?.extensions).toMatchObject({ code: "FORBIDDEN" });
  });

  it("counts the webhooks that could not be kept", async () => {
    const insert = jest.spyOn(rawMethods(), "insertMany").mockRejectedValue(new Error("no space left on device"));
    for (const id of ["a", "b"]) expect((await postMeta(bodyOf(aStatus(`wamid.unkept.${id}`)))).status).toBe(503);
    insert.mockRestore();
    expect(await world.outside.metrics.text()).toMatch(/greentick_webhooks_unkept_total\{provider="meta"\} [2-9]/);
  });

  describe("an operator's dead letters", () => {
    const heard: string[] = [];
    let cause: Error | undefined = new Error("the ledger is closed");
    const letters = async () => {
      const { result } = await query(
        "{ webhookDoor { deadLetters { nodes { id consumer reason explanation error } } } }",
      );
      return (result as { webhookDoor: { deadLetters: { nodes: Record<string, string>[] } } } | undefined)?.webhookDoor
        .deadLetters.nodes;
    };
    const redeliver = (id: string, as = operator()) =>
      query(
        `mutation { redeliverDeadLetter(input: { deadLetterId: "${id}" }) { deadLetterId deadLetter { reason error } } }`,
        as,
      );
    const note = aDefinition("letters");
    beforeAll(async () => {
      await world.bus.consume({
        name: "test.letters",
        on: [
          {
            event: note,
            handle: (_, event) => {
              heard.push(event.id);
              return cause === undefined ? Promise.resolve() : Promise.reject(cause);
            },
          },
        ],
      });
      await world.given(aNote(world.call(), { key: "k", n: 1 }, note));
    });

    it("show what failed, why, and what to do about it", async () => {
      expect(await letters()).toMatchObject([
        { consumer: "test.letters", reason: "failed", error: "Error: the ledger is closed" },
      ]);
      expect((await letters())?.[0]?.["explanation"]).toContain("Hand it in again when the cause is gone");
    });

    it("come back with what the new try met while the cause is still there, and are gone once they were handled", async () => {
      const id = (await letters())?.[0]?.["id"] ?? "";
      cause = new Error("still closed");
      expect((await redeliver(id)).result).toEqual({
        redeliverDeadLetter: { deadLetterId: id, deadLetter: { reason: "failed", error: "Error: still closed" } },
      });
      cause = undefined;
      const before = heard.length;
      const answers = await Promise.all([redeliver(id), redeliver(id), redeliver(id)]);
      expect(answers.some(({ result }) => result?.["redeliverDeadLetter"] !== undefined)).toBe(true);
      expect(heard.length - before).toBe(1);
      expect(await letters()).toEqual([]);
      const again = await redeliver(id);
      expect(again.errors?.[0]?.extensions).toMatchObject({ code: "NOT_FOUND", reason: "dead_letter_not_found" });
      expect(heard.length - before).toBe(1);
    });

    it("of an unknown, newer version are told apart: they wait for the release that reads them", async () => {
      await world.given(aNote(world.call(), { key: "k", n: 2 }, aDefinition("letters", 2)));
      expect(await letters()).toMatchObject([{ consumer: "test.letters", reason: "unknown_version" }]);
      expect((await letters())?.[0]?.["explanation"]).toContain("handed in by itself");
      const id = (await letters())?.[0]?.["id"] ?? "";
      const { result } = await redeliver(id);
      expect(result).toMatchObject({ redeliverDeadLetter: { deadLetter: { reason: "unknown_version" } } });
    });

    it("are not a client's to see or to hand in", async () => {
      const id = (await letters())?.[0]?.["id"] ?? "";
      const { errors } = await redeliver(id, world.call({ roles: ["owner"] }));
      expect(errors?.[0]?.extensions).toMatchObject({ code: "FORBIDDEN" });
    });
  });

  async function query(source: string, as = operator()) {
    const { graphql } = await import("graphql");
    const { data: result, errors } = await graphql({ schema: world.service.schema.schema, source, contextValue: as });
    return { result, errors };
  }
});
