import { endpointDisabled } from "@greentick/contracts";
import { type Call } from "@greentick/kernel";
import { someTenants } from "@greentick/testing";
import { createSource, endpointFields, outgoingWorld } from "./fixtures/outgoing-world.js";

const update = `mutation ($input: UpdateWebhookEndpointInput!) { updateWebhookEndpoint(input: $input) { endpoint { ${endpointFields} } } }`;
const one = (verb: string): string =>
  `mutation ($input: WebhookEndpointInput!) { ${verb}(input: $input) { endpoint { id status disabledBecause } } }`;
const remove = `mutation ($input: WebhookEndpointInput!) { deleteWebhookEndpoint(input: $input) { endpointId } }`;
const rotate = `mutation ($input: RotateWebhookSecretInput!) { rotateWebhookSecret(input: $input) { secret endpoint { id oldSecretUntil } } }`;
const list = `query ($status: WebhookEndpointListed, $first: Int, $after: String) { webhookEndpoints(status: $status, first: $first, after: $after) { totalCount nodes { id status } pageInfo { hasNextPage endCursor } } }`;
const read = `query ($id: ID!) { webhookEndpoint(id: $id) { ${endpointFields} } }`;

interface Listed {
  readonly totalCount: number;
  readonly nodes: { id: string; status: string }[];
  readonly pageInfo: { hasNextPage: boolean; endCursor: string };
}

describe("endpoints of a business", () => {
  const { world, owner, ask, refused, endpoint } = outgoingWorld();
  const input = { url: "https://hooks.casa.example/in", kinds: ["template.*", "message.status"], description: "Shop" };
  const otra = (): Call => owner({ tenantId: someTenants.otra });
  const heard: string[] = [];
  beforeAll(() =>
    world.bus.consume({
      name: "test.endpoints",
      on: [
        { event: endpointDisabled, handle: (_, { data }) => Promise.resolve(void heard.push(JSON.stringify(data))) },
      ],
    }),
  );

  it("are made with a secret that is shown once and readable nowhere", async () => {
    const { id, secret } = await endpoint(owner(), input);
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
    const shown = await ask(owner(), read, { id });
    expect(shown).toMatchObject({
      ...input,
      kinds: ["message.status", "template.*"],
      ...{ ordered: false, ratePerSecond: 50, concurrency: 5, payloadVersion: 1, status: "ENABLED", livemode: false },
      health: { deliveries: { waiting: 0, sending: 0, delivered: 0, failed: 0 }, failingSince: null, nextAt: null },
    });
    const rows = await world.outside.database.db.collection("endpoints").find().toArray();
    expect(JSON.stringify([shown, rows])).not.toContain(secret.slice(6));
  });

  it("are made once under one idempotency key, and the repeat shows no secret", async () => {
    const keyed = { input: { ...input, idempotencyKey: "once" } };
    const first = await ask<{ secret: string; endpoint: { id: string } }>(owner(), createSource, keyed);
    expect(await ask(owner(), createSource, keyed)).toMatchObject({
      secret: null,
      endpoint: { id: first.endpoint.id },
    });
    const other = { input: { ...input, idempotencyKey: "once", url: "https://other.casa.example/" } };
    expect(await refused(owner(), createSource, other)).toMatchObject({ reason: "idempotency_mismatch" });
  });

  it.each([
    [{ url: "ftp://casa.example/" }, "url"],
    [{ url: "https://user:pass@casa.example/" }, "url"],
    [{ kinds: [] }, "kinds"],
    [{ kinds: ["nothing.such"] }, "kinds"],
    [{ ratePerSecond: 0 }, "ratePerSecond"],
    [{ ratePerSecond: 201 }, "ratePerSecond"],
    [{ concurrency: 11 }, "concurrency"],
    [{ payloadVersion: 2 }, "payloadVersion"],
    [{ description: "x".repeat(201) }, "description"],
  ])("are refused with %j", async (wrong, field) => {
    expect(await refused(owner(), createSource, { input: { ...input, ...wrong } })).toMatchObject({
      code: "BAD_USER_INPUT",
      details: { field },
    });
  });

  it("of a live business are only on https and public addresses, although this deployment lets sandboxes call it", async () => {
    const live = owner({ livemode: true, tenantId: someTenants.otra });
    for (const url of ["http://hooks.casa.example/", "https://127.0.0.1/", "https://[::1]/", "https://localhost/"])
      expect(await refused(live, createSource, { input: { ...input, url } })).toMatchObject({
        details: { field: "url" },
      });
  });

  it("can be given only what their maker may read", async () => {
    const developer = owner({ roles: ["developer"] });
    const wide = { input: { ...input, kinds: ["*"] } };
    expect(await refused(developer, createSource, wide)).toMatchObject({
      code: "FORBIDDEN",
      reason: "permission_missing",
    });
    const { id } = await endpoint(owner(), { ...input, kinds: ["billing.*"] });
    expect(
      await refused(developer, update, { input: { endpointId: id, url: "https://thief.example/" } }),
    ).toMatchObject({
      details: { permission: "billing:read" },
    });
    expect(await refused(developer, rotate, { input: { endpointId: id } })).toMatchObject({ code: "FORBIDDEN" });
    expect(await refused(owner({ roles: ["billing_viewer"] }), createSource, { input })).toMatchObject({
      code: "FORBIDDEN",
    });
  });

  it("are changed field by field, and the trail tells the host of an address, never its path", async () => {
    const { id } = await endpoint(owner(), input);
    const changed = { endpointId: id, url: "https://new.casa.example/secret-path", ordered: true, concurrency: 2 };
    expect(await ask(owner(), update, { input: changed })).toMatchObject({
      endpoint: { url: changed.url, ordered: true, concurrency: 2, description: "Shop" },
    });
    const [row] = await world.outside.database.db.collection("endpoints").find({ "state.url": changed.url }).toArray();
    expect(JSON.stringify(row?.["outbox"])).not.toContain("secret-path");
    await world.settle();
  });

  it("are switched off and on again, each once however often it is asked", async () => {
    const { id } = await endpoint(owner(), input);
    const about = { input: { endpointId: id } };
    for (let times = 0; times < 2; times++)
      expect(await ask(owner(), one("disableWebhookEndpoint"), about)).toMatchObject({
        endpoint: { status: "DISABLED", disabledBecause: "ASKED" },
      });
    for (let times = 0; times < 2; times++)
      expect(await ask(owner(), one("enableWebhookEndpoint"), about)).toMatchObject({
        endpoint: { status: "ENABLED", disabledBecause: null },
      });
    await world.settle();
    expect(heard.filter((text) => text.includes(id))).toHaveLength(1);
  });

  it("get a new secret beside which the old one signs for a while", async () => {
    const { id, secret } = await endpoint(owner(), input);
    const rotated = await ask<{ secret: string; endpoint: object }>(owner(), rotate, { input: { endpointId: id } });
    expect(rotated.secret).not.toBe(secret);
    expect(rotated.endpoint).toMatchObject({ oldSecretUntil: expect.any(String) as unknown });
    const ended = await ask(owner(), rotate, { input: { endpointId: id, overlapMinutes: 0 } });
    expect(ended).toMatchObject({ endpoint: { oldSecretUntil: null } });
    expect(await refused(owner(), rotate, { input: { endpointId: id, overlapMinutes: 10_081 } })).toMatchObject({
      details: { field: "overlapMinutes" },
    });
  });

  it("get one new secret under one idempotency key, and the repeat shows none", async () => {
    const { id } = await endpoint(owner(), input);
    const keyed = { input: { endpointId: id, idempotencyKey: "rotated-once" } };
    const first = await ask<{ secret: string }>(owner(), rotate, keyed);
    expect(first.secret).toMatch(/^whsec_/);
    expect(await ask(owner(), rotate, keyed)).toMatchObject({ secret: null, endpoint: { id } });
    const row = await world.outside.database.db
      .collection<{ _id: string; state: { secrets: object[] } }>("endpoints")
      .findOne({ _id: id });
    expect(row?.state.secrets).toHaveLength(2);
    const other = { input: { ...keyed.input, overlapMinutes: 5 } };
    expect(await refused(owner(), rotate, other)).toMatchObject({ reason: "idempotency_mismatch" });
    for (let more = 0; more < 2; more++) await ask(owner(), rotate, { input: { endpointId: id } });
    expect(await refused(owner(), rotate, { input: { endpointId: id } })).toMatchObject({
      code: "CONFLICT",
      reason: "too_many_secrets",
    });
    expect(await ask(owner(), rotate, keyed)).toMatchObject({ secret: null });
  });

  it("are listed page by page, and by whether they are enabled", async () => {
    const all = await ask<Listed>(owner(), list, { first: 2 });
    expect(all.nodes).toHaveLength(2);
    const next = await ask<Listed>(owner(), list, { first: 2, after: all.pageInfo.endCursor });
    expect(next.nodes.map(({ id }) => id)).not.toContain(all.nodes[0]?.id);
    const { id } = await endpoint(owner(), input);
    await ask(owner(), one("disableWebhookEndpoint"), { input: { endpointId: id } });
    expect(await ask(owner(), list, { status: "DISABLED" })).toMatchObject({ totalCount: 1, nodes: [{ id }] });
  });

  it("are gone once deleted, with address and secret", async () => {
    const { id } = await endpoint(owner(), input);
    for (let times = 0; times < 2; times++)
      expect(await ask(owner(), remove, { input: { endpointId: id } })).toEqual({ endpointId: id });
    expect(await refused(owner(), read, { id })).toMatchObject({ reason: "endpoint_not_found" });
    const row = await world.outside.database.db
      .collection<{ _id: string; state: object }>("endpoints")
      .findOne({ _id: id });
    expect(row?.state).toMatchObject({ url: "", secrets: [], status: "deleted" });
  });

  it("of another business are not there", async () => {
    const { id } = await endpoint(owner(), input);
    expect(await refused(otra(), read, { id })).toMatchObject({ code: "NOT_FOUND" });
    for (const verb of ["disableWebhookEndpoint", "enableWebhookEndpoint"])
      expect(await refused(otra(), one(verb), { input: { endpointId: id } })).toMatchObject({ code: "NOT_FOUND" });
    for (const source of [remove, rotate, update])
      expect(await refused(otra(), source, { input: { endpointId: id } })).toMatchObject({
        reason: "endpoint_not_found",
      });
    expect(await ask(otra(), list)).toMatchObject({ totalCount: 0 });
  });

  it("are twenty at most", async () => {
    const many = owner({ tenantId: someTenants.otra });
    for (let count = 0; count < 20; count++) await endpoint(many, input);
    expect(await refused(many, createSource, { input })).toMatchObject({ reason: "too_many_endpoints" });
  });
});
