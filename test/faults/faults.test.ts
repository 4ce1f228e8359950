import { buildAll } from "../federation/processes.js";
import { faultNames } from "./plan.js";
import { type Figures, type Found, runFaults } from "./run.js";

const silent = (): void => undefined;
const clean = { lost: 0, doubled: 0, reordered: 0, intruders: 0 };
const sinsOf = ({ lost, doubled, reordered, intruders }: Figures): typeof clean => ({
  lost,
  doubled,
  reordered,
  intruders,
});

describe("a platform to which every kind of fault happens in turn", () => {
  let found: Found;
  beforeAll(async () => {
    buildAll();
    found = await runFaults({ runs: faultNames.length, seed: 1 }, silent);
  });

  it("loses, doubles and reorders nothing of what it acknowledged, and believes no stranger", () => {
    expect(found.words).toEqual([]);
    expect(sinsOf(found.figures)).toEqual(clean);
    expect(found.figures.acknowledged).toBeGreaterThan(faultNames.length);
  });

  it("gets to every fault point", () => {
    expect(Object.entries(found.figures.points).filter(([, hits]) => hits === 0)).toEqual([]);
  });
});

describe("a platform that has to do without a guard", () => {
  beforeAll(buildAll);
  it.each([
    { without: "ledger-key", only: ["billing.entries-kept"], runs: 1, sin: "doubled" },
    { without: "journalled-write", only: ["door.answered"], runs: 2, sin: "lost" },
    { without: "signature", only: ["forged"], runs: 1, sin: "intruders" },
    { without: "lane-order", only: ["slow"], runs: 2, sin: "reordered" },
  ] as const)("is found out: $without", async ({ without, only, runs, sin }) => {
    const { figures, words } = await runFaults({ runs, seed: 1, only, without, patience: 3 }, silent);
    expect(figures[sin]).toBeGreaterThan(0);
    expect(words.join("\n")).toContain(
      `npm run faults -- --seed 1 --only ${only.join(",")} --without ${without} --from`,
    );
  });
});
