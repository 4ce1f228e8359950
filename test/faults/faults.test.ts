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

describe("a platform whose broker is killed, and comes back with nothing", () => {
  it("loses, doubles and reorders nothing either", async () => {
    buildAll();
    const only = ["broker-kill", "broker-emptied", "kill-platform", "none"] as const;
    const { figures, words } = await runFaults({ runs: only.length, seed: 1, bus: "nats", only }, silent);
    expect([words, sinsOf(figures), figures.skipped]).toEqual([[], clean, {}]);
  });
});

describe("a platform that has to do without a guard", () => {
  beforeAll(buildAll);
  const again = "npm run faults -- --seed 1 --only";
  it.each([
    { without: "ledger-key", only: ["billing.entries-kept"], runs: 1, sin: "doubled", says: again },
    { without: "journalled-write", only: ["door.answered"], runs: 2, sin: "lost", says: again },
    { without: "signature", only: ["forged"], runs: 1, sin: "intruders", says: again },
    { without: "window-mark", only: ["none"], runs: 1, sin: "lost", says: "lost in the books: Of cus_" },
    { without: "lane-order", only: ["slow"], runs: 2, sin: "reordered", says: again },
  ] as const)("is found out: $without", async ({ without, only, runs, sin, says }) => {
    const { figures, words } = await runFaults({ runs, seed: 1, only, without, patience: 3 }, silent);
    expect(figures[sin]).toBeGreaterThan(0);
    expect(words.join("\n")).toContain(says);
  });
});
