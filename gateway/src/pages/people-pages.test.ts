import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mergeSubgraphs } from "@greentick/graphql";
import { silentLog } from "@greentick/runtime";
import { authenticatorCode, mailedLink, testDatabase } from "@greentick/testing";
import { type GraphQLSchema, type OperationDefinitionNode, parse, validate } from "graphql";
import { describeSubgraphs, type Platform, startPlatform } from "../all-in-one.js";
import { offlineOutside, shapeOnlyEnv } from "../schemas/offline.js";
import { pageDocuments } from "./documents.js";

type Name = keyof typeof pageDocuments;
interface Answer {
  readonly data?: Record<string, Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly reason: string } }[];
}

const paths = ["/sign-in", "/accept-invitation", "/reset-password"];
const password = "seven quiet lanterns drift";
const otherPassword = "marble kettles under rain";
const scripts = join(__dirname, "..", "..", "pages");
const scriptText = readdirSync(scripts)
  .filter((name) => name.endsWith(".js"))
  .map((name) => readFileSync(join(scripts, name), "utf8"))
  .join("\n");

describe("the pages for people", () => {
  const { uri, dbName } = testDatabase("pages");
  const mail = mkdtempSync(join(tmpdir(), "greentick-pages-"));
  const env = {
    ...shapeOnlyEnv,
    MONGODB_URI: uri,
    DATABASE_PREFIX: `${dbName("p")}_`,
    MAIL_URL: `file:${mail}`,
    TENANT_KEY_LEAD_SECONDS: "0",
  };
  let platform: Platform;
  let adminToken = "";
  let schema: GraphQLSchema;
  const at = (path: string): string => new URL(path, platform.url).href;
  const post = async (query: string, input?: object, token?: string): Promise<Answer> => {
    const response = await fetch(at("/graphql"), {
      method: "POST",
      headers: { "content-type": "application/json", ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, ...(input && { variables: { input } }) }),
    });
    return (await response.json()) as Answer;
  };
  /** What a page asks, and the value of its one field. */
  const ask = async (name: Name, input?: object, token?: string): Promise<Record<string, unknown>> => {
    const { data, errors } = await post(pageDocuments[name], input, token);
    if (errors !== undefined) throw new Error(`${name}: ${errors[0]?.extensions.reason ?? ""}`);
    return data?.[name] ?? {};
  };
  const tokenOf = (link: string): string => new URL(link).hash.replace("#token=", "");

  beforeAll(async () => {
    platform = await startPlatform({ env, log: silentLog });
    schema = mergeSubgraphs(await describeSubgraphs(shapeOnlyEnv, offlineOutside));
    const { people } = await platform.identity.ensureProvider({
      name: "Provider",
      legalName: "Provider Ltd.",
      country: "IE",
      currency: "USD",
      timeZone: "Europe/Dublin",
      livemode: false,
      people: [{ name: "Ada Admin", email: "ada@provider.example", roles: ["platform_admin"] }],
    });
    const [ada] = people;
    if (ada === undefined) throw new Error("the provider has nobody");
    adminToken = (await platform.identity.issueFor(ada.id)).token;
  });
  afterAll(async () => {
    await platform.close();
    rmSync(mail, { recursive: true, force: true });
  });

  const invited = async (email: string): Promise<string> => {
    const invite = `mutation ($input: InvitePersonInput!) { invitePerson(input: $input) { invitation { id } } }`;
    await post(invite, { email, name: "Nia New", roles: ["AUDITOR"] }, adminToken);
    await platform.settle();
    return mailedLink(mail, email);
  };

  it.each(paths)(
    "%s holds no secret, may be framed and kept by nobody, and loads files from here alone",
    async (path) => {
      const response = await fetch(at(`${path}?token=ten_secret`), { headers: { accept: "text/html" } });
      const html = await response.text();
      const { headers } = response;
      expect([response.status, headers.get("content-type"), headers.get("cache-control")]).toEqual([
        200,
        "text/html; charset=utf-8",
        "no-store",
      ]);
      expect(headers.get("content-security-policy")?.split(";")).toEqual([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
      ]);
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(html).not.toContain("ten_secret");
      expect(html).not.toMatch(/<script>|<style|https?:\/\/|\s(on\w+|style)=/);
      expect([...html.matchAll(/<form /g)]).toHaveLength([...html.matchAll(/<form id="[\w-]+" method="post"/g)].length);
    },
  );

  it("load nothing that is not there, whatever imports whatever", async () => {
    const seen = new Set<string>();
    const load = async (path: string): Promise<void> => {
      if (seen.has(path)) return;
      seen.add(path);
      const response = await fetch(at(path));
      expect([path, response.status, response.headers.get("x-content-type-options")]).toEqual([path, 200, "nosniff"]);
      const text = await response.text();
      const kinds: Readonly<Record<string, string>> = { js: "text/javascript", css: "text/css" };
      expect(response.headers.get("content-type")).toContain(kinds[path.split(".").at(-1) ?? ""] ?? "text/html");
      const found = paths.includes(path)
        ? [...text.matchAll(/(?:src|href)="(\/pages\/[^"]+)"/g)].map(([, href = ""]) => href)
        : [...text.matchAll(/ from "\.\/([^"]+)"/g)].map(([, name = ""]) => `/pages/${name}`);
      for (const one of found) await load(one);
    };
    for (const path of paths) await load(path);
    expect([...seen].filter((path) => path.startsWith("/pages/"))).toHaveLength(9);
    await expect(fetch(at("/pages/nothing.js"))).resolves.toMatchObject({ status: 404 });
    await expect(fetch(at("/pages/..%2fpackage.json"))).resolves.toMatchObject({ status: 404 });
  });

  it("ask only what the schema answers, each document one field of its name, and every document is asked", () => {
    for (const [name, text] of Object.entries(pageDocuments)) {
      const document = parse(text);
      expect({ name, problems: validate(schema, document).map(({ message }) => message) }).toEqual({
        name,
        problems: [],
      });
      const [operation] = document.definitions as readonly OperationDefinitionNode[];
      expect(operation?.selectionSet.selections).toMatchObject([{ name: { value: name } }]);
    }
    const asked = new Set([...scriptText.matchAll(/\bask(?:ed)?\("(\w+)"/g)].map(([, name]) => name));
    expect([...asked].sort()).toEqual(Object.keys(pageDocuments).sort());
  });

  it("show every element that their scripts look for", async () => {
    const html = (await Promise.all(paths.map(async (path) => (await fetch(at(path))).text()))).join("\n");
    const wanted = [...scriptText.matchAll(/\b(?:byId|show|onClick|onSubmit)\("([\w-]+)"/g)].map(([, id = ""]) => id);
    expect(wanted.length).toBeGreaterThan(20);
    expect(wanted.filter((id) => !html.includes(`id="${id}"`))).toEqual([]);
  });

  it("write neither tokens nor passwords into addresses or markup", () => {
    expect(scriptText).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|document\.cookie/);
    expect(scriptText).toContain('history.replaceState(null, "", location.pathname)');
  });

  it("lead an invited person from the mail to an access token, over the second factor that the tenant requires", async () => {
    const email = "nia@provider.example";
    const link = await invited(email);
    expect(link).toMatch(new RegExp(`^${platform.url}/accept-invitation#token=`));
    const page = await (await fetch(link)).text();
    expect(page).not.toContain(tokenOf(link));
    expect(await ask("acceptInvitation", { token: tokenOf(link), password })).toEqual({ tenantName: "Provider" });
    await expect(ask("acceptInvitation", { token: tokenOf(link), password })).rejects.toThrow("link_not_good");

    const { enrolmentTicket: ticket, signedIn: none } = await ask("signIn", { email, password });
    expect(none).toBeNull();
    const { secret, uri } = await ask("beginSecondFactor", { ticket });
    expect(uri).toMatch(/^otpauth:\/\/totp\//);
    const code = authenticatorCode(String(secret));
    const { signedIn, recoveryCodes } = await ask("completeSecondFactor", { ticket, code });
    const first = signedIn as Record<string, string>;
    expect(recoveryCodes).toHaveLength(10);
    const me = { person: { name: "Nia New", email }, tenant: { name: "Provider", livemode: false } };
    expect(await ask("me", undefined, first["accessToken"])).toMatchObject(me);

    const { signedIn: renewed } = await ask("refreshSession", { refreshToken: first["refreshToken"] });
    const second = renewed as Record<string, string>;
    expect(await ask("me", undefined, second["accessToken"])).toMatchObject(me);
    await ask("signOut", undefined, second["accessToken"]);
    await expect(ask("refreshSession", { refreshToken: second["refreshToken"] })).rejects.toThrow("session_over");

    await expect(ask("signIn", { email, password })).rejects.toThrow("second_factor_needed");
    const again = await ask("signIn", { email, password, code: (recoveryCodes as string[])[0] });
    expect(again).toMatchObject({ signedIn: { memberships: [{ tenantName: "Provider", roles: ["AUDITOR"] }] } });
  });

  it("lead somebody who forgot a password from the mail to a new one", async () => {
    const email = "ada@provider.example";
    await ask("requestPasswordReset", { email });
    await platform.settle();
    const link = mailedLink(mail, email);
    expect(link).toMatch(new RegExp(`^${platform.url}/reset-password#token=`));
    expect(await ask("resetPassword", { token: tokenOf(link), password: otherPassword })).toMatchObject({ done: true });
    expect(await ask("signIn", { email, password: otherPassword })).toMatchObject({
      enrolmentTicket: expect.any(String) as string,
    });
  });

  it("offer an identity provider only where there is one", async () => {
    expect(await (await fetch(at("/sign-in/oidc"))).json()).toEqual({ offered: false });
    const response = await fetch(at("/sign-in/oidc/start"), { redirect: "manual" });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "NOT_FOUND" } });
  });
});
