import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import { type MetaSim, metaSimRoutes, startMetaSim } from "@greentick/meta-sim";
import { startStripeSim, type StripeSim, stripeSimControlRoutes, stripeSimRoutes } from "@greentick/stripe-sim";
import { testDatabase } from "@greentick/testing";
import { root } from "./cases/scratch.js";

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const named = <R extends { readonly method: string; readonly path: string }>(routes: readonly R[]) =>
  routes.map((route) => [route.method, route.path, route] as const);

/** Takes every webhook, and answers the question whether it wants them. */
async function receiver(): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((request, response) => {
    request.resume();
    response.end(new URL(request.url ?? "/", "http://localhost").searchParams.get("hub.challenge"));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

/** A name that no provider has: what a client sends by mistake must never be dropped in silence. */
const surprise = "surprise_of_the_test";

describe("one undeclared parameter", () => {
  const { mongo, dbName } = testDatabase("simulators");

  describe("at the local Stripe", () => {
    const apiKey = "sk_test_conformance";
    let sim: StripeSim;

    beforeAll(async () => {
      sim = await startStripeSim({
        db: mongo.db(dbName("stripe")),
        apiKey,
        clock: { now: new Date("2026-10-01T00:00:00Z") },
      });
    });
    afterAll(() => sim.close());

    const send = async (method: string, path: string): Promise<Answer> => {
      const body = `${surprise}=1`;
      const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/x-www-form-urlencoded" };
      const url = `${sim.url}${path.replace(":id", "any_1")}${method === "GET" ? `?${body}` : ""}`;
      const reply = await fetch(url, { method, headers, ...(method === "GET" ? {} : { body }) });
      return { status: reply.status, body: await reply.json() };
    };

    it.each(named([...stripeSimRoutes, ...stripeSimControlRoutes]))("is refused by %s %s", async (method, path) => {
      expect(await send(method, path)).toEqual({
        status: 400,
        body: {
          error: expect.objectContaining({
            type: "invalid_request_error",
            code: "parameter_unknown",
            param: surprise,
            message: `Received unknown parameter: ${surprise}`,
          }) as unknown,
        },
      });
    });
  });

  describe("at the local Meta", () => {
    const app = { appId: "1029384756473829", appSecret: "secret-of-the-app", systemToken: "EAAsystem-token" } as const;
    const owned = { businessId: "410925736184205", creditLineId: "600100200300400" } as const;
    const ofTheApp = `${app.appId}|${app.appSecret}`;
    let sim: MetaSim;
    let door: Awaited<ReturnType<typeof receiver>>;
    let ids: Readonly<Record<string, string>> = {};

    const send = async (
      method: string,
      path: string,
      params: object,
      token: string = app.systemToken,
    ): Promise<Answer> => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const query = method === "POST" ? "" : `?${new URLSearchParams(Object.entries(params)).toString()}`;
      const body = method === "POST" ? { body: JSON.stringify(params) } : {};
      const reply = await fetch(`${sim.url}/v26.0${path}${query}`, { method, headers, ...body });
      return { status: reply.status, body: await reply.json() };
    };
    const firstId = async (method: string, path: string, params: object = {}): Promise<string> => {
      const { body } = await send(method, path, params);
      const { id, data } = body as { id?: string; data?: readonly { id: string }[] };
      const found = id ?? data?.[0]?.id;
      if (found === undefined) throw new Error(`${method} ${path} answered ${JSON.stringify(body)}`);
      return found;
    };

    /** One object of every kind that a path can name: an account that is ready, a template, and an invoice for a month of traffic. */
    const onePerKind = async (): Promise<Readonly<Record<string, string>>> => {
      const phone = { cc: "57", number: "6015550147", verifiedName: "Casa Lumen" };
      const names = { businessName: "Casa Lumen", wabaName: "Casa Lumen" };
      const place = { currency: "USD", timezone: "America/Bogota", country: "CO" };
      const signup = await sim.control.embeddedSignup({
        ...names,
        ...place,
        phone,
        businessVerified: true,
        ready: true,
      });
      const components = [{ type: "BODY", text: "Hello" }];
      const template = { name: "hello", language: "en", category: "UTILITY", components };
      const month = { from: new Date("2026-10-02T00:00:00Z"), to: new Date("2026-10-30T00:00:00Z") };
      const made = {
        "{app}": app.appId,
        "{business}": owned.businessId,
        "{credit-line}": owned.creditLineId,
        "{waba}": signup.wabaId,
        "{phone}": signup.phoneNumberId ?? "",
        "{template}": await firstId("POST", `/${signup.wabaId}/message_templates`, template),
        "{allocation-config}": await firstId("GET", `/${owned.creditLineId}/owning_credit_allocation_configs`),
      };
      const subscription = { object: "whatsapp_business_account", callback_url: door.url, verify_token: "of-the-test" };
      await send("POST", `/${app.appId}/subscriptions`, { ...subscription, fields: "messages" }, ofTheApp);
      await sim.control.startTraffic({ seed: 1, messages: 40, ...month });
      await sim.control.setClock({ now: new Date("2026-11-03T00:00:00Z") });
      return { ...made, "{invoice}": await firstId("GET", `/${owned.businessId}/business_invoices`) };
    };

    beforeAll(async () => {
      const rateCardDir = join(root, "services/billing/rate-cards");
      const clock = { now: new Date("2026-10-01T10:00:00Z") };
      sim = await startMetaSim({ db: mongo.db(dbName("meta")), ...app, ...owned, clock, seed: 7, rateCardDir });
      door = await receiver();
      ids = await onePerKind();
    });
    afterAll(async () => {
      await sim.close();
      door.server.closeAllConnections();
      door.server.close();
    });

    const pathOf = (path: string): string => path.replaceAll(/\{[^}]+\}/g, (kind) => ids[kind] ?? kind);

    it.each(named(metaSimRoutes))("is refused by %s %s", async (method, path) => {
      const tokens = [app.systemToken, ofTheApp];
      const answers = await Promise.all(tokens.map((token) => send(method, pathOf(path), { [surprise]: "1" }, token)));
      // A route takes the one token or the other; the wrong one is refused before parameters are looked at.
      expect(answers).toContainEqual({
        status: 400,
        body: {
          error: {
            message: expect.stringContaining(surprise) as unknown,
            type: "OAuthException",
            code: 100,
            fbtrace_id: expect.any(String) as unknown,
          },
        },
      });
      expect(answers.filter(({ status }) => status < 400)).toEqual([]);
    });
  });
});
