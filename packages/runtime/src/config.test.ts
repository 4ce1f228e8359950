import { z } from "zod";
import { ConfigError, loadConfig } from "./config.js";

const schema = z
  .object({
    MONGODB_URI: z.url(),
    META_APP_SECRET: z.string().min(8),
    META_TIMEOUT_MS: z.coerce.number().int().positive().default(10_000),
  })
  .transform((env) => ({ uri: env.MONGODB_URI, secret: env.META_APP_SECRET, timeoutMs: env.META_TIMEOUT_MS }));

const complete = { MONGODB_URI: "mongodb://127.0.0.1:27017", META_APP_SECRET: "long enough" };

function problemsOf(env: Readonly<Record<string, string | undefined>>): string {
  try {
    loadConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "";
}

describe("the configuration", () => {
  it("is the plain object that the schema makes of the environment, defaults included", () => {
    expect(loadConfig(schema, { ...complete, UNRELATED: "1" })).toEqual({
      uri: complete.MONGODB_URI,
      secret: complete.META_APP_SECRET,
      timeoutMs: 10_000,
    });
  });

  it("names every problem at once, each on a line with its variable", () => {
    const message = problemsOf({ MONGODB_URI: "nowhere", META_TIMEOUT_MS: "-1" });
    expect(message.split("\n")[0]).toBe("The configuration has 3 problems:");
    for (const name of ["MONGODB_URI", "META_APP_SECRET", "META_TIMEOUT_MS"])
      expect(message).toMatch(new RegExp(`^  ${name}: .+`, "m"));
  });

  it("takes an empty variable for an absent one, since a compose file cannot unset", () => {
    expect(loadConfig(schema, { ...complete, META_TIMEOUT_MS: "" })).toMatchObject({ timeoutMs: 10_000 });
    expect(problemsOf({ ...complete, META_APP_SECRET: "" })).toContain("META_APP_SECRET");
  });

  it("never repeats a value, which may be a secret", () => {
    expect(problemsOf({ ...complete, META_APP_SECRET: "s3cret" })).not.toContain("s3cret");
  });
});
