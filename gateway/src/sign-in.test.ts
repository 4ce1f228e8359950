import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { visitorMutations } from "@greentick/graphql";
import { silentLog } from "@greentick/runtime";
import { testDatabase } from "@greentick/testing";
import { type Platform, startPlatform } from "./all-in-one.js";
import { shapeOnlyEnv } from "./schemas/offline.js";

interface Answer {
  readonly status: number;
  readonly body: {
    readonly data?: Record<string, unknown> | null;
    readonly errors?: readonly {
      readonly message: string;
      readonly extensions: {
        readonly code: string;
        readonly reason: string;
        readonly details?: Record<string, unknown>;
      };
    }[];
  };
}

const signIn = `mutation ($input: SignInInput!) { signIn(input: $input) { signedIn { accessToken refreshToken session { id ip } } } }`;
const password = "seven quiet lanterns drift";
const MiB = 2 ** 20;

describe("coming in over HTTP", () => {
  const { uri, dbName } = testDatabase("signin");
  const mail = mkdtempSync(join(tmpdir(), "greentick-mail-"));
  const env = {
    ...shapeOnlyEnv,
    MONGODB_URI: uri,
    DATABASE_PREFIX: `${dbName("p")}_`,
    MAIL_URL: `file:${mail}`,
    STAFF_SECOND_FACTOR: "optional",
    RATE_LIMITS: "requests=5000:50000,writes=5000:50000",
  };
  let platform: Platform;
  let adminToken = "";
  const ask = async (query: string, input?: object, token?: string): Promise<Answer> => {
    const response = await fetch(new URL("/graphql", platform.url), {
      method: "POST",
      headers: { "content-type": "application/json", ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, ...(input && { variables: { input } }) }),
    });
    return { status: response.status, body: (await response.json()) as Answer["body"] };
  };
  const refusalOf = ({ body }: Answer): unknown => body.errors?.[0]?.extensions;
  const mailedToken = (email: string): string =>
    readdirSync(mail)
      .map((file) => readFileSync(join(mail, file), "utf8").replaceAll("=\n", "").replaceAll("=3D", "="))
      .filter((text) => text.includes(`To: ${email}`))
      .map((text) => /#token=([\w.-]+)/.exec(text)?.[1] ?? "")
      .at(-1) ?? "";

  beforeAll(async () => {
    platform = await startPlatform({ env, log: silentLog });
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
    const invite = `mutation ($input: InvitePersonInput!) { invitePerson(input: $input) { invitation { id } } }`;
    await ask(invite, { email: "nia@provider.example", name: "Nia New", roles: ["AUDITOR"] }, adminToken);
    await platform.settle();
    const accept = `mutation ($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { personId } }`;
    const accepted = await ask(accept, { token: mailedToken("nia@provider.example"), password });
    if (accepted.body.errors !== undefined) throw new Error(accepted.body.errors[0]?.message);
  });
  afterAll(async () => {
    await platform.close();
    rmSync(mail, { recursive: true, force: true });
  });

  it("is open to visitors for the ways in, and for nothing else", async () => {
    const { body } = await ask("{ __schema { mutationType { fields { name } } } }");
    const { mutationType } = (body.data as { __schema: { mutationType: { fields: { name: string }[] } } }).__schema;
    const offered = new Set(mutationType.fields.map(({ name }) => name));
    expect([...visitorMutations].filter((name) => !offered.has(name))).toEqual([]);
    const notForVisitors = [
      "{ me { tenant { id } } }",
      "{ __typename me { tenant { id } } }",
      "mutation { signOut { session { id } } }",
      'mutation { signIn(input: { email: "a@b.example", password: "x" }) { deviceToken } signOut { session { id } } }',
      "query { ...on Query { people { totalCount } } }",
    ];
    for (const query of notForVisitors) {
      const answer = await ask(query);
      expect({ query, status: answer.status, refusal: refusalOf(answer) }).toEqual({
        query,
        status: 401,
        refusal: { code: "UNAUTHENTICATED", reason: "token_required" },
      });
    }
    const wrong = await ask(signIn, { email: "nobody@provider.example", password });
    expect(wrong.status).toBe(200);
    expect(refusalOf(wrong)).toMatchObject({ code: "UNAUTHENTICATED", reason: "wrong_credentials" });
  });

  it("leads from password to token, and a revoked session is over for its tokens", async () => {
    const entered = await ask(signIn, { email: "nia@provider.example", password });
    const { signedIn } = entered.body.data?.["signIn"] as {
      signedIn: { accessToken: string; session: { id: string; ip: string } };
    };
    expect(signedIn.session.ip).toMatch(/127\.0\.0\.1$/);
    const me = await ask("{ me { person { name } } sessions { nodes { current } } }", undefined, signedIn.accessToken);
    expect(me.body).toMatchObject({
      data: { me: { person: { name: "Nia New" } }, sessions: { nodes: [{ current: true }] } },
    });
    await ask("mutation { signOut { session { id } } }", undefined, signedIn.accessToken);
    const again = (await ask(signIn, { email: "nia@provider.example", password })).body.data?.["signIn"];
    expect(again).toMatchObject({ signedIn: { session: expect.any(Object) as object } });
  });

  it("stands two hundred who try at once: no failure of ours, the others are answered, memory stays bounded", async () => {
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    let peak = before;
    const look = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 20);
    const tries = Array.from({ length: 200 }, (_, at) =>
      ask(signIn, {
        email: at % 2 === 0 ? "nia@provider.example" : `guess${at}@provider.example`,
        password: at % 4 === 0 ? password : "not this one, though",
      }),
    );
    const meanwhile = Promise.all(
      Array.from({ length: 10 }, () => ask("{ me { tenant { name } } }", undefined, adminToken)),
    );
    const [answers, seen] = [await Promise.all(tries), await meanwhile];
    clearInterval(look);
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    const codes = answers.map((answer) => (refusalOf(answer) as { code: string } | undefined)?.code ?? "signed in");
    expect(codes.filter((code) => !["signed in", "UNAUTHENTICATED", "RATE_LIMITED"].includes(code))).toEqual([]);
    const later = answers.flatMap(({ body }) =>
      (body.errors ?? []).filter(({ extensions }) => extensions.code === "RATE_LIMITED"),
    );
    expect(later.length).toBeGreaterThan(0);
    for (const { extensions } of later)
      expect(extensions.details).toMatchObject({ retryAfterSeconds: expect.any(Number) as number });
    for (const { body } of seen) expect(body).toMatchObject({ data: { me: { tenant: { name: "Provider" } } } });
    expect((peak - before) / MiB).toBeLessThan(256);
  });
});
