import { testDatabase } from "@greentick/testing";
import { checkStore, type CheckRow } from "./check.js";
import { guarantees } from "./guarantees.js";

describe("what the platform relies on, asked of the store of this run", () => {
  const { uri } = testDatabase("guarantees");
  let rows: readonly CheckRow[];
  beforeAll(async () => {
    rows = await checkStore({ uri, kind: "uri", describe: "", close: () => Promise.resolve() });
  });

  it.each(guarantees.map(({ name }) => name))("%s", (name) => {
    expect(rows.find(({ guarantee }) => guarantee === name)).toEqual({
      guarantee: name,
      result: "holds",
      seen: expect.stringMatching(/./) as string,
    });
  });

  it("is reported as not checked where killing is not ours", () => {
    expect(rows).toHaveLength(guarantees.length + 1);
    expect(rows.at(-1)).toMatchObject({ result: "not checked" });
  });
});
