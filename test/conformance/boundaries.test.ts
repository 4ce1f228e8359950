import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { boundaryCases, plantBoundaryCases } from "./cases/boundary-cases.js";
import { root, scratch } from "./cases/scratch.js";

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

const configPath = join(root, ".dependency-cruiser.cjs");
const cruiser = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");

/** What `npm run boundaries` finds in another folder. */
function violationsIn(folder: string): readonly Violation[] {
  const args = [cruiser, "packages", "services", "gateway", "--config", configPath, "--output-type", "json"];
  const done = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8", maxBuffer: 50_000_000 });
  if (done.stdout === "") throw new Error(`dependency-cruiser said nothing but: ${done.stderr}`);
  return (JSON.parse(done.stdout) as { summary: { violations: readonly Violation[] } }).summary.violations;
}

describe("the walls between packages, services and layers", () => {
  const house = scratch("boundaries");
  let violations: readonly Violation[] = [];

  beforeAll(() => {
    plantBoundaryCases(house);
    violations = violationsIn(house.folder);
  });
  afterAll(() => {
    house.remove();
  });

  const brokenBy = (file: string): readonly string[] =>
    violations.filter(({ from }) => from === file).map(({ rule }) => rule.name);
  const each = (kind: "breaches" | "fine"): (readonly [string, string, string])[] =>
    boundaryCases.flatMap((one) => one[kind].map(([file, imported]) => [one.rule, file, imported] as const));

  it("has a case for every rule", () => {
    const { forbidden } = jest.requireActual<{ forbidden: readonly { name: string }[] }>(configPath);
    expect(boundaryCases.map(({ rule }) => rule).sort()).toEqual(forbidden.map(({ name }) => name).sort());
  });

  it.each(each("breaches"))("%s: %s must not import %s", (rule, file) => {
    expect(brokenBy(file)).toContain(rule);
  });

  it.each(each("fine"))("%s: %s may import %s", (_rule, file) => {
    expect(brokenBy(file)).toEqual([]);
  });
});
