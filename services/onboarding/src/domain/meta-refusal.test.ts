import { signupSteps } from "./signup-steps.js";
import { MetaRefusal, problemOf, retryAfterMs } from "./meta-refusal.js";

const now = new Date("2026-10-01T00:00:00Z");
const refusal = (facts: { code?: string; words?: string; passing?: boolean }): MetaRefusal =>
  new MetaRefusal({ operation: "POST /{phone}/register", passing: false, ...facts }, "Meta answered HTTP 400.");

describe("a refusal by Meta", () => {
  it("names Meta's code, Meta's words and who has to act", () => {
    const problem = problemOf("registered", refusal({ code: "133005", words: "PIN mismatch." }), now);
    expect(problem).toMatchObject({ code: "133005", actor: "client" });
    expect(problem.message).toContain("PIN mismatch.");
    expect(problem.remedy).toContain("two-step");
  });

  it("that may pass is tried again by the platform itself", () => {
    const problem = problemOf("waba_linked", refusal({ code: "2", passing: true }), now);
    expect(problem.actor).toBe("system");
    expect(problem.retryAt).toEqual(new Date(now.getTime() + retryAfterMs));
  });

  it.each(signupSteps)("at %s says what to do even when the code is unknown", (step) => {
    expect(problemOf(step, refusal({ code: "999999" }), now).remedy).not.toBe("");
  });
});
