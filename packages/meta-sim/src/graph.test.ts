import { testDatabase } from "@greentick/testing";
import { type MetaSim, metaSimRoutes } from "./index.js";
import { app, startTestSim } from "./test-support.js";

interface Envelope {
  readonly error?: {
    readonly message: string;
    readonly type: string;
    readonly code: number;
    readonly error_subcode?: number;
    readonly fbtrace_id: string;
  };
}

describe("the local Meta's Graph API", () => {
  const { mongo, dbName } = testDatabase("metasim-graph");
  let sim: MetaSim;
  let ids: Record<string, string>;

  beforeAll(async () => {
    sim = await startTestSim(mongo.db(dbName()));
    const signup = await sim.control.embeddedSignup({
      businessName: "Casa Lumen",
      wabaName: "Casa Lumen",
      currency: "USD",
      timezone: "America/Bogota",
      country: "CO",
      phone: { cc: "57", number: "6015550147", verifiedName: "Casa Lumen" },
      ready: true,
    });
    const allocation = await call("GET", `/${app.creditLineId}/owning_credit_allocation_configs`, { limit: "1" });
    const template = await call("POST", `/${signup.wabaId}/message_templates`, {
      name: "hello",
      language: "en",
      category: "UTILITY",
      components: [{ type: "BODY", text: "Hello" }],
    });
    ids = {
      "{app}": app.appId,
      "{business}": app.businessId,
      "{waba}": signup.wabaId,
      "{phone}": signup.phoneNumberId ?? "",
      "{credit-line}": app.creditLineId,
      "{allocation-config}": (allocation.body as { data: { id: string }[] }).data[0]?.id ?? "",
      "{template}": (template.body as { id: string }).id,
      "{invoice}": "1",
    };
  });
  afterAll(async () => sim.close());

  const call = async (
    method: string,
    path: string,
    params: Record<string, unknown> = {},
    token: string = app.systemToken,
  ): Promise<{ status: number; body: unknown }> => {
    const url = new URL(`${sim.url}/v26.0${path}`);
    if (method !== "POST")
      for (const [name, value] of Object.entries(params)) url.searchParams.set(name, String(value));
    const reply = await fetch(url, {
      method,
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      ...(method === "POST" ? { body: JSON.stringify(params) } : {}),
    });
    return { status: reply.status, body: await reply.json() };
  };
  const errorOf = ({ body }: { body: unknown }): NonNullable<Envelope["error"]> => {
    const { error } = body as Envelope;
    if (error === undefined) throw new Error(`expected an error, got ${JSON.stringify(body)}`);
    return error;
  };
  const tokenFor = (path: string): string =>
    path.startsWith("/{app}") || path === "/debug_token" ? `${app.appId}|${app.appSecret}` : app.systemToken;

  it.each(
    metaSimRoutes.filter(({ path }) => !path.includes("{invoice}")).map(({ method, path }) => [method, path] as const),
  )("refuses an undeclared parameter on %s %s with Meta's own error", async (method, path) => {
    const filled = path.replace(/\{[^}]+\}/, (part) => ids[part] ?? part);
    const reply = await call(method, filled, { surprise: "1" }, tokenFor(path));
    expect(reply.status).toBe(400);
    expect(errorOf(reply)).toMatchObject({
      code: 100,
      type: "OAuthException",
      message: expect.stringContaining('"surprise"') as string,
    });
    expect(errorOf(reply).fbtrace_id).toMatch(/^A[0-9a-f]+$/);
  });

  it("refuses a field that the node does not have", async () => {
    const error = errorOf(await call("GET", `/${ids["{waba}"]}`, { fields: "id,name,shoe_size" }));
    expect(error).toMatchObject({
      code: 100,
      message: "(#100) Tried accessing nonexisting field (shoe_size) on node type (WhatsAppBusinessAccount)",
    });
  });

  it("refuses an edge that the node does not have", async () => {
    expect(errorOf(await call("GET", `/${ids["{waba}"]}/friends`)).message).toMatch(/nonexisting field \(friends\)/);
    expect(errorOf(await call("POST", `/${ids["{waba}"]}/friends`))).toMatchObject({ code: 100, error_subcode: 33 });
  });

  it.each(["/nothing", `/a/b/c`, "/"])("refuses the unknown path %s", async (path) => {
    expect(errorOf(await call("GET", path))).toMatchObject({ code: 2500 });
  });

  it("does not know an object that does not exist", async () => {
    expect(errorOf(await call("GET", "/123"))).toMatchObject({ code: 100, error_subcode: 33 });
  });

  it("asks for a token, and knows a wrong one", async () => {
    const reply = await fetch(`${sim.url}/v26.0/${ids["{waba}"]}`);
    expect(reply.status).toBe(401);
    expect(errorOf({ body: await reply.json() })).toMatchObject({ code: 190 });
    expect(errorOf(await call("GET", `/${ids["{waba}"]}`, {}, "EAAwrong"))).toMatchObject({ code: 190 });
  });

  it("lets only our own token share the credit line", async () => {
    const { code } = await sim.control.embeddedSignup({
      businessName: "Monsoon",
      wabaName: "Monsoon",
      currency: "USD",
      timezone: "Asia/Kolkata",
      country: "IN",
    });
    const granted = await call("GET", "/oauth/access_token", {
      client_id: app.appId,
      client_secret: app.appSecret,
      code,
    });
    const token = (granted.body as { access_token: string }).access_token;
    const path = `/${app.creditLineId}/whatsapp_credit_sharing_and_attach`;
    expect(errorOf(await call("POST", path, {}, token))).toMatchObject({ code: 200 });
    expect(errorOf(await call("GET", `/${ids["{waba}"]}`, {}, token))).toMatchObject({ code: 100, error_subcode: 33 });
  });

  it("checks the proof of the app secret when it is given", async () => {
    const error = errorOf(await call("GET", `/${ids["{waba}"]}`, { appsecret_proof: "0".repeat(64) }));
    expect(error.message).toMatch(/Invalid appsecret_proof/);
  });

  it("knows a token in the query, no version, and any version", async () => {
    for (const version of ["", "/v24.0", "/v26.0"]) {
      const reply = await fetch(
        `${sim.url}${version}/${ids["{waba}"]}?fields=timezone_id&access_token=${app.systemToken}`,
      );
      expect(await reply.json()).toEqual({ timezone_id: "43", id: ids["{waba}"] });
    }
  });

  it("answers with a fault as often as told, then acts again", async () => {
    await sim.control.setFault({ route: "GET /{waba}", action: "refuse", remaining: 1 });
    const first = await call("GET", `/${ids["{waba}"]}`);
    expect([first.status, errorOf(first).code]).toEqual([500, 2]);
    expect((await call("GET", `/${ids["{waba}"]}`)).status).toBe(200);
  });

  it("refuses a control route or a control input that it does not know, in words", async () => {
    const unknown = await fetch(`${sim.url}/_sim/nothing`);
    expect([unknown.status, await unknown.json()]).toEqual([
      404,
      { error: "There is no control route GET /_sim/nothing." },
    ]);
    const wrong = await fetch(`${sim.url}/_sim/clock`, { method: "POST", body: `{"now":"yesterday","x":1}` });
    expect(wrong.status).toBe(400);
  });

  it("does not let time run backwards", async () => {
    await expect(sim.control.setClock({ now: new Date("2026-09-01T00:00:00Z") })).rejects.toThrow(
      /does not run backwards/,
    );
  });
});
