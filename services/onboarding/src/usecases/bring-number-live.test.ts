import { numberAdded, numberLive, wabaLinked } from "@greentick/contracts";
import { hourMs } from "@greentick/kernel";
import { someTenants } from "@greentick/testing";
import { OnboardingWorld } from "../fixtures/onboarding-world.js";

describe("bringing a number live", () => {
  const w = new OnboardingWorld();

  it("goes from the code of Embedded Signup to live, naming at every halt who has to act", async () => {
    const signup = await w.signedUp();
    const first = await w.opened(w.inputFor(signup));
    expect(first).toMatchObject({
      status: "OPEN",
      next: "CODE_VERIFIED",
      waitingOn: { actor: "CLIENT", typicalSeconds: 600 },
    });
    const second = await w.submitCode(first);
    expect(second).toMatchObject({ next: "NAME_APPROVED", waitingOn: { actor: "META" } });
    await w.pass(hourMs);
    const third = await w.read(first.id);
    expect(third).toMatchObject({
      next: "FIRST_INBOUND",
      waitingOn: { actor: "CLIENT" },
      phoneNumber: { pinSet: true },
    });
    const last = await w.written(third);
    expect(last).toMatchObject({
      status: "LIVE",
      next: null,
      waitingOn: null,
      phoneNumber: { status: { known: "CONNECTED" } },
    });
    expect(last.steps.every((step) => step.state === "DONE" && step.evidence.length > 0)).toBe(true);
  });

  it("tells routing and rating what they need, once", async () => {
    const one = await w.live();
    const wabaId = one.waba?.["wabaId"] ?? "";
    expect(w.told(wabaLinked, wabaId)).toMatchObject([
      { currency: "USD", timeZone: "America/Bogota", metaBusinessId: expect.any(String) as string },
    ]);
    expect(w.told(numberAdded, one.phoneNumberId)).toMatchObject([{ wabaId, phoneNumberId: one.phoneNumberId }]);
    expect(w.told(numberLive, one.phoneNumberId)).toMatchObject([{ wabaId, phoneNumberId: one.phoneNumberId }]);
  });

  it("proves that the account pays through our credit line", async () => {
    const one = await w.opened(w.inputFor(await w.signedUp()));
    const evidence = one.steps.find((step) => step.step === "CREDIT_SHARED")?.evidence ?? [];
    expect(evidence).toContainEqual({ name: "check", value: "primary_funding_id equals receiving_credential.id" });
    expect(evidence).toContainEqual({ name: "primaryFundingId", value: one.waba?.["fundingId"] });
  });

  it("finds the number that Embedded Signup added instead of adding it twice", async () => {
    const before = await w.done("POST /{waba}/phone_numbers");
    const signup = await w.signedUp({ phone: { cc: "57", number: "6015550777", verifiedName: "Casa Lumen" } });
    const phone = { countryCode: "57", number: "6015550777", displayName: "Casa Lumen" };
    const one = await w.opened(w.inputFor(signup, { phone, phoneNumberId: signup.phoneNumberId }));
    expect(one).toMatchObject({ next: "CODE_VERIFIED", phoneNumberId: signup.phoneNumberId });
    expect(await w.done("POST /{waba}/phone_numbers")).toBe(before);
  });

  it("takes a number over that is ready at Meta already and waits for its first message only", async () => {
    const signup = await w.signedUp({
      ready: true,
      phone: { cc: "57", number: "6015550778", verifiedName: "Casa Lumen" },
    });
    const phone = { countryCode: "57", number: "6015550778", displayName: "Casa Lumen" };
    expect(await w.opened(w.inputFor(signup, { phone }))).toMatchObject({ next: "FIRST_INBOUND", problem: null });
  });

  it("links an account alone, without a number", async () => {
    const signup = await w.signedUp();
    const one = await w.opened(w.inputFor(signup, { phone: null }));
    expect(one).toMatchObject({
      path: "WABA_ONLY",
      status: "LIVE",
      phoneNumber: null,
      waba: { wabaId: signup.wabaId },
    });
  });

  it("gives one client two accounts of one business", async () => {
    const business = { businessName: "Twofold", wabaName: "First" };
    const first = await w.opened(w.inputFor(await w.signedUp(business)));
    const second = await w.opened(w.inputFor(await w.signedUp({ ...business, wabaName: "Second" })));
    expect([first.next, second.next]).toEqual(["CODE_VERIFIED", "CODE_VERIFIED"]);
    expect(first.waba?.["id"]).not.toBe(second.waba?.["id"]);
    expect(first.waba?.["allocationConfigId"]).toBe(second.waba?.["allocationConfigId"]);
  });

  it("does not care whether the first message or the end of the registration arrives first", async () => {
    const one = await w.submitCode(await w.opened(w.inputFor(await w.signedUp())));
    await w.sim.control.inbound({ phoneNumberId: one.phoneNumberId, from: "573001112233", text: "early" });
    await w.pass(0);
    expect((await w.read(one.id)).next).toBe("NAME_APPROVED");
    await w.pass(hourMs);
    expect((await w.read(one.id)).status).toBe("LIVE");
  });

  it("finds the decision on the name by itself when Meta's webhook got lost", async () => {
    const signup = await w.signedUp();
    const one = await w.submitCode(await w.opened(w.inputFor(signup)));
    w.owners.delete(signup.wabaId);
    await w.pass(hourMs);
    expect((await w.read(one.id)).next).toBe("NAME_APPROVED");
    w.owners.set(signup.wabaId, someTenants.casa);
    await w.pass(6 * hourMs);
    expect((await w.read(one.id)).next).toBe("FIRST_INBOUND");
  });

  it("goes on where it stood after a restart", async () => {
    const one = await w.opened(w.inputFor(await w.signedUp()));
    await w.restart();
    expect(await w.submitCode(one)).toMatchObject({ next: "NAME_APPROVED" });
  });
});
