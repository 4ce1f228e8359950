import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pageDocuments, type RunningGateway, serveGateway, serviceNames } from "@greentick/gateway";
import { type ServiceAlone, startServiceAlone } from "@greentick/graphql";
import { silentLog } from "@greentick/runtime";
import { buildTenantService, TenantConfig, type TenantService } from "@greentick/tenant";
import { authenticatorCode, mailedLink, type OidcIssuer, oidcIssuer, testDatabase } from "@greentick/testing";

type Fields = Readonly<Record<string, unknown>>;
type Name = keyof typeof pageDocuments;

const email = "ada@provider.example";
const lookEveryMs = 50;
const password = "seven quiet lanterns drift";
/** Nothing listens there: signing in needs none of the other services. */
const nowhere = "http://127.0.0.1:9";
/** How browsers reach the gateway, as the identity provider was told; a test follows it to where the gateway listens. */
const publicUrl = "https://api.provider.example";

describe("signing in where the tenant service runs apart, through the gateway's origin alone", () => {
  const { uri, dbName } = testDatabase("fed");
  const mail = mkdtempSync(join(tmpdir(), "greentick-apart-sign-in-"));
  const secret = randomBytes(32);
  let issuer: OidcIssuer;
  let tenant: TenantService;
  let alone: ServiceAlone;
  let gateway: RunningGateway;

  beforeAll(async () => {
    issuer = await oidcIssuer();
    const env = {
      ...{ MONGODB_URI: uri, DATABASE_PREFIX: `${dbName("p")}_`, PORT: "0", TENANT_KEY_LEAD_SECONDS: "0" },
      ...{ MASTER_KEY: randomBytes(32).toString("hex"), CALL_SECRET: secret.toString("hex"), MAIL_URL: `file:${mail}` },
      ...{ OIDC_ISSUER: issuer.url, OIDC_CLIENT_ID: issuer.clientId, OIDC_CLIENT_SECRET: issuer.clientSecret },
      ...{ OIDC_REDIRECT_URL: `${publicUrl}/sign-in/oidc/callback`, CONSOLE_URL: publicUrl },
    };
    const build: typeof buildTenantService = async (config, outside) => {
      tenant = await buildTenantService(config, outside);
      return tenant;
    };
    alone = await startServiceAlone({ name: "tenant", config: TenantConfig, build, env }, silentLog);
    const urls = { ...Object.fromEntries(serviceNames.map((name) => [name, nowhere])), tenant: alone.url };
    const parts = { host: "127.0.0.1", port: 0, introspection: true, urls, callSecret: secret, log: silentLog };
    gateway = await serveGateway(parts);
    await tenant.identity.ensureProvider({
      name: "Provider",
      legalName: "Provider Ltd.",
      country: "IE",
      currency: "USD",
      timeZone: "Europe/Dublin",
      livemode: false,
      people: [{ name: "Ada Admin", email, roles: ["platform_admin"] }],
    });
  });
  afterAll(async () => {
    await gateway.close();
    await alone.close();
    await issuer.close();
    rmSync(mail, { recursive: true, force: true });
  });

  const ask = async (name: Name, input?: object, token = ""): Promise<Fields> => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token !== "" && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query: pageDocuments[name], ...(input && { variables: { input } }) }),
    });
    const { data, errors } = (await response.json()) as {
      readonly data?: Readonly<Record<string, Fields>>;
      readonly errors?: readonly { readonly message: string; readonly extensions: { readonly reason: string } }[];
    };
    if (errors !== undefined) throw new Error(`${name}: ${errors[0]?.extensions.reason ?? errors[0]?.message ?? ""}`);
    return data?.[name] ?? {};
  };
  const me = { person: { name: "Ada Admin", email }, tenant: { name: "Provider" } };
  /** The message is on its way over outbox and bus of another process: it is looked for until it is there. */
  const linkFor = async (address: string): Promise<URL> => {
    for (;;) {
      try {
        return new URL(mailedLink(mail, address));
      } catch {
        await sleep(lookEveryMs);
      }
    }
  };

  it("goes from a new password over the second factor to a token, and the refresh token gives the next one", async () => {
    await ask("requestPasswordReset", { email });
    const link = await linkFor(email);
    expect(link.href).toMatch(/^https:\/\/api\.provider\.example\/reset-password#token=/);
    await expect(fetch(new URL(link.pathname, gateway.url))).resolves.toMatchObject({ status: 200 });
    await ask("resetPassword", { token: link.hash.replace("#token=", ""), password });
    await expect(ask("signIn", { email, password: "not this one, though" })).rejects.toThrow("wrong_credentials");
    const { enrolmentTicket: ticket } = await ask("signIn", { email, password });
    const { secret: shared } = await ask("beginSecondFactor", { ticket });
    const entered = await ask("completeSecondFactor", { ticket, code: authenticatorCode(String(shared)) });
    const first = entered["signedIn"] as Fields;
    expect(await ask("me", undefined, String(first["accessToken"]))).toMatchObject(me);
    const { signedIn } = await ask("refreshSession", { refreshToken: first["refreshToken"] });
    expect(await ask("me", undefined, String((signedIn as Fields)["accessToken"]))).toMatchObject(me);
    await expect(ask("refreshSession", { refreshToken: first["refreshToken"] })).rejects.toThrow("session_over");
    await expect(ask("signIn", { email, password })).rejects.toThrow("second_factor_needed");
    const [code] = entered["recoveryCodes"] as readonly string[];
    expect(await ask("signIn", { email, password, code })).toMatchObject({
      signedIn: { memberships: [{ tenantName: "Provider" }] },
    });
  });

  it("leads staff to the identity provider and back to a ticket that works once", async () => {
    expect(await (await fetch(`${gateway.url}/sign-in/oidc`)).json()).toEqual({ offered: true });
    issuer.next({ email, email_verified: true });
    const begun = await fetch(`${gateway.url}/sign-in/oidc/start`, { redirect: "manual" });
    expect([begun.status, begun.headers.get("cache-control")]).toEqual([303, "no-store"]);
    const cookie = begun.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^gt_oidc=[\w-]{43}; Path=\/sign-in\/oidc; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/);
    const there = await fetch(begun.headers.get("location") ?? "", { redirect: "manual" });
    const back = new URL(there.headers.get("location") ?? "");
    expect(back.origin).toBe(publicUrl);
    const headers = { cookie: cookie.split(";")[0] ?? "" };
    const callback = (): Promise<Response> =>
      fetch(`${gateway.url}${back.pathname}${back.search}`, { headers, redirect: "manual" });
    const came = await callback();
    expect([came.status, came.headers.get("set-cookie")]).toEqual([303, expect.stringContaining("Max-Age=0")]);
    const [page, ticket] = (came.headers.get("location") ?? "").split("#ticket=");
    expect(page).toBe("/sign-in");
    const { signedIn } = await ask("finishSignIn", { ticket });
    expect(await ask("me", undefined, String((signedIn as Fields)["accessToken"]))).toMatchObject(me);
    const again = await callback();
    expect(again.status).toBe(400);
    expect(await again.json()).toMatchObject({
      error: { code: "NOT_FOUND", requestId: again.headers.get("x-request-id") },
    });
  });

  it("lets nobody but the gateway ask the tenant service for it", async () => {
    const body = JSON.stringify({ step: "start", from: { requestId: "req_stranger" } });
    const direct = await fetch(`${alone.url}/internal/oidc`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    expect([direct.status, await direct.json()]).toMatchObject([401, { error: { reason: "call_not_signed" } }]);
    await expect(fetch(`${alone.url}/sign-in/oidc/start`)).resolves.toMatchObject({ status: 404 });
  });
});
