import { Webhook } from "standardwebhooks";
import { someTenants } from "@greentick/testing";
import { deliveryFields, outgoingWorld } from "./fixtures/outgoing-world.js";
import { type Receiver, receiver } from "./fixtures/receiver.js";

const deliveries = `query ($endpointId: ID, $status: WebhookDeliveryStatus, $kind: String, $from: DateTime) { webhookDeliveries(endpointId: $endpointId, status: $status, kind: $kind, from: $from) { nodes { ${deliveryFields} } } }`;
const health = `query ($id: ID!) { webhookEndpoint(id: $id) { status disabledBecause health { deliveries { waiting delivered failed } failingSince nextAt } } }`;
const test = `mutation ($input: SendTestWebhookInput!) { sendTestWebhook(input: $input) { delivery { id status test } } }`;
const again = `mutation ($input: RedeliverWebhookInput!) { redeliverWebhook(input: $input) { delivery { id status } } }`;
const range = `mutation ($input: RedeliverWebhooksInput!) { redeliverWebhooks(input: $input) { count } }`;
const preview = `query ($endpointId: ID!, $kind: String, $deliveryId: ID) { webhookPreview(endpointId: $endpointId, kind: $kind, deliveryId: $deliveryId) { url body headers { name value } } }`;
const move = (verb: string): string =>
  `mutation ($input: WebhookEndpointInput!) { ${verb}(input: $input) { endpoint { id } } }`;
const rotate = `mutation ($input: RotateWebhookSecretInput!) { rotateWebhookSecret(input: $input) { secret } }`;

interface Shown {
  readonly nodes: {
    readonly id: string;
    readonly eventId: string;
    readonly status: string;
    readonly body: string | null;
    readonly nextAttemptAt: Date | null;
    readonly attempts: {
      readonly statusCode: number | null;
      readonly problem: string | null;
      readonly response: string | null;
    }[];
  }[];
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

describe("deliveries", () => {
  const { world, owner, ask, refused, endpoint, about, later } = outgoingWorld();
  let there: Receiver;
  beforeEach(async () => {
    there = await receiver();
  });
  afterEach(async () => {
    for (const { id } of (await ask<{ nodes: { id: string }[] }>(owner(), `{ webhookEndpoints { nodes { id } } }`))
      .nodes)
      await ask(
        owner(),
        `mutation ($input: WebhookEndpointInput!) { deleteWebhookEndpoint(input: $input) { endpointId } }`,
        {
          input: { endpointId: id },
        },
      );
    await there.close();
  });
  const to = (more: object = {}) => endpoint(owner(), { url: there.url, kinds: ["template.*"], ...more });
  const logOf = (endpointId: string, more: object = {}): Promise<Shown> =>
    ask<Shown>(owner(), deliveries, { endpointId, ...more });

  it("bring an event to whoever wants it, signed after Standard Webhooks, with nothing of anybody else", async () => {
    const { id, secret } = await to();
    const other = await receiver();
    await endpoint(owner({ tenantId: someTenants.otra }), { url: other.url, kinds: ["*"] });
    await to({ url: other.url, kinds: ["billing.*"] });
    await world.given(about(owner(), "tpl_1", "approved"));
    expect(there.got).toHaveLength(1);
    expect(other.got).toHaveLength(0);
    const [message] = there.got;
    const verified = new Webhook(secret).verify(message?.body ?? "", message?.headers as Record<string, string>);
    expect(verified).toEqual({
      id: there.ids()[0],
      type: "template.advanced",
      timestamp: "2026-10-01T08:00:00.000Z",
      tenantId: someTenants.casa,
      livemode: false,
      version: 1,
      data: { templateId: "tpl_1", name: "order_ready", language: "es_CO", status: "approved" },
    });
    const log = await logOf(id);
    expect(log).toMatchObject({
      nodes: [{ status: "DELIVERED", attempts: [{ statusCode: 200, problem: null }] }],
    });
    expect(log.nodes[0]?.body).toBe(message?.body);
    await other.close();
  });

  it("are made once for an event that comes twice", async () => {
    const { id } = await to();
    const event = about(owner(), "tpl_twice", "approved");
    await world.given(event, event);
    await world.given(event);
    expect(there.got).toHaveLength(1);
    expect((await logOf(id)).nodes).toHaveLength(1);
  });

  it("are tried again when their time comes, the same event under the same id, until they are taken", async () => {
    const { id } = await to();
    let answers = 0;
    there.answer = () => (answers++ < 2 ? { status: 500, body: "not now" } : { status: 200 });
    await world.given(about(owner(), "tpl_2", "approved"));
    expect(await logOf(id)).toMatchObject({
      nodes: [
        {
          status: "WAITING",
          attempts: [{ statusCode: 500, response: "not now", problem: expect.stringContaining("500") as unknown }],
        },
      ],
    });
    await later(4_000);
    expect(there.got).toHaveLength(1);
    await later(1_000);
    expect(there.got).toHaveLength(2);
    await later(5 * 60_000);
    expect(new Set(there.ids()).size).toBe(1);
    expect(await logOf(id)).toMatchObject({
      nodes: [{ status: "DELIVERED", attempts: [{}, {}, { statusCode: 200 }] }],
    });
    expect(await ask(owner(), health, { id })).toMatchObject({ health: { failingSince: null, nextAt: null } });
  });

  it("leave a receiver alone for as long as it asks", async () => {
    await to();
    there.answer = () => ({ status: 503, headers: { "retry-after": "600" } });
    await world.given(about(owner(), "tpl_3", "approved"));
    await later(599_000);
    expect(there.got).toHaveLength(1);
    await later(1_000);
    expect(there.got).toHaveLength(2);
  });

  it("are given up after three days, and can be sent again by hand, one or a range", async () => {
    const { id } = await to();
    there.answer = () => ({ status: 500 });
    await world.given(about(owner(), "tpl_4", "approved"), about(owner(), "tpl_5", "approved"));
    for (const ms of [
      10_000,
      6 * 60_000,
      40 * 60_000,
      3 * hourMs,
      6 * hourMs,
      12 * hourMs,
      16 * hourMs,
      22 * hourMs,
      24 * hourMs,
    ])
      await later(ms);
    const given = await logOf(id, { status: "FAILED" });
    expect(given).toMatchObject({ nodes: [{ nextAttemptAt: null }, { nextAttemptAt: null }] });
    expect(given.nodes[0]?.attempts).toHaveLength(10);
    expect(await ask(owner(), health, { id })).toMatchObject({
      status: "ENABLED",
      health: { deliveries: { failed: 2 } },
    });
    there.answer = () => ({ status: 200 });
    await ask(owner(), again, { input: { deliveryId: given.nodes[0]?.id } });
    await world.settle();
    const hour = {
      from: new Date(Date.now() - hourMs).toISOString(),
      before: new Date(Date.now() + hourMs).toISOString(),
    };
    expect(await ask(owner(), range, { input: { endpointId: id, ...hour } })).toEqual({ count: 1 });
    await world.settle();
    expect((await logOf(id, { status: "DELIVERED" })).nodes).toHaveLength(2);
    expect(await ask(owner(), range, { input: { endpointId: id, ...hour } })).toEqual({ count: 0 });
    expect(await ask(owner(), range, { input: { endpointId: id, ...hour, which: "FINISHED" } })).toEqual({ count: 2 });
    await world.settle();
  });

  it("end an endpoint that answers 410, and wait for it until it is enabled again", async () => {
    const { id } = await to();
    there.answer = () => ({ status: 410 });
    await world.given(about(owner(), "tpl_6", "approved"));
    expect(await ask(owner(), health, { id })).toMatchObject({ status: "DISABLED", disabledBecause: "GONE" });
    const from = new Date().toISOString();
    await world.given(about(owner(), "tpl_7", "approved"));
    expect(there.got).toHaveLength(1);
    there.answer = () => ({ status: 200 });
    await ask(owner(), move("enableWebhookEndpoint"), { input: { endpointId: id } });
    await world.given(about(owner(), "tpl_8", "approved"));
    expect(there.got).toHaveLength(2);
    const since = { from, before: new Date(Date.now() + hourMs).toISOString(), which: "MISSED" };
    expect(await ask(owner(), range, { input: { endpointId: id, ...since } })).toEqual({ count: 1 });
    await world.settle();
    expect(there.got.map(({ body }) => body).join("\n")).toContain("tpl_7");
  });

  it("end an endpoint after five days of nothing but failures, with a notice", async () => {
    const { id } = await to();
    there.answer = () => ({ status: 500 });
    await world.given(about(owner(), "tpl_9", "approved"));
    await later(2.5 * dayMs);
    await world.given(about(owner(), "tpl_10", "approved"));
    await later(dayMs);
    expect(await ask(owner(), health, { id })).toMatchObject({ status: "ENABLED" });
    await later(2.5 * dayMs);
    expect(await ask(owner(), health, { id })).toMatchObject({ status: "DISABLED", disabledBecause: "FAILING" });
    const [line] = await world.outside.database.db
      .collection("published")
      .find({ kind: "endpoint.disabled" })
      .sort({ place: -1 })
      .toArray();
    expect(line).toMatchObject({ tenantId: someTenants.casa });
  });

  it("wait while an endpoint is disabled by hand, and go out when it is enabled", async () => {
    const { id } = await to();
    there.answer = () => ({ status: 500 });
    await world.given(about(owner(), "tpl_11", "approved"));
    await ask(owner(), move("disableWebhookEndpoint"), { input: { endpointId: id } });
    await later(hourMs);
    expect(there.got).toHaveLength(1);
    there.answer = () => ({ status: 200 });
    await ask(owner(), move("enableWebhookEndpoint"), { input: { endpointId: id } });
    await world.settle();
    expect(there.got).toHaveLength(2);
  });

  it("bear both signatures while a secret is rotated", async () => {
    const { id, secret } = await to();
    const { secret: fresh } = await ask<{ secret: string }>(owner(), rotate, { input: { endpointId: id } });
    await world.given(about(owner(), "tpl_12", "approved"));
    const [message] = there.got;
    for (const one of [secret, fresh])
      expect(() =>
        new Webhook(one).verify(message?.body ?? "", message?.headers as Record<string, string>),
      ).not.toThrow();
    await ask(owner(), rotate, { input: { endpointId: id, overlapMinutes: 0 } });
    await world.given(about(owner(), "tpl_13", "approved"));
    const late = there.got[1];
    expect(() => new Webhook(fresh).verify(late?.body ?? "", late?.headers as Record<string, string>)).toThrow();
  });

  it("of a test carry the example of the kind, marked as such, and stand in no order", async () => {
    const { id } = await to();
    const sent = await ask<{ delivery: { id: string; test: boolean } }>(owner(), test, {
      input: { endpointId: id, kind: "billing.invoice_finalized" },
    });
    await world.settle();
    expect(sent.delivery.test).toBe(true);
    expect(JSON.parse(there.got[0]?.body ?? "{}")).toMatchObject({ type: "billing.invoice_finalized", test: true });
    expect(
      await refused(owner({ roles: ["developer"] }), test, {
        input: { endpointId: id, kind: "billing.invoice_finalized" },
      }),
    ).toMatchObject({
      code: "FORBIDDEN",
    });
    expect(await refused(owner(), test, { input: { endpointId: id, kind: "no.such" } })).toMatchObject({
      reason: "unknown_kind",
    });
  });

  it("can be looked at to the byte before anything is sent", async () => {
    const { id, secret } = await to();
    const shown = await ask<{ url: string; body: string; headers: { name: string; value: string }[] }>(
      owner(),
      preview,
      {
        endpointId: id,
        kind: "template.advanced",
      },
    );
    const headers = Object.fromEntries(shown.headers.map(({ name, value }) => [name, value]));
    expect(new Webhook(secret).verify(shown.body, headers)).toMatchObject({ type: "template.advanced", test: true });
    await world.settle();
    expect(there.got).toEqual([]);
    expect(await refused(owner(), preview, { endpointId: id })).toMatchObject({ code: "BAD_USER_INPUT" });
  });

  it("of another business are not there", async () => {
    const { id } = await to();
    await world.given(about(owner(), "tpl_14", "approved"));
    const [own] = (await logOf(id)).nodes;
    const otra = owner({ tenantId: someTenants.otra });
    expect(await refused(otra, `query ($id: ID!) { webhookDelivery(id: $id) { id } }`, { id: own?.id })).toMatchObject({
      reason: "delivery_not_found",
    });
    expect(await refused(otra, again, { input: { deliveryId: own?.id } })).toMatchObject({
      reason: "delivery_not_found",
    });
    expect(await refused(otra, deliveries, { endpointId: id })).toMatchObject({ reason: "endpoint_not_found" });
    expect(await refused(otra, preview, { endpointId: id, deliveryId: own?.id })).toMatchObject({ code: "NOT_FOUND" });
  });

  it("hide what stands in them from whoever may not read such things, and from the store", async () => {
    const { id } = await to({ kinds: ["*"] });
    there.answer = () => ({ status: 500, body: "canary of an answer" });
    await world.given(about(owner(), "tpl_canary", "approved"));
    const rows = await Promise.all(
      ["published", "deliveries"].map((name) =>
        world.outside.database.db.collection(name).find({ tenantId: someTenants.casa }).toArray(),
      ),
    );
    expect(JSON.stringify(rows)).not.toMatch(/canary of an answer|order_ready/);
    const auditor = await ask<Shown>(owner({ roles: ["onboarding_agent"], staff: true }), deliveries, {
      endpointId: id,
    });
    expect(auditor.nodes[0]?.body).toContain("tpl_canary");
    const stranger = { ...owner(), permissions: new Set(["endpoint:read"] as const) };
    expect((await ask<Shown>(stranger, deliveries, { endpointId: id })).nodes[0]?.body).toBeNull();
  });
});
