import { type AddressInfo } from "node:net";
import { createServer, type Server } from "node:http";
import { type OidcAnswer, type OidcIssuer, oidcIssuer } from "@greentick/testing";
import { adaEmail, type PeopleWorld, peopleWorld } from "./test-support.js";

const finish = `mutation ($input: FinishSignInInput!) { finishSignIn(input: $input) { signedIn { accessToken session { tenantId means } memberships { roles } } } }`;

interface Came {
  readonly status: number;
  readonly body: { readonly ticket?: string; readonly error?: { readonly code: string; readonly message: string } };
}

describe("signing in through an identity provider", () => {
  let issuer: OidcIssuer;
  let host: Server;
  let base = "";
  const env: Record<string, string> = { OIDC_CLIENT_ID: "greentick-tests" };
  beforeAll(async () => {
    issuer = await oidcIssuer();
    host = createServer((req, res) => {
      const path = (req.url ?? "/").split("?")[0];
      const route = people.world.service.routes.find((one) => one.path === path);
      res.setHeader("x-request-id", "req_oidc");
      if (route === undefined) res.writeHead(404).end();
      else route.handle(req, res, Buffer.alloc(0)).catch(() => res.writeHead(500).end());
    });
    await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
    Object.assign(env, {
      OIDC_ISSUER: issuer.url,
      OIDC_CLIENT_SECRET: issuer.clientSecret,
      OIDC_REDIRECT_URL: `${base}/sign-in/oidc/callback`,
    });
  });
  afterAll(async () => {
    await issuer.close();
    host.closeAllConnections();
    host.close();
  });
  const people: PeopleWorld = peopleWorld(env);
  const { visitor, ask, must, newClient, joined, provider } = people;

  interface Started {
    readonly issuerUrl: string;
    readonly cookie: string;
  }
  const start = async (): Promise<Started> => {
    const response = await fetch(`${base}/sign-in/oidc/start`, { redirect: "manual" });
    const cookie = response.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/HttpOnly; SameSite=Lax/);
    return { issuerUrl: response.headers.get("location") ?? "", cookie: cookie.split(";")[0] ?? "" };
  };
  /** At the issuer somebody signs in; the address with which the browser comes back. */
  const atIssuer = async ({ issuerUrl }: Started): Promise<string> =>
    (await fetch(issuerUrl, { redirect: "manual" })).headers.get("location") ?? "";
  const callback = async (url: string, cookie: string): Promise<Came> => {
    const response = await fetch(url, { headers: { cookie }, redirect: "manual" });
    return { status: response.status, body: (await response.json()) as Came["body"] };
  };
  const through = async (answer: OidcAnswer): Promise<Came> => {
    issuer.next(answer);
    const started = await start();
    return callback(await atIssuer(started), started.cookie);
  };
  const verified = { email: adaEmail, email_verified: true };

  it("lets staff in by a verified address, with a ticket that works once", async () => {
    const { body } = await through({ ...verified, email: adaEmail.toUpperCase() });
    const ticket = body.ticket ?? "";
    expect(await must(visitor(), finish, { ticket })).toMatchObject({
      signedIn: { session: { tenantId: provider(), means: ["OIDC"] }, memberships: [{ roles: ["PLATFORM_ADMIN"] }] },
    });
    expect((await ask(visitor(), finish, { ticket })).refusal).toMatchObject({ reason: "link_not_good" });
    expect((await ask(visitor(), finish, { ticket: "made up" })).refusal).toMatchObject({ reason: "link_not_good" });
  });

  it("sends state, nonce and a PKCE challenge, none of them twice the same", async () => {
    const [one, two] = [await start(), await start()];
    const [first, second] = [one, two].map(({ issuerUrl }) => new URL(issuerUrl).searchParams);
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(first?.get(name)?.length).toBeGreaterThanOrEqual(43);
      expect(first?.get(name)).not.toBe(second?.get(name));
    }
    expect(first?.get("code_challenge_method")).toBe("S256");
  });

  it("creates nobody: an unknown, an unverified and a member's address stay outside", async () => {
    const tenantId = await newClient("Outside");
    await joined({ email: "member@casa.example", roles: ["owner"], tenantId });
    const outside: OidcAnswer[] = [
      { email: "stranger@bsp.example", email_verified: true },
      { email: adaEmail, email_verified: false },
      { email: "member@casa.example", email_verified: true },
    ];
    for (const answer of outside)
      expect(await through(answer)).toMatchObject({ status: 403, body: { error: { code: "FORBIDDEN" } } });
    const found = await people.world.outside.database.db
      .collection("people")
      .countDocuments({ "state.email": "stranger@bsp.example" });
    expect(found).toBe(0);
  });

  it("takes an answer once, from the browser that asked, to the state that was given", async () => {
    issuer.next(verified);
    const [mine, other] = [await start(), await start()];
    const back = await atIssuer(mine);
    const changed = new URL(back);
    changed.searchParams.set("state", "x".repeat(43));
    for (const [url, cookie] of [
      [changed.href, mine.cookie],
      [back, other.cookie],
      [back, mine.cookie],
    ] as const)
      expect(await callback(url, cookie)).toMatchObject({ status: 400, body: { error: { code: "NOT_FOUND" } } });
    const again = await start();
    const url = await atIssuer(again);
    expect(await callback(url, again.cookie)).toMatchObject({ status: 200 });
    expect(await callback(url, again.cookie)).toMatchObject({ status: 400 });
  });

  it("believes no ID token with another nonce, audience, issuer, time or key", async () => {
    const wrong: Partial<OidcAnswer>[] = [
      { claims: { nonce: "another" } },
      { claims: { aud: "somebody-else" } },
      { claims: { iss: "https://issuer.example" } },
      { claims: { exp: 1_000 } },
      { withForeignKey: true },
    ];
    for (const part of wrong)
      expect(await through({ ...verified, ...part })).toMatchObject({
        status: 400,
        body: { error: { code: "NOT_FOUND" } },
      });
  });
});
