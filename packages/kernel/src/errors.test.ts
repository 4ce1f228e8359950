import { AppError, badInput, errorCodes, unauthenticated, versionConflict } from "./errors.js";

describe("a refusal", () => {
  it("tells machines what to do and why, and carries its facts", () => {
    const refusal = new AppError("CONFLICT", "template_under_review", "It is being reviewed.", { templateId: "tpl_1" });
    expect(refusal.extensions).toEqual({
      code: "CONFLICT",
      reason: "template_under_review",
      details: { templateId: "tpl_1" },
    });
  });

  it("has no empty details", () => {
    expect(new AppError("NOT_FOUND", "gone", "It is gone.").extensions).toEqual({ code: "NOT_FOUND", reason: "gone" });
  });

  it("keeps the library's error as its cause, out of what a client reads", () => {
    const cause = new Error("ECONNREFUSED 10.0.0.7");
    const refusal = new AppError("PROVIDER_UNAVAILABLE", "meta_unreachable", "Meta does not answer.", {}, { cause });
    expect(refusal.cause).toBe(cause);
    expect(JSON.stringify(refusal.extensions)).not.toContain("10.0.0.7");
  });

  it("is an Error with a name and a message", () => {
    const refusal = badInput("name", "must not be empty");
    expect(refusal).toBeInstanceOf(Error);
    expect(String(refusal)).toBe("AppError: name: must not be empty");
  });

  it.each([
    [
      badInput("first", "is too large"),
      { code: "BAD_USER_INPUT", reason: "invalid_input", details: { field: "first" } },
    ],
    [unauthenticated("token_expired", "Sign in again."), { code: "UNAUTHENTICATED", reason: "token_expired" }],
    [versionConflict("template", "tpl_1"), { code: "CONFLICT", reason: "version_conflict", details: { id: "tpl_1" } }],
  ])("%s has its code, its reason and its details", (refusal, words) => {
    expect(errorCodes).toContain(words.code);
    expect(refusal).toMatchObject(words);
  });
});
