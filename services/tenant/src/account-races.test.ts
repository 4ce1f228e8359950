import { type Call } from "@greentick/kernel";
import { adaEmail, goodPassword, otherPassword, peopleWorld, sources } from "./test-support.js";

const requestReset = `mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { done } }`;
const reset = `mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { done } }`;
const change = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { ended } }`;

describe("an account on which several write at once", () => {
  const { world, visitor, ask, must, newClient, joined, mailedToken, callOf } = peopleWorld();
  let source = 0;
  const stranger = (at?: Date): Call => visitor({ ip: `198.51.100.${++source % 250}`, ...(at && { at }) });
  const member = async (email: string): Promise<void> => {
    await joined({ email, roles: ["owner"], tenantId: await newClient(`Client of ${email}`) });
  };
  /** A member with that address, and the token of the link for a new password that was sent to it. */
  const linkOf = async (email: string): Promise<string> => {
    await member(email);
    await must(stranger(), requestReset, { email });
    await world.settle();
    return mailedToken(email);
  };
  /** At one instant, as many as are free. */
  const atOnce = async (email: string): Promise<unknown[]> => {
    const at = new Date();
    return Promise.all([1, 2, 3].map(() => ask(stranger(at), requestReset, { email })));
  };
  /** Sign-ins with the old password, ten at a time, until told to stop. */
  const signingInAllTheTime = (email: string): { readonly stop: () => Promise<number> } => {
    let running = true;
    let entered = 0;
    const loop = async (): Promise<void> => {
      while (running) {
        const { refusal } = await ask(stranger(), sources.signIn, { email, password: goodPassword });
        if (refusal === undefined) entered += 1;
      }
    };
    const loops = Array.from({ length: 10 }, loop);
    return {
      stop: async () => {
        running = false;
        await Promise.all(loops);
        return entered;
      },
    };
  };

  it("answers requests for a link that come together alike, whether the address is somebody's or not", async () => {
    await member("known@casa.example");
    const unknown = await atOnce("unknown@casa.example");
    expect(unknown).toEqual(Array.from({ length: 3 }, () => ({ data: { requestPasswordReset: { done: true } } })));
    expect(await atOnce("known@casa.example")).toEqual(unknown);
    await world.settle();
    await must(stranger(), reset, { token: mailedToken("known@casa.example"), password: otherPassword });
  });

  it("answers them alike for somebody who never had an account, too", async () => {
    expect(await atOnce(adaEmail)).toEqual(await atOnce("nobody@bsp.example"));
    await world.settle();
    await must(stranger(), reset, { token: mailedToken(adaEmail), password: otherPassword });
  });

  it("takes a new password from its owner while others sign in with the old one", async () => {
    const email = "owner@casa.example";
    await member(email);
    const { signedIn } = await must(stranger(), sources.signIn, { email, password: goodPassword });
    const own = callOf(signedIn as Record<string, unknown>);
    const others = signingInAllTheTime(email);
    const changed = await ask(own, change, { password: goodPassword, newPassword: otherPassword });
    const entered = await others.stop();
    expect(changed.refusal).toBeUndefined();
    expect(entered).toBeGreaterThan(0);
    const before = await ask(stranger(), sources.signIn, { email, password: goodPassword });
    expect(before.refusal).toMatchObject({ reason: "wrong_credentials" });
    await must(stranger(), sources.signIn, { email, password: otherPassword });
  });

  it("takes a new password by a link while others sign in with the old one", async () => {
    const email = "link@casa.example";
    const token = await linkOf(email);
    const others = signingInAllTheTime(email);
    const taken = await ask(stranger(), reset, { token, password: otherPassword });
    await others.stop();
    expect(taken.refusal).toBeUndefined();
    await must(stranger(), sources.signIn, { email, password: otherPassword });
    expect((await ask(stranger(), reset, { token, password: goodPassword })).refusal).toMatchObject({
      reason: "link_not_good",
    });
  });

  it("lets one of two who use a link at the same moment set the password", async () => {
    const token = await linkOf("twice@casa.example");
    const both = await Promise.all([1, 2].map(() => ask(stranger(), reset, { token, password: otherPassword })));
    expect(both.map(({ refusal }) => refusal?.reason).sort()).toEqual(["link_not_good", undefined]);
  });
});
