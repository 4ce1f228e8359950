import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { breachFile, fineFile, lintCases, plantLintCases } from "./cases/lint-cases.js";
import { root, scratch } from "./cases/scratch.js";

interface Linted {
  /** What our own settings set, beside the sets they are built on. */
  readonly rules: readonly string[];
  readonly messages: readonly { readonly file: string; readonly ruleId: string | null; readonly severity: number }[];
}

/** What `npm run lint` finds in another folder. */
function lint(folder: string): Linted {
  const args = [join(__dirname, "tools/lint.mjs"), root, folder];
  const done = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 50_000_000 });
  if (done.status !== 0) throw new Error(`eslint failed: ${done.stderr}`);
  return JSON.parse(done.stdout) as Linted;
}

describe("the rules for code", () => {
  const house = scratch("lint");
  let linted: Linted = { rules: [], messages: [] };

  beforeAll(() => {
    plantLintCases(house);
    linted = lint(house.folder);
  });
  afterAll(() => {
    house.remove();
  });

  const brokenIn = (file: string): readonly (string | null)[] =>
    linted.messages.filter((one) => one.file === file).map(({ ruleId }) => ruleId);
  const numbered = lintCases.map(({ rule, what, in: place }, at) => [rule, what, place, at] as const);

  it("has a case for every rule of our own", () => {
    const covered = new Set(lintCases.map(({ rule }) => rule));
    expect(linted.rules.filter((rule) => !covered.has(rule))).toEqual([]);
  });

  it("could read every planted file", () => {
    expect(linted.messages.filter(({ ruleId, severity }) => ruleId === null && severity === 2)).toEqual([]);
  });

  it.each(numbered)("%s refuses %s in %s", (rule, _what, _place, at) => {
    expect(brokenIn(breachFile(at))).toContain(rule);
  });

  it.each(numbered)("%s lets the relative of %s pass", (rule, _what, _place, at) => {
    expect(brokenIn(fineFile(at))).not.toContain(rule);
  });
});
