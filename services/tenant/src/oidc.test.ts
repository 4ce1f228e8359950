import { type OidcAnswer as Told } from "@greentick/contracts";
import { type OidcAnswer, type OidcIssuer, oidcIssuer } from "@greentick/testing";
import { adaEmail, type PeopleWorld, peopleWorld } from "./test-support.js";

const finish = `mutation ($input: FinishSignInInput!) { finishSignIn(input: $input) { signedIn { accessToken session { tenantId means } memberships { roles } } } }`;

describe("signing in through an identity provider", () => {
  let issuer: OidcIssuer;
  const base = "http://127.0.0.1:4000";
  const env: Record<string, string> = { OIDC_CLIENT_ID: "greentick-tests" };
  beforeAll(async () => {
    issuer = await oidcIssuer();
    Object.assign(env, {
      OIDC_ISSUER: issuer.url,
      OIDC_CLIENT_SECRET: issuer.clientSecret,
      OIDC_REDIRECT_URL: `${base}/sign-in/oidc/callback`,
    });
  });
  afterAll(() => issuer.close());
  const people: PeopleWorld = peopleWorld(env);
  const { visitor, ask, must, newClient, joined, provider } = people;
  const from = { requestId: "req_oidc", ip: "192.0.2.7" };

  interface Started {
    readonly issuerUrl: string;
    readonly browserKey: string;
  }
  const start = async (): Promise<Started> => {
    const told = await people.world.service.identity.oidc({ step: "start", from });
    if (told.step !== "start") throw new Error(`refused: ${JSON.stringify(told)}`);
    return { issuerUrl: told.url, browserKey: told.browserKey };
  };
  /** At the issuer somebody signs in; the address with which the browser comes back. */
  const atIssuer = async ({ issuerUrl }: Started): Promise<string> =>
    (await fetch(issuerUrl, { redirect: "manual" })).headers.get("location") ?? "";
  const callback = (url: string, browserKey: string): Promise<Told> =>
    people.world.service.identity.oidc({ step: "finish", from, browserKey, url: url.replace(base, "") });
  const ticketOf = (told: Told): string => (told.step === "finish" ? told.ticket : "");
  const through = async (answer: OidcAnswer): Promise<Told> => {
    issuer.next(answer);
    const started = await start();
    return callback(await atIssuer(started), started.browserKey);
  };
  const verified = { email: adaEmail, email_verified: true };

  it("lets staff in by a verified address, with a ticket that works once", async () => {
    const told = await through({ ...verified, email: adaEmail.toUpperCase() });
    expect(told).toMatchObject({ returnUrl: "/sign-in", secure: false });
    const ticket = ticketOf(told);
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
      expect(await through(answer)).toMatchObject({ step: "refused", code: "FORBIDDEN", reason: "not_staff_here" });
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
    for (const [url, browserKey] of [
      [changed.href, mine.browserKey],
      [back, other.browserKey],
      [back, mine.browserKey],
    ] as const)
      expect(await callback(url, browserKey)).toMatchObject({
        step: "refused",
        code: "NOT_FOUND",
        reason: "link_not_good",
      });
    const again = await start();
    const url = await atIssuer(again);
    expect(await callback(url, again.browserKey)).toMatchObject({ step: "finish" });
    expect(await callback(url, again.browserKey)).toMatchObject({ step: "refused" });
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
      expect(await through({ ...verified, ...part })).toMatchObject({ step: "refused", code: "NOT_FOUND" });
  });

  it("is told to the gateway alone, and says whether there is a provider at all", async () => {
    const [internal] = (people.world.service.internal ?? []).filter(({ path }) => path === "/internal/oidc");
    expect(await internal?.answer({ step: "look" })).toEqual({ step: "look", offered: true });
    await expect(internal?.answer({ step: "finish", from, url: "x".repeat(7_000), browserKey: "" })).rejects.toThrow();
    expect(people.world.service.routes.map(({ path }) => path).filter((path) => path.includes("oidc"))).toEqual([]);
  });
});
