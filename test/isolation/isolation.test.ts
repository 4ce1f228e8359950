import { testDatabase } from "@greentick/testing";
import { runSuite } from "./run.js";
import { type Outcome } from "./suite.js";

describe("two client businesses and all that can be asked", () => {
  const { uri, dbName } = testDatabase("isolation");
  let outcome: Outcome;
  beforeAll(async () => {
    outcome = await runSuite({ uri, databasePrefix: `${dbName("of")}_` });
  });

  it("cannot be told from each other's absence: data, errors, store commands, trail", () => {
    expect(outcome.differences).toEqual([]);
  });

  it("leaves no field and no mutation out", () => {
    const { fields, fieldsCovered, mutations, mutationsCovered, gaps, attempts } = outcome;
    expect(fields.filter((field) => !fieldsCovered.includes(field))).toEqual([]);
    expect(gaps).toEqual([]);
    expect(mutations.filter((mutation) => !mutationsCovered.includes(mutation))).toEqual([]);
    expect(attempts).toBeGreaterThan(5_000);
  });
});
