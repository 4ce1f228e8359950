import { type Call } from "@greentick/kernel";
import { hash } from "@node-rs/argon2";
import { adaEmail, codeOf, goodPassword, otherPassword, peopleWorld, sources } from "./test-support.js";

const done = (verb: string, kind: string): string => `mutation ($input: ${kind}!) { ${verb}(input: $input) { done } }`;
const requestReset = done("requestPasswordReset", "RequestPasswordResetInput");
const reset = done("resetPassword", "ResetPasswordInput");
const begin = `mutation ($input: EnrolmentTicketInput!) { beginSecondFactor(input: $input) { secret uri } }`;
const complete = `mutation ($input: CompleteSecondFactorInput!) { completeSecondFactor(input: $input) { recoveryCodes signedIn { accessToken refreshToken session { id tenantId personId means } memberships { tenantId roles } } } }`;

interface SignedIn {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly session: {
    readonly id: string;
    readonly tenantId: string;
    readonly personId: string;
    readonly means: string[];
  };
  readonly memberships: { readonly tenantId: string; readonly roles: string[] }[];
}
interface Entered {
  readonly signedIn: SignedIn | null;
  readonly enrolmentTicket: string | null;
  readonly deviceToken: string | null;
}

describe("signing in", () => {
  const { world, ada, visitor, ask, must, newClient, invited, joined, mailedToken, callOf } = peopleWorld();
  let serial = 0;
  /** A member of a new client, who needs no second factor. */
  const member = async (): Promise<{ readonly email: string; readonly tenantId: string }> => {
    serial += 1;
    const email = `member${serial}@casa.example`;
    const tenantId = await newClient(`Client ${serial}`);
    await joined({ email, roles: ["owner"], tenantId });
    return { email, tenantId };
  };
  const enter = async (input: Record<string, unknown>, from?: Parameters<typeof visitor>[0]): Promise<Entered> =>
    (await must(visitor(from), sources.signIn, { password: goodPassword, ...input })) as unknown as Entered;
  const refusal = async (input: Record<string, unknown>, from?: Parameters<typeof visitor>[0]): Promise<unknown> =>
    (await ask(visitor(from), sources.signIn, { password: goodPassword, ...input })).refusal;
  const signedIn = async (input: Record<string, unknown>): Promise<SignedIn> => {
    const { signedIn: tokens } = await enter(input);
    if (tokens === null) throw new Error("not signed in");
    return tokens;
  };
  const own = async (email: string): Promise<Call> => callOf({ ...(await signedIn({ email })) });
  const ended = (tokens: SignedIn): Promise<unknown> =>
    ask(visitor(), sources.refresh, { refreshToken: tokens.refreshToken }).then((asked) => asked.refusal?.reason);

  it("gives a short token that stands on a session, which tells from where", async () => {
    const { email } = await member();
    const { signedIn: tokens } = await enter({ email }, { ip: "198.51.100.7", userAgent: "Firefox/140" });
    const [, body = ""] = tokens?.accessToken.split(".") ?? [];
    const claims = JSON.parse(Buffer.from(body, "base64url").toString()) as Record<string, number | string>;
    expect(claims).toMatchObject({ sid: tokens?.session.id, sub: tokens?.session.personId, kind: "member" });
    expect(Number(claims["exp"]) - Number(claims["iat"])).toBe(600);
    expect(tokens?.session).toMatchObject({ device: "Firefox/140", ip: "198.51.100.7", means: ["PASSWORD"] });
  });

  it("answers an unknown address as it answers a wrong password", async () => {
    const { email } = await member();
    const unknown = await ask(visitor(), sources.signIn, { email: "nobody@casa.example", password: otherPassword });
    const wrong = await ask(visitor(), sources.signIn, { email, password: otherPassword });
    expect(unknown).toEqual(wrong);
    expect(wrong.refusal).toMatchObject({ code: "UNAUTHENTICATED", reason: "wrong_credentials" });
  });

  it("refuses operators and other shapes where text is expected", async () => {
    const result = await ask(visitor(), sources.signIn, { email: { $ne: null }, password: { $ne: null } }).catch(
      String,
    );
    expect(JSON.stringify(result)).not.toContain("accessToken");
    expect(await refusal({ email: '{"$ne":null}' })).toMatchObject({ reason: "wrong_credentials" });
  });

  describe("a refresh token", () => {
    it("works once and leads to the next one", async () => {
      const { email } = await member();
      const first = await signedIn({ email });
      const { signedIn: second } = await must(visitor(), sources.refresh, { refreshToken: first.refreshToken });
      const next = second as SignedIn;
      expect(next.session.id).toBe(first.session.id);
      expect(next.refreshToken).not.toBe(first.refreshToken);
      await must(visitor(), sources.refresh, { refreshToken: next.refreshToken });
    });

    it("ends its whole family when shown again, and the trail says so", async () => {
      const { email, tenantId } = await member();
      const first = await signedIn({ email });
      const { signedIn: second } = await must(visitor(), sources.refresh, { refreshToken: first.refreshToken });
      expect(await ended(first)).toBe("session_over");
      expect(await ended(second as SignedIn)).toBe("session_over");
      await world.settle();
      const source = `query { auditTrail(action: "tenant.session_ended") { nodes { facts { name value } } } }`;
      const owner = world.call({
        tenantId: tenantId as Call["tenantId"],
        ancestorIds: [ada().tenantId],
        roles: ["owner"],
      });
      const { nodes } = await must(owner, source);
      expect(JSON.stringify(nodes)).toContain("refresh_reused");
    });

    it("gives one of two who use it at the same moment at most a token, and then ends", async () => {
      const { email } = await member();
      const first = await signedIn({ email });
      const both = await Promise.all(
        [1, 2].map(() => ask(visitor(), sources.refresh, { refreshToken: first.refreshToken })),
      );
      const got = both.flatMap(({ data, refusal: refused }) =>
        refused === undefined ? [(data["refreshSession"] as { signedIn: SignedIn }).signedIn] : [],
      );
      expect(got.length).toBeLessThanOrEqual(1);
      for (const tokens of got) expect(await ended(tokens)).toBe("session_over");
    });

    it("cannot be guessed into ending somebody's session", async () => {
      const { email } = await member();
      const first = await signedIn({ email });
      const forged = Buffer.from(`${first.session.id}.1.AAAAAAAAAAAAAAAAAAAAAA`).toString("base64url");
      const [, key = ""] = first.refreshToken.split(".");
      for (const refreshToken of [`gtr_${forged}.${key}`, `${first.refreshToken}A`, first.accessToken, "gtr_", ""])
        expect((await ask(visitor(), sources.refresh, { refreshToken })).refusal).toMatchObject({
          reason: "session_over",
        });
      await must(visitor(), sources.refresh, { refreshToken: first.refreshToken });
    });
  });

  describe("sessions", () => {
    const list = `query { sessions { totalCount nodes { id current endedBecause } } }`;
    it("are listed to their owner, who ends one, all others, or her own", async () => {
      const { email } = await member();
      const [one, two, three] = [await signedIn({ email }), await signedIn({ email }), await signedIn({ email })];
      const call = callOf({ ...three });
      expect(await must(call, list, {})).toMatchObject({
        totalCount: 3,
        nodes: [{ id: three.session.id, current: true }, {}, {}],
      });
      const revoke = `mutation ($input: SessionIdInput!) { revokeSession(input: $input) { session { endedBecause } } }`;
      expect(await must(call, revoke, { sessionId: one.session.id })).toMatchObject({
        session: { endedBecause: "REVOKED" },
      });
      expect(await ended(one)).toBe("session_over");
      const revokeAll = `mutation ($input: RevokeAllSessionsInput!) { revokeAllSessions(input: $input) { ended } }`;
      expect(await must(call, revokeAll, { exceptCurrent: true })).toEqual({ ended: 1 });
      expect(await ended(two)).toBe("session_over");
      await must(call, `mutation { signOut { session { endedBecause } } }`);
      expect(await ended(three)).toBe("session_over");
    });

    it("of others are missing, unless one may manage people of the same tenant", async () => {
      const [a, b] = [await member(), await member()];
      const ofA = await signedIn({ email: a.email });
      const stranger = await own(b.email);
      const revoke = `mutation ($input: SessionIdInput!) { revokeSession(input: $input) { session { id } } }`;
      const never = await ask(stranger, revoke, { sessionId: "ses_01UNKN0WN00000000000000000" });
      const foreign = await ask(stranger, revoke, { sessionId: ofA.session.id });
      expect(foreign.refusal?.reason).toBe(never.refusal?.reason);
      const email = "colleague@casa.example";
      await joined({ email, roles: ["developer"], tenantId: a.tenantId as Call["tenantId"] });
      const colleague = await signedIn({ email });
      const owner = callOf({ ...ofA });
      expect((await ask(callOf({ ...colleague }), revoke, { sessionId: ofA.session.id })).refusal).toMatchObject({
        reason: "session_not_found",
      });
      await must(owner, revoke, { sessionId: colleague.session.id });
      expect(await ended(colleague)).toBe("session_over");
    });
  });

  describe("a second factor", () => {
    it("is enrolled by staff at the first sign-in, because the policy asks for it", async () => {
      const email = "staff@bsp.example";
      await joined({ email, roles: ["auditor"] }, "quiet lanterns");
      const first = await enter({ email, password: "quiet lanterns" });
      expect(first).toMatchObject({ signedIn: null });
      const ticket = first.enrolmentTicket ?? "";
      const { secret } = (await must(visitor(), begin, { ticket })) as { secret: string };
      expect((await ask(visitor(), complete, { ticket, code: "000000" })).refusal).toMatchObject({
        reason: "code_not_good",
      });
      const entered = await must(visitor(), complete, { ticket, code: codeOf(secret) });
      const tokens = entered["signedIn"] as SignedIn;
      expect(tokens.session.means).toEqual(["PASSWORD", "CODE"]);
      expect((await ask(visitor(), complete, { ticket, code: codeOf(secret, 1) })).refusal).toMatchObject({
        reason: "link_not_good",
      });
      expect(await refusal({ email, password: "quiet lanterns" })).toMatchObject({ reason: "second_factor_needed" });
      expect(await refusal({ email, password: "quiet lanterns", code: codeOf(secret) })).toMatchObject({
        reason: "wrong_credentials",
      });
      await signedIn({ email, password: "quiet lanterns", code: codeOf(secret, 1) });
      expect(await refusal({ email, password: "quiet lanterns", code: codeOf(secret, 1) })).toMatchObject({
        reason: "wrong_credentials",
      });
      const [recovery = ""] = entered["recoveryCodes"] as string[];
      await signedIn({ email, password: "quiet lanterns", code: recovery.toUpperCase() });
      expect(await refusal({ email, password: "quiet lanterns", code: recovery })).toMatchObject({
        reason: "wrong_credentials",
      });
      const off = done("disableSecondFactor", "OwnProofInput");
      const [, spare = ""] = entered["recoveryCodes"] as string[];
      expect(
        (await ask(callOf({ ...tokens }), off, { password: "quiet lanterns", code: spare })).refusal,
      ).toMatchObject({ reason: "second_factor_stays" });
    });

    it("is a member's own choice: on with a code, new recovery codes for a code, off with both", async () => {
      const { email } = await member();
      const call = await own(email);
      const enrol = `mutation ($input: OwnProofInput!) { enrolSecondFactor(input: $input) { secret uri } }`;
      const confirm = `mutation ($input: CodeInput!) { confirmSecondFactor(input: $input) { recoveryCodes } }`;
      const renew = `mutation ($input: OwnProofInput!) { renewRecoveryCodes(input: $input) { recoveryCodes } }`;
      expect((await ask(call, enrol, { password: otherPassword })).refusal).toMatchObject({
        reason: "wrong_credentials",
      });
      const { secret, uri } = (await must(call, enrol, { password: goodPassword })) as { secret: string; uri: string };
      expect(uri).toMatch(/^otpauth:\/\/totp\/Greentick/);
      const old = (await must(call, confirm, { code: codeOf(secret, -1) }))["recoveryCodes"] as string[];
      const fresh = (await must(call, renew, { password: goodPassword, code: codeOf(secret) }))[
        "recoveryCodes"
      ] as string[];
      expect(await refusal({ email, code: old[0] })).toMatchObject({ reason: "wrong_credentials" });
      await must(call, done("disableSecondFactor", "OwnProofInput"), { password: goodPassword, code: fresh[0] });
      expect((await signedIn({ email })).session.means).toEqual(["PASSWORD"]);
    });

    it("is enrolled wherever the password is too short to stand alone, also in a client", async () => {
      const email = "short@bsp.example";
      const password = "quiet lanterns";
      await joined({ email, roles: ["auditor"] }, password);
      const tenantId = await newClient("Short");
      await must(visitor(), sources.accept, { token: await invited({ email, roles: ["owner"], tenantId }), password });
      const first = await enter({ email, password, tenantId });
      expect(first).toMatchObject({ signedIn: null, enrolmentTicket: expect.any(String) as string });
      const ticket = first.enrolmentTicket ?? "";
      const { secret } = (await must(visitor(), begin, { ticket })) as { secret: string };
      expect(await must(visitor(), complete, { ticket, code: codeOf(secret) })).toMatchObject({
        signedIn: { session: { tenantId, means: ["PASSWORD", "CODE"] } },
      });
    });

    it("lets one of two who bring the same code at once in", async () => {
      const email = "race@bsp.example";
      await joined({ email, roles: ["auditor"] });
      const { enrolmentTicket: ticket } = await enter({ email });
      const { secret } = (await must(visitor(), begin, { ticket })) as { secret: string };
      await must(visitor(), complete, { ticket, code: codeOf(secret, -1) });
      const both = await Promise.all([1, 2, 3].map(() => refusal({ email, code: codeOf(secret) })));
      expect(both.filter((one) => one === undefined)).toHaveLength(1);
    });
  });

  describe("a password", () => {
    const change = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { ended } }`;
    it("is changed with the old one, and every other session ends", async () => {
      const { email } = await member();
      const other = await signedIn({ email });
      const call = await own(email);
      const problem = await ask(call, change, { password: goodPassword, newPassword: "short" });
      expect(problem.refusal).toMatchObject({
        reason: "password_refused",
        details: { rule: "too_short", minimum: 15 },
      });
      expect(await must(call, change, { password: goodPassword, newPassword: otherPassword })).toEqual({ ended: 1 });
      expect(await ended(other)).toBe("session_over");
      expect(await refusal({ email })).toMatchObject({ reason: "wrong_credentials" });
      await signedIn({ email, password: otherPassword });
    });

    it("is the same however the keyboard composes its letters", async () => {
      const { email } = await member();
      const call = await own(email);
      await must(call, change, { password: goodPassword, newPassword: "sept lanternes égarées" });
      const tokens = await signedIn({ email, password: "sept lanternes e\u0301gare\u0301es" });
      expect(tokens.session.means).toEqual(["PASSWORD"]);
    });

    it("is set anew by a link that works once, and the answer tells nobody whether the address exists", async () => {
      const { email } = await member();
      const tokens = await signedIn({ email });
      expect(await must(visitor(), requestReset, { email })).toEqual(
        await must(visitor(), requestReset, { email: "no@casa.example" }),
      );
      await world.settle();
      const token = mailedToken(email);
      await must(visitor(), reset, { token, password: otherPassword });
      expect((await ask(visitor(), reset, { token, password: otherPassword })).refusal).toMatchObject({
        reason: "link_not_good",
      });
      expect(await ended(tokens)).toBe("session_over");
      await signedIn({ email, password: otherPassword });
    });

    it("is hashed anew at the next sign-in when the parameters of the hash have changed", async () => {
      const { email } = await member();
      const accounts = world.outside.database.db.collection("accounts");
      const old = await hash(goodPassword, { memoryCost: 8_192, timeCost: 1, parallelism: 1 });
      await accounts.updateOne({ "state.email": email }, { $set: { "state.password.hash": old } });
      await signedIn({ email });
      const kept = (await accounts.findOne({ "state.email": email })) as {
        state: { password: { hash: string } };
      } | null;
      expect(kept?.state.password.hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      await signedIn({ email });
    });

    it("comes by such a link to people of a first start, too", async () => {
      await must(visitor(), requestReset, { email: adaEmail });
      await world.settle();
      await must(visitor(), reset, { token: mailedToken(adaEmail), password: "quiet lanterns" });
      expect(await enter({ email: adaEmail, password: "quiet lanterns" })).toMatchObject({
        enrolmentTicket: expect.any(String) as string,
      });
    });
  });

  describe("guessing", () => {
    it("slows down who guesses, and nobody else", async () => {
      const { email } = await member();
      const attacker = { ip: "203.0.113.66", at: new Date() };
      const answers: unknown[] = [];
      for (let at = 0; at < 7; at++)
        answers.push(await refusal({ email, password: `${otherPassword} ${at}` }, attacker));
      expect(answers.slice(0, 5)).toEqual(
        Array.from({ length: 5 }, () => expect.objectContaining({ reason: "wrong_credentials" }) as unknown),
      );
      expect(answers[6]).toMatchObject({
        code: "RATE_LIMITED",
        reason: "too_many_attempts",
        details: { retryAfterSeconds: expect.any(Number) as number },
      });
      expect(await refusal({ email }, attacker)).toMatchObject({ reason: "too_many_attempts" });
      expect(await enter({ email }, { ip: "198.51.100.20" })).toMatchObject({ signedIn: expect.any(Object) as object });
    });

    it("lets a known device in from where somebody else is guessing", async () => {
      const { email } = await member();
      const shared = { ip: "203.0.113.77", at: new Date() };
      const { deviceToken } = await enter({ email }, shared);
      for (let at = 0; at < 7; at++) await refusal({ email, password: otherPassword }, shared);
      expect(await refusal({ email }, shared)).toMatchObject({ reason: "too_many_attempts" });
      expect(await enter({ email, deviceToken }, shared)).toMatchObject({ deviceToken });
      expect(await refusal({ email, deviceToken: "made up" }, shared)).toMatchObject({ reason: "too_many_attempts" });
    });

    it("lets the holder of a fresh link in while others guess", async () => {
      const { email } = await member();
      const shared = { ip: "203.0.113.99", at: new Date() };
      for (let at = 0; at < 7; at++) await refusal({ email, password: otherPassword }, shared);
      await must(visitor(shared), requestReset, { email });
      await world.settle();
      const withDevice = reset.replace("{ done }", "{ deviceToken }");
      const { deviceToken } = await must(visitor(shared), withDevice, {
        token: mailedToken(email),
        password: otherPassword,
      });
      expect(await refusal({ email, password: otherPassword }, shared)).toMatchObject({ reason: "too_many_attempts" });
      expect(await enter({ email, password: otherPassword, deviceToken }, shared)).toMatchObject({ deviceToken });
    });

    it("lets no burst through: of forty at once few are even looked at", async () => {
      const { email } = await member();
      const from = { ip: "203.0.113.88", at: new Date() };
      const answers = await Promise.all(
        Array.from({ length: 40 }, () => refusal({ email, password: otherPassword }, from)),
      );
      const looked = answers.filter((one) => (one as { reason: string }).reason === "wrong_credentials");
      expect(looked.length).toBeLessThanOrEqual(6);
    });
  });
});
