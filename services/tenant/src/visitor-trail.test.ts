import { type Call, visitorTenantId } from "@greentick/kernel";
import { codeOf, goodPassword, otherPassword, peopleWorld, roundInstant, sources } from "./test-support.js";

const hourMs = 3_600_000;
const finish = `mutation ($input: FinishSignInInput!) { finishSignIn(input: $input) { signedIn { accessToken } } }`;

describe("what a flood of visitors leaves in the audit trail", () => {
  const { world, visitor, ask, must, joined, provider } = peopleWorld({ STAFF_SECOND_FACTOR: "optional" });
  /** On the hour, so that the tests know where the next one begins. */
  let now = roundInstant(hourMs);
  const anHourLater = (): void => {
    now = new Date(now.getTime() + hourMs);
  };
  const from = (ip: string): Call => ({ ...visitor({ ip }), systemNow: () => now });
  const guess = (email: string, ip: string): ReturnType<typeof ask> =>
    ask(from(ip), sources.signIn, { email, password: otherPassword });
  /** How many refusals of each kind stand in a trail. */
  const kept = async (tenantId: string): Promise<Readonly<Record<string, number>>> => {
    await world.settle();
    const rows = await world.outside.database.db
      .collection<{ tenantId: string; facts: Readonly<Record<string, string>> }>("audit_records")
      .find({ tenantId, action: "audit.refused" })
      .toArray();
    const reasons = rows.map(({ facts }) => facts["refusal"] ?? "");
    return Object.fromEntries(
      [...new Set(reasons)].map((one) => [one, reasons.filter((other) => other === one).length]),
    );
  };

  it("is one line about a lock-out in an hour, in the trail of the tenant whose person it is about", async () => {
    const email = "target@bsp.example";
    await joined({ email, roles: ["auditor"] });
    for (let at = 0; at < 12; at++) await guess(email, "203.0.113.5");
    expect(await kept(provider())).toEqual({ wrong_credentials: 5, too_many_attempts: 1 });
    anHourLater();
    for (let at = 0; at < 6; at++) await guess(email, "203.0.113.5");
    expect(await kept(provider())).toMatchObject({ too_many_attempts: 2 });
    await must(from("198.51.100.9"), sources.signIn, { email, password: goodPassword });
  });

  it("is twenty lines of a kind from one source in an hour, where nobody knows whom it is about", async () => {
    anHourLater();
    const flood = async (count: number): Promise<void> => {
      for (let at = 0; at < count; at++) await ask(from("203.0.113.6"), finish, { ticket: `guess ${at}` });
    };
    await flood(60);
    expect(await kept(visitorTenantId)).toEqual({ link_not_good: 20 });
    await ask(from("203.0.113.7"), finish, { ticket: "another source" });
    expect(await kept(visitorTenantId)).toEqual({ link_not_good: 21 });
    anHourLater();
    await flood(60);
    expect(await kept(visitorTenantId)).toEqual({ link_not_good: 41 });
  });
});

describe("what stands in the trail of the tenant that an attempt was about", () => {
  const { world, visitor, ask, must, joined, invited, newClient, mailedToken, callOf, provider } = peopleWorld();
  const input = (name: string, type: string, fields: string): string =>
    `mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} } }`;
  const reset = input("resetPassword", "ResetPasswordInput", "done");
  const forget = input("requestPasswordReset", "RequestPasswordResetInput", "done");
  const refusals = async (tenantId: string): Promise<readonly (readonly [string, string])[]> => {
    await world.settle();
    const rows = await world.outside.database.db
      .collection<{ tenantId: string; facts: Readonly<Record<string, string>> }>("audit_records")
      .find({ tenantId, action: "audit.refused" })
      .sort({ sequence: 1 })
      .toArray();
    return rows.map(({ facts }) => [facts["action"] ?? "", facts["refusal"] ?? ""] as const);
  };
  const signedIn = async (email: string): Promise<Record<string, unknown>> =>
    (await must(visitor(), sources.signIn, { email, password: goodPassword }))["signedIn"] as Record<string, unknown>;
  const ownerOf = async (name: string): Promise<{ readonly email: string; readonly tenantId: string }> => {
    const tenantId = await newClient(name);
    const email = `owner@${name.toLowerCase()}.example`;
    await joined({ email, roles: ["owner"], tenantId });
    return { email, tenantId };
  };

  it("is each wrong code that was tried with a link for a new password", async () => {
    const { email, tenantId } = await ownerOf("Codes");
    const own = callOf(await signedIn(email));
    const enrol = input("enrolSecondFactor", "OwnProofInput", "secret");
    const { secret } = (await must(own, enrol, { password: goodPassword })) as { secret: string };
    await must(own, input("confirmSecondFactor", "CodeInput", "recoveryCodes"), { code: codeOf(secret) });
    await must(visitor(), forget, { email });
    await world.settle();
    const token = mailedToken(email);
    for (let at = 0; at < 4; at++) await ask(visitor(), reset, { token, password: otherPassword, code: "wrong" });
    expect(await refusals(tenantId)).toEqual(
      Array.from({ length: 4 }, () => ["tenant.resetPassword", "code_not_good"]),
    );
    const wanted = { tenantId, action: "tenant.password_reset_requested" };
    expect(await world.outside.database.db.collection("audit_records").countDocuments(wanted)).toBe(1);
  });

  it("is a refresh token that was shown twice", async () => {
    const { email, tenantId } = await ownerOf("Refresh");
    const { refreshToken } = await signedIn(email);
    await must(visitor(), sources.refresh, { refreshToken });
    await ask(visitor(), sources.refresh, { refreshToken });
    expect(await refusals(tenantId)).toEqual([["tenant.refreshSession", "session_over"]]);
  });

  it("is a wrong password for an invitation, in the tenant that invites", async () => {
    const { email } = await ownerOf("Home");
    const { tenantId } = await ownerOf("Inviting");
    const token = await invited({ email, roles: ["developer"], tenantId: tenantId as Call["tenantId"] });
    await ask(visitor(), sources.accept, { token, password: otherPassword });
    expect(await refusals(tenantId)).toEqual([["tenant.acceptInvitation", "wrong_credentials"]]);
  });

  it("is a wrong code for the ticket of a second factor, and nothing for a ticket that nobody has", async () => {
    const email = "ticket@bsp.example";
    await joined({ email, roles: ["auditor"] });
    const { enrolmentTicket: ticket } = await must(visitor(), sources.signIn, { email, password: goodPassword });
    await must(visitor(), input("beginSecondFactor", "EnrolmentTicketInput", "secret"), { ticket });
    const complete = input("completeSecondFactor", "CompleteSecondFactorInput", "recoveryCodes");
    await ask(visitor(), complete, { ticket, code: "wrong" });
    await ask(visitor(), complete, { ticket: `${String(ticket)}x`, code: "wrong" });
    expect(await refusals(provider())).toEqual([["tenant.completeSecondFactor", "code_not_good"]]);
    expect(await refusals(visitorTenantId)).toEqual([["tenant.completeSecondFactor", "link_not_good"]]);
  });
});
