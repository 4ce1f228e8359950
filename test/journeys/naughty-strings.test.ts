import { createHash } from "node:crypto";
import { wabaLinked } from "@greentick/contracts";
import { shapeOnlyEnv } from "@greentick/gateway";
import { type Call } from "@greentick/kernel";
import { signBody } from "@greentick/meta";
import { type HttpHost, replyError, type Service, silentLog, startHttpHost } from "@greentick/runtime";
import { buildTemplateService, TemplateConfig } from "@greentick/template";
import { buildTenantService, TenantConfig } from "@greentick/tenant";
import {
  aTenantCreated,
  anEvent,
  naughtyStrings,
  type ServiceWorld,
  serviceWorld,
  someTenants,
} from "@greentick/testing";
import { buildWebhookService, WebhookConfig } from "@greentick/webhook";
import { graphql, type GraphQLSchema } from "graphql";

const strings = naughtyStrings();
const wabaId = "318274650192837";
const secret = "an-app-secret-of-tests";
type Naming = Service & { readonly schema: { readonly schema: GraphQLSchema } };

interface Found {
  readonly webhookUpdates: {
    readonly nodes: readonly { readonly fragment: string }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}

/** Asks a service's own graph; of a refusal it tells the code. */
const asker =
  (world: ServiceWorld<Naming>) =>
  async <T>(call: Call, source: string, input: object): Promise<T | string> => {
    const { schema } = world.service.schema;
    const { data, errors } = await graphql({ schema, source, variableValues: { input }, contextValue: call });
    return errors === undefined ? (data as T) : String(errors[0]?.extensions["code"]);
  };

/** What came back of each string that did not come back as it went in; of names and reasons the outer blanks are no part. */
async function notKept(keep: (text: string) => Promise<unknown>, most = Infinity): Promise<readonly unknown[]> {
  const wrong: unknown[] = [];
  for (const text of strings) {
    const fits = text.trim() !== "" && text.trim().length <= most;
    const back = await keep(text);
    if (back !== (fits ? text.trim() : "BAD_USER_INPUT")) wrong.push({ text, back });
  }
  return wrong;
}

describe("the big list of naughty strings", () => {
  it("is there", () => {
    expect(strings.length).toBeGreaterThan(450);
  });

  describe("in what a tenant is called, and in a reason", () => {
    const world = serviceWorld("naughtytenant", (outside) =>
      buildTenantService(TenantConfig.parse(shapeOnlyEnv), outside),
    );
    const ask = asker(world);
    let admin: Call;
    let tenantId: string;
    beforeAll(async () => {
      const details = { legalName: "Casa Lumen S.A.S.", country: "CO", currency: "USD", timeZone: "America/Bogota" };
      const people = [{ name: "Ada Admin", email: "ada@bsp.example", roles: ["platform_admin" as const] }];
      const made = await world.service.identity.ensureProvider({
        ...details,
        name: "Greentick",
        livemode: true,
        people,
      });
      const place = { tenantId: made.tenant.id, ancestorIds: [], staff: true, livemode: true };
      admin = world.call({ ...place, personId: made.people[0]?.id ?? "" });
      const source = `mutation ($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } } }`;
      const created = await ask<{ createTenant: { tenant: { id: string } } }>(admin, source, {
        name: "Casa",
        ...details,
      });
      if (typeof created === "string") throw new Error(created);
      tenantId = created.createTenant.tenant.id;
      await world.settle();
    });

    it("comes back as it went in, or is refused for its length", async () => {
      const source = `mutation ($input: RenameTenantInput!) { renameTenant(input: $input) { tenant { name legalName } } }`;
      const keep = async (text: string): Promise<unknown> => {
        const said = await ask<{ renameTenant: { tenant: Readonly<Record<"name" | "legalName", string>> } }>(
          ...[admin, source, { tenantId, name: text, legalName: text }],
        );
        if (typeof said === "string") return said;
        const { name, legalName } = said.renameTenant.tenant;
        return name === legalName ? name : { name, legalName };
      };
      expect(await notKept(keep, 120)).toEqual([]);
    });

    it("comes back as a reason", async () => {
      const holding = (verb: string): string =>
        `mutation ($input: LegalHoldInput!) { ${verb}(input: $input) { tenant { legalHold { reason } } } }`;
      const keep = async (reason: string): Promise<unknown> => {
        interface Held {
          readonly placeLegalHold: { readonly tenant: { readonly legalHold: { readonly reason: string } } };
        }
        const said = await ask<Held>(admin, holding("placeLegalHold"), { tenantId, reason });
        if (typeof said === "string") return said;
        await ask(admin, holding("liftLegalHold"), { tenantId, reason: "over" });
        return said.placeLegalHold.tenant.legalHold.reason;
      };
      expect(await notKept(keep, 500)).toEqual([]);
    });
  });

  describe("in the words of a template", () => {
    const world = serviceWorld("naughtytemplate", (outside) =>
      buildTemplateService(TemplateConfig.parse(shapeOnlyEnv), outside),
    );
    const ask = asker(world);

    it("comes back as it went in, whatever Meta would say to it", async () => {
      const owner = world.call({ roles: ["owner"] });
      await world.given(anEvent(owner, wabaLinked, aLink()));
      const made = await ask<{ draftTemplate: { template: { id: string } } }>(
        ...[owner, `mutation ($input: DraftTemplateInput!) { draftTemplate(input: $input) { template { id } } }`],
        { wabaId, name: "naughty", language: "es", content: { category: "UTILITY", body: { text: "Hola" } } },
      );
      if (typeof made === "string") throw new Error(made);
      const templateId = made.draftTemplate.template.id;
      const words = "header { text } body { text } footer { text }";
      const revise = `mutation ($input: ReviseTemplateInput!) { reviseTemplate(input: $input) { template { ${words} } } }`;
      const wrong: unknown[] = [];
      for (const text of strings) {
        const part = { text };
        const content = { category: "UTILITY", header: { format: "TEXT", text }, body: part, footer: part };
        const said = await ask<{ reviseTemplate: { template: object } }>(owner, revise, {
          ...{ templateId, content },
        });
        const back = typeof said === "string" ? said : JSON.stringify(said.reviseTemplate.template);
        if (back !== JSON.stringify({ header: part, body: part, footer: part })) wrong.push({ text, back });
      }
      expect(wrong).toEqual([]);
    });
  });

  describe("at the door", () => {
    const config = WebhookConfig.parse({ ...shapeOnlyEnv, META_APP_SECRETS: secret });
    const world = serviceWorld("naughtydoor", (outside) => buildWebhookService(config, outside));
    const ask = asker(world);
    let host: HttpHost;
    beforeAll(async () => {
      const rest = (_: unknown, res: Parameters<typeof replyError>[0]): void => {
        replyError(res, 404, "NOT_FOUND", "nothing here");
      };
      host = await startHttpHost({ host: "127.0.0.1", port: 0, routes: world.service.routes, rest, log: silentLog });
      await world.given(aTenantCreated(world.call({ tenantId: someTenants.provider })));
      await world.given(anEvent(world.call(), wabaLinked, aLink()));
    });
    afterAll(() => host.close());

    it("comes back as the description of an endpoint", async () => {
      const owner = world.call({ roles: ["owner"] });
      const made = await ask<{ createWebhookEndpoint: { endpoint: { id: string } } }>(
        ...[
          owner,
          `mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { endpoint { id } } }`,
        ],
        { url: "https://hooks.casa.example/", kinds: ["template.*"] },
      );
      if (typeof made === "string") throw new Error(made);
      const endpointId = made.createWebhookEndpoint.endpoint.id;
      const update = `mutation ($input: UpdateWebhookEndpointInput!) { updateWebhookEndpoint(input: $input) { endpoint { description } } }`;
      const keep = async (description: string): Promise<unknown> => {
        const said = await ask<{ updateWebhookEndpoint: { endpoint: { description: string } } }>(
          ...[owner, update, { endpointId, description }],
        );
        const back = typeof said === "string" ? said : said.updateWebhookEndpoint.endpoint.description;
        return back === "" ? "BAD_USER_INPUT" : back;
      };
      expect(await notKept(keep, 200)).toEqual([]);
    });

    it("comes back from webhooks, as what somebody wrote, is called, and as an id", async () => {
      const messages = strings.map((text, n) => ({
        ...{ id: text, from: "573001234567", timestamp: String(1_791_000_000 + n), type: "text" },
        ...{ text: { body: text }, profile: { name: text }, [text]: text },
      }));
      const value = { metadata: { phone_number_id: "219384756102938" }, messages };
      const text = JSON.stringify({ entry: [{ id: wabaId, changes: [{ field: "messages", value }] }] });
      const body = Buffer.from(text.replaceAll("/", "\\/"));
      const headers = { "x-hub-signature-256": signBody(secret, body) };
      const sent = await fetch(`${host.url}/webhooks/meta`, { method: "POST", body: new Uint8Array(body), headers });
      expect(sent.status).toBe(200);
      await world.settle();
      const key = createHash("sha256").update(body).digest("hex");
      const owner = world.call({ roles: ["owner"] });
      const back: string[] = [];
      for (let after = "", more = true; more;) {
        const source = `{ webhookUpdates(id: "${key}", first: 100 ${after}) { nodes { fragment } pageInfo { hasNextPage endCursor } } }`;
        const { schema } = (world as ServiceWorld<Naming>).service.schema;
        const { data } = await graphql({ schema, source, contextValue: owner });
        const { nodes, pageInfo } = (data as unknown as Found).webhookUpdates;
        back.push(...nodes.map(({ fragment }) => fragment));
        more = pageInfo.hasNextPage;
        after = `after: "${pageInfo.endCursor}"`;
      }
      expect(back).toEqual(messages.map((message) => JSON.stringify(message)));
    });
  });
});

const aLink = () => ({
  ...{ wabaId, recordId: `wab_${wabaId}`, metaBusinessId: "1", name: "Account", currency: "USD" },
  ...{ timeZone: "America/Bogota", from: new Date() },
});
