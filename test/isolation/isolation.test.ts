import { testDatabase } from "@greentick/testing";
import { figuresOf, tableOf } from "./figures.js";
import { runSuite } from "./run.js";
import { type Outcome } from "./suite.js";

describe("two client businesses and all that can be asked", () => {
  const { uri, dbName } = testDatabase("isolation");
  let outcome: Outcome;
  beforeAll(async () => {
    outcome = await runSuite({ uri, databasePrefix: `${dbName("of")}_` });
  }, 900_000);

  it("cannot be told from each other's absence: data, errors, store commands, trail", () => {
    expect(outcome.differences).toEqual([]);
  });

  it("leaves no field and no mutation out", () => {
    const { fields, fieldsCovered, mutations, mutationsCovered, attempts } = figuresOf(outcome);
    expect([tableOf(outcome), fieldsCovered, mutationsCovered]).toEqual([expect.any(String), fields, mutations]);
    expect(outcome.gaps).toEqual([]);
    expect(attempts).toBeGreaterThan(5_000);
  });
});
