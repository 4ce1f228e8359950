import { type Call } from "@greentick/kernel";
import { codeOf as codeFrom, goodPassword, otherPassword, peopleWorld, roundInstant, sources } from "./test-support.js";

const enrol = `mutation ($input: OwnProofInput!) { enrolSecondFactor(input: $input) { secret } }`;
const confirm = `mutation ($input: CodeInput!) { confirmSecondFactor(input: $input) { recoveryCodes } }`;
const renew = `mutation ($input: OwnProofInput!) { renewRecoveryCodes(input: $input) { recoveryCodes } }`;
const disable = `mutation ($input: OwnProofInput!) { disableSecondFactor(input: $input) { done } }`;
const requestReset = `mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { done } }`;
const reset = `mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { done } }`;

interface Guarded {
  readonly email: string;
  readonly secret: string;
  readonly own: Call;
  readonly deviceToken: string;
}

describe("wrong codes of a second factor", () => {
  const { world, visitor, ask, must, newClient, joined, mailedToken, callOf } = peopleWorld();
  /** On the minute, so that the tests know how many steps of codes lie between two instants. */
  const now = roundInstant(60_000);
  const codeOf = (secret: string, steps = 0): string => codeFrom(secret, steps, now);
  const later = (ms: number): Date => new Date(now.getTime() + ms);
  const tooMany = { code: "RATE_LIMITED", reason: "too_many_attempts" };
  let serial = 0;
  let source = 0;
  /** Somebody from an address that nobody had before, so that only the count of the person speaks. */
  const stranger = (at = now): Call => visitor({ ip: `203.0.${Math.floor(++source / 250)}.${(source % 250) + 1}`, at });
  const guarded = async (): Promise<Guarded> => {
    const email = `guarded${++serial}@casa.example`;
    const tenantId = await newClient(`Guarded ${serial}`);
    await joined({ email, roles: ["owner"], tenantId });
    const { signedIn, deviceToken } = await must(stranger(), sources.signIn, { email, password: goodPassword });
    const own = { ...callOf(signedIn as Record<string, unknown>), systemNow: () => now };
    const { secret } = await must(own, enrol, { password: goodPassword });
    await must(own, confirm, { code: codeOf(String(secret), -1) });
    return { email, secret: String(secret), own, deviceToken: String(deviceToken) };
  };
  const signIn = async (input: Record<string, unknown>, at?: Date): Promise<unknown> =>
    (await ask(stranger(at), sources.signIn, { password: goodPassword, ...input })).refusal;
  const linkFor = async (email: string): Promise<string> => {
    await must(stranger(), requestReset, { email });
    await world.settle();
    return mailedToken(email);
  };
  /** One that is wrong at any time. */
  const wrong = "no-code";

  it("shown at sign-in from ever other addresses are ten, then even the right one waits, and works after the wait", async () => {
    const { email, secret } = await guarded();
    for (let at = 0; at < 10; at++)
      expect(await signIn({ email, code: wrong })).toMatchObject({ reason: "wrong_credentials" });
    expect(await signIn({ email, code: codeOf(secret) })).toMatchObject({
      ...tooMany,
      details: { retryAfterSeconds: 60 },
    });
    expect(await signIn({ email, code: codeOf(secret, 2) }, later(60_000))).toBeUndefined();
    expect(await signIn({ email, code: wrong }, later(61_000))).toMatchObject({ reason: "wrong_credentials" });
  });

  it("that come at once are not looked at beyond the free ones", async () => {
    const { email } = await guarded();
    const answers = await Promise.all(Array.from({ length: 30 }, () => signIn({ email, code: wrong })));
    const looked = answers.filter((one) => (one as { reason: string }).reason === "wrong_credentials");
    expect(looked.length).toBeLessThanOrEqual(10);
  });

  it("end a link for a new password after ten, and the next link waits too", async () => {
    const { email, secret } = await guarded();
    const token = await linkFor(email);
    const attempt = async (code: string, link = token): Promise<unknown> =>
      (await ask(stranger(), reset, { token: link, password: otherPassword, code })).refusal;
    for (let at = 0; at < 10; at++) expect(await attempt(wrong)).toMatchObject({ reason: "code_not_good" });
    expect(await attempt(codeOf(secret))).toMatchObject({ code: "NOT_FOUND", reason: "link_not_good" });
    expect((await ask(stranger(), reset, { token, password: otherPassword })).refusal).toMatchObject({
      reason: "link_not_good",
    });
    const next = await linkFor(email);
    expect(await attempt(codeOf(secret), next)).toMatchObject(tooMany);
    const input = { token: next, password: otherPassword, code: codeOf(secret, 2) };
    await must(stranger(later(60_000)), reset, input);
  });

  it("count together, whichever door they come to", async () => {
    const { email, secret, own } = await guarded();
    const token = await linkFor(email);
    for (let at = 0; at < 4; at++) await signIn({ email, code: wrong });
    for (let at = 0; at < 3; at++) await ask(stranger(), reset, { token, password: otherPassword, code: wrong });
    const proof = { password: goodPassword, code: "000000" };
    const from = (ip: string): Call => ({ ...own, ip });
    for (const ip of ["198.51.100.1", "198.51.100.2"]) await ask(from(ip), renew, proof);
    await ask(from("198.51.100.3"), disable, { ...proof, code: wrong });
    expect(await signIn({ email, code: codeOf(secret) })).toMatchObject(tooMany);
    const right = { ...proof, code: codeOf(secret) };
    expect((await ask(from("198.51.100.4"), renew, right)).refusal).toMatchObject(tooMany);
    expect((await ask(stranger(), reset, { ...right, token })).refusal).toMatchObject(tooMany);
  });

  it("do not keep the owner from a device that has shown a right one before, and her right code clears them", async () => {
    const { email, secret, deviceToken: early } = await guarded();
    const withCode = { email, password: goodPassword, code: codeOf(secret) };
    const { deviceToken } = await must(stranger(), sources.signIn, withCode);
    for (let at = 0; at < 10; at++) await signIn({ email, code: wrong });
    const next = codeOf(secret, 1);
    expect(await signIn({ email, code: next })).toMatchObject(tooMany);
    expect(await signIn({ email, code: next, deviceToken: early })).toMatchObject(tooMany);
    expect(await signIn({ email, code: next, deviceToken })).toBeUndefined();
    expect(await signIn({ email, code: wrong })).toMatchObject({ reason: "wrong_credentials" });
  });

  it("of somebody who has not the password count for nothing", async () => {
    const { email, secret } = await guarded();
    for (let at = 0; at < 12; at++) await signIn({ email, password: otherPassword, code: wrong });
    expect(await signIn({ email, code: codeOf(secret) })).toBeUndefined();
  });

  it("are counted while a factor is being enrolled", async () => {
    const email = "enrolling@casa.example";
    await joined({ email, roles: ["owner"], tenantId: await newClient("Enrolling") });
    const { signedIn } = await must(stranger(), sources.signIn, { email, password: goodPassword });
    const own = { ...callOf(signedIn as Record<string, unknown>), systemNow: () => now };
    const { secret } = await must(own, enrol, { password: goodPassword });
    for (let at = 0; at < 10; at++)
      expect((await ask(own, confirm, { code: wrong })).refusal).toMatchObject({ reason: "code_not_good" });
    expect((await ask(own, confirm, { code: codeOf(String(secret)) })).refusal).toMatchObject(tooMany);
  });

  it("are not asked for alone: new recovery codes need the password too, and no recovery code", async () => {
    const { own, secret } = await guarded();
    const code = codeOf(secret);
    expect((await ask(own, renew, { password: otherPassword, code })).refusal).toMatchObject({
      reason: "wrong_credentials",
    });
    const { recoveryCodes } = await must(own, renew, { password: goodPassword, code });
    const [spare] = recoveryCodes as string[];
    expect((await ask(own, renew, { password: goodPassword, code: spare })).refusal).toMatchObject({
      reason: "code_not_good",
    });
    await must(own, disable, { password: goodPassword, code: spare });
  });
});
