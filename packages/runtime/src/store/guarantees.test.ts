import { testDatabase } from "@greentick/testing";
import { checkStore } from "./check.js";
import { guarantees, withBench } from "./guarantees.js";

describe("what the platform relies on, asked of the store of this run", () => {
  const { uri, dbName } = testDatabase("guarantees");

  it.each(guarantees.map(({ name, holds }) => [name, holds] as const))("%s", async (name, holds) => {
    const database = dbName(String(guarantees.findIndex((guarantee) => guarantee.name === name)));
    await expect(withBench(uri, database, holds)).resolves.toMatch(/./);
  });

  it("is reported as not checked where killing is not ours", async () => {
    const rows = await checkStore({ uri, kind: "uri", describe: "", close: () => Promise.resolve() });
    expect(rows.map(({ result }) => result)).toEqual([...guarantees.map(() => "holds"), "not checked"]);
  });
});
