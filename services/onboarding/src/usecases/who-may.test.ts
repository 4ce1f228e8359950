import { useCaseRefused } from "@greentick/contracts";
import { printSchema } from "graphql";
import { OnboardingWorld, openCaseSource } from "../fixtures/onboarding-world.js";

describe("who may do what", () => {
  const w = new OnboardingWorld();

  it("opens a case once for one idempotency key, and refuses another input under it", async () => {
    const input = { ...w.inputFor(await w.signedUp()), idempotencyKey: "signup-1" };
    const [first, second] = [await w.opened(input), await w.opened(input)];
    expect(second.id).toBe(first.id);
    expect(await w.refusalOf(w.owner(), openCaseSource, { input: { ...input, codeMethod: "VOICE" } })).toMatchObject({
      code: "CONFLICT",
      reason: "idempotency_mismatch",
    });
  });

  it("refuses a second case for the same number and leaves the refusal in the trail", async () => {
    const input = w.inputFor(await w.signedUp());
    await w.opened(input);
    expect(await w.refusalOf(w.owner(), openCaseSource, { input })).toMatchObject({
      code: "CONFLICT",
      reason: "signup_case_exists",
    });
    await w.world.settle();
    expect(w.told(useCaseRefused, "onboarding.openSignupCase")).toContainEqual(
      expect.objectContaining({ refusal: "signup_case_exists" }),
    );
  });

  it.each([
    [{ phone: { countryCode: "57", number: "1", displayName: "Casa" } }, "phone_number_invalid"],
    [{ phone: { countryCode: "57", number: "6015550147", displayName: "www.casa.example" } }, "display_name_invalid"],
    [{ wabaId: "abc" }, "invalid_input"],
  ])("refuses bad input before anything is kept: %j", async (bad, reason) => {
    const input = { code: "AQ", wabaId: "1", businessId: "2", ...bad };
    expect(await w.refusalOf(w.owner(), openCaseSource, { input })).toMatchObject({ code: "BAD_USER_INPUT", reason });
  });

  it("lets a developer look but not begin", async () => {
    const developer = w.world.call({ roles: ["developer"] });
    expect(
      await w.refusalOf(developer, openCaseSource, { input: { code: "AQ", wabaId: "1", businessId: "2" } }),
    ).toMatchObject({ code: "FORBIDDEN" });
    expect(await w.asked(developer, `{ signupCases { totalCount } }`)).not.toHaveProperty("errors");
  });

  it("shows another client's objects as missing and lists them to staff only", async () => {
    const one = await w.opened(w.inputFor(await w.signedUp()));
    const query = `query ($id: ID!) { signupCase(id: $id) { id } }`;
    expect(await w.refusalOf(w.other(), query, { id: one.id })).toMatchObject({
      code: "NOT_FOUND",
      reason: "signup_case_not_found",
    });
    const list = `{ signupCases(waitingOn: CLIENT, status: OPEN, first: 100) { nodes { id tenant { id } waitingOn { actor } } } }`;
    const { nodes } = await w.ask<{ nodes: { id: string; waitingOn: { actor: string } }[] }>(w.staff(), list);
    expect(nodes.map((node) => node.id)).toContain(one.id);
    expect(new Set(nodes.map((node) => node.waitingOn.actor))).toEqual(new Set(["CLIENT"]));
    expect(await w.ask(w.other(), list)).toEqual({ nodes: [] });
  });

  it("does not give one client's account to another", async () => {
    const signup = await w.signedUp();
    await w.opened(w.inputFor(signup));
    const again = await w.signedUpAgain();
    const stolen = await w.opened(
      w.inputFor(again, { phone: { countryCode: "57", number: "6015550444", displayName: "Otra" } }),
      w.other(),
    );
    expect(stolen).toMatchObject({ status: "BLOCKED", problem: { step: "WABA_LINKED", actor: "STAFF" }, waba: null });
  });

  it("keeps tokens, codes and PINs unreadable: in the schema, in the documents, in the events", async () => {
    const one = await w.live();
    const stored = JSON.stringify(
      await Promise.all(
        ["signup_cases", "wabas", "phone_numbers"].map((name) =>
          w.world.outside.database.db.collection(name).find().toArray(),
        ),
      ),
    );
    const number = await w
      .simDb()
      .collection<{ _id: string; pin: string }>("nodes")
      .findOne({ _id: one.phoneNumberId });
    const tokens = await w.simDb().collection<{ _id: string }>("tokens").find().toArray();
    expect(number?.pin).toMatch(/^\d{6}$/);
    expect(tokens).not.toEqual([]);
    const heard = JSON.stringify(w.heard);
    for (const secret of [`"${number?.pin ?? ""}"`, ...tokens.map((token) => token._id)]) {
      expect(stored).not.toContain(secret);
      expect(heard).not.toContain(secret);
    }
    expect(printSchema(w.world.service.schema.schema)).not.toMatch(/sealed|\btoken\b|\bpin:/i);
    expect(heard).not.toMatch(/sealed/i);
  });
});
