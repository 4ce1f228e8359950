import { z } from "zod";
import { masterKeysOf, masterKeyVariables } from "./key-encryption.js";

const Config = z.object(masterKeyVariables).transform((env, context) => masterKeysOf(env, context));
const [a, b] = ["0a".repeat(32), "0b".repeat(32)];
const idsOf = (env: Record<string, string>): readonly string[] => Config.parse(env).map(({ id }) => id);

describe("the configured master keys", () => {
  it("are a list, the current one first, and MASTER_KEY is a list of one", () => {
    expect(idsOf({ MASTER_KEYS: `2027:${a}, 2026:${b}` })).toEqual(["2027", "2026"]);
    expect(idsOf({ MASTER_KEY: a })).toEqual(["master"]);
    expect(Config.parse({ MASTER_KEY: Buffer.from(a, "hex").toString("base64") })[0]?.key).toEqual(
      Buffer.from(a, "hex"),
    );
  });

  it("are the list and then MASTER_KEY as the oldest when both are set", () => {
    expect(idsOf({ MASTER_KEYS: `2027:${a}`, MASTER_KEY: b })).toEqual(["2027", "master"]);
  });

  it.each([
    [{}, "MASTER_KEY"],
    [{ MASTER_KEY: "short" }, "must be 32 bytes"],
    [{ MASTER_KEYS: `2027:${a},nonsense` }, "entry 2 must be <id>:<key>"],
    [{ MASTER_KEYS: `2027:${a.slice(2)}` }, "entry 1"],
    [{ MASTER_KEYS: `2027:${a},2027:${b}` }, "has the id 2027 twice"],
    [{ MASTER_KEYS: `master:${a}`, MASTER_KEY: b }, "has the id master twice"],
  ])("are refused as %j", (env, problem) => {
    expect(() => Config.parse(env)).toThrow(problem);
  });
});
