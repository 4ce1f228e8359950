import { event, numberReported, signupFailed } from "@greentick/contracts";
import { dayMs, hourMs, minuteMs } from "@greentick/kernel";
import { someTenants } from "@greentick/testing";
import { OnboardingWorld } from "../fixtures/onboarding-world.js";

describe("when a step is refused", () => {
  const w = new OnboardingWorld();

  it("names Meta's code for wrong digits and goes on with the right ones", async () => {
    const one = await w.opened(w.inputFor(await w.signedUp()));
    const right = await w.sim.control.codeOf(one.phoneNumberId);
    const wrong = await w.submitCode(one, right === "000000" ? "000001" : "000000");
    expect(wrong).toMatchObject({
      status: "BLOCKED",
      problem: { metaCode: "136025", actor: "CLIENT", step: "CODE_VERIFIED" },
    });
    expect(w.told(signupFailed, one.id)).toMatchObject([{ providerCode: "136025", step: "code_verified" }]);
    expect(await w.submitCode(one, right)).toMatchObject({ status: "OPEN", next: "NAME_APPROVED", problem: null });
  });

  it("has another code sent when asked, by the other method", async () => {
    const one = await w.opened(w.inputFor(await w.signedUp()));
    const first = await w.sim.control.codeOf(one.phoneNumberId);
    const again = await w.moved("requestCodeAgain", "RequestCodeAgainInput", { caseId: one.id, codeMethod: "VOICE" });
    expect(again.steps.find((step) => step.step === "CODE_REQUESTED")?.evidence).toEqual([
      { name: "code", value: "sent by VOICE" },
    ]);
    expect(await w.sim.control.codeOf(one.phoneNumberId)).not.toBe(first);
  });

  it("asks for a fresh code of Embedded Signup when the old one was too old", async () => {
    const signup = await w.signedUp();
    await w.pass(minuteMs);
    const one = await w.opened(w.inputFor(signup));
    expect(one).toMatchObject({
      status: "BLOCKED",
      problem: { step: "CODE_EXCHANGED", metaCode: "100", actor: "CLIENT" },
    });
    const retry = `mutation ($input: RetrySignupStepInput!) { retrySignupStep(input: $input) { signupCase { id } } }`;
    expect(await w.refusalOf(w.owner(), retry, { input: { caseId: one.id } })).toMatchObject({
      reason: "signup_code_needed",
    });
    const fresh = await w.signedUpAgain();
    expect(
      await w.moved("retrySignupStep", "RetrySignupStepInput", { caseId: one.id, code: fresh.code }),
    ).toMatchObject({ next: "CODE_VERIFIED" });
  });

  it("tries again by itself after Meta was away", async () => {
    const signup = await w.signedUp();
    await w.sim.control.setFault({ route: "POST /{waba}/phone_numbers", action: "refuse" });
    const one = await w.opened(w.inputFor(signup));
    expect(one).toMatchObject({
      status: "BLOCKED",
      problem: { step: "NUMBER_ADDED", metaCode: "2", actor: "SYSTEM", retryAt: expect.any(String) as string },
    });
    await w.pass(5 * minuteMs);
    expect(await w.read(one.id)).toMatchObject({ status: "OPEN", next: "CODE_VERIFIED" });
  });

  it("looks before it repeats: what Meta did without an answer is not done twice", async () => {
    const signup = await w.signedUp();
    const before = await w.done("POST /{waba}/phone_numbers");
    await w.sim.control.setFault({ route: "POST /{waba}/phone_numbers", action: "lose_answer" });
    const one = await w.opened(w.inputFor(signup));
    expect(one).toMatchObject({ status: "BLOCKED", problem: { actor: "SYSTEM" } });
    await w.pass(5 * minuteMs);
    expect(await w.read(one.id)).toMatchObject({ next: "CODE_VERIFIED" });
    expect(await w.done("POST /{waba}/phone_numbers")).toBe(before);
  });

  it("says what to do when Meta declines the display name", async () => {
    const phone = { countryCode: "57", number: "6015550999", displayName: "Refuse me" };
    const one = await w.submitCode(await w.opened(w.inputFor(await w.signedUp(), { phone })));
    await w.pass(hourMs);
    expect(await w.read(one.id)).toMatchObject({
      status: "BLOCKED",
      problem: {
        step: "NAME_APPROVED",
        actor: "CLIENT",
        whatToDo: expect.stringContaining("display name") as string,
      },
    });
  });

  it("goes on by itself once Meta approves another display name", async () => {
    const phone = { countryCode: "57", number: "6015550998", displayName: "Refuse me too" };
    const signup = await w.signedUp();
    const one = await w.submitCode(await w.opened(w.inputFor(signup, { phone })));
    await w.pass(hourMs);
    const approved = event(numberReported, {
      wabaId: signup.wabaId,
      displayPhoneNumber: "576015550998",
      field: "phone_number_name_update",
      decision: { known: "APPROVED", raw: "APPROVED" },
      receivedAt: w.now,
      at: w.now,
    });
    await w.world.given(w.said(someTenants.casa, approved));
    expect(await w.read(one.id)).toMatchObject({ status: "OPEN", next: "FIRST_INBOUND", problem: null });
  });

  it("is overdue when nobody acts in time, and can be abandoned", async () => {
    const one = await w.opened(w.inputFor(await w.signedUp()));
    await w.pass(dayMs);
    expect((await w.read(one.id)).waitingOn?.["overdueSince"]).toEqual(expect.any(String));
    expect(
      await w.moved("abandonSignupCase", "AbandonSignupCaseInput", { caseId: one.id, reason: "the client gave up" }),
    ).toMatchObject({ status: "ABANDONED", waitingOn: null });
  });
});
