import { type Scratch } from "./scratch.js";

/** Imports that one rule forbids, and their nearest lawful relatives; each is `file → what it imports`; `type` before it for an import of types alone. */
export interface BoundaryCase {
  readonly rule: string;
  readonly breaches: readonly (readonly [file: string, imported: string])[];
  readonly fine: readonly (readonly [file: string, imported: string])[];
}

const alpha = "services/alpha/src";

export const boundaryCases: readonly BoundaryCase[] = [
  {
    rule: "no-circular",
    breaches: [[`${alpha}/domain/egg.ts`, "./hen.js"]],
    fine: [[`${alpha}/domain/chick.ts`, "./rule.js"]],
  },
  {
    rule: "resolvable",
    breaches: [["packages/runtime/src/lost.ts", "./nowhere.js"]],
    fine: [["packages/runtime/src/finder.ts", "./found.js"]],
  },
  {
    rule: "declared",
    breaches: [["packages/runtime/src/undeclared.ts", "undeclared-lib"]],
    fine: [["packages/runtime/src/declared.ts", "declared-lib"]],
  },
  {
    rule: "production-without-dev",
    breaches: [["packages/runtime/src/tooled.ts", "dev-lib"]],
    fine: [["packages/runtime/src/tooled.test.ts", "dev-lib"]],
  },
  {
    rule: "testing-in-tests",
    breaches: [[`${alpha}/adapters/mongo/helped.ts`, "@greentick/testing"]],
    fine: [
      [`${alpha}/helped.test.ts`, "@greentick/testing"],
      [`${alpha}/fixtures/world.ts`, "@greentick/testing"],
    ],
  },
  {
    rule: "kernel-is-ground",
    breaches: [
      ["packages/kernel/src/reading.ts", "node:fs"],
      ["packages/kernel/src/leaning.ts", "declared-lib"],
      ["packages/kernel/src/climbing.ts", "@greentick/contracts"],
    ],
    fine: [["packages/kernel/src/standing.ts", "./index.js"]],
  },
  {
    rule: "packages-below-services",
    breaches: [
      ["packages/runtime/src/up.ts", "@greentick/alpha"],
      ["packages/runtime/src/far-up.ts", "@greentick/gateway"],
    ],
    fine: [["packages/runtime/src/down.ts", "@greentick/kernel"]],
  },
  {
    rule: "packages-by-their-face",
    breaches: [[`${alpha}/adapters/mongo/deep.ts`, "../../../../../packages/runtime/src/found.js"]],
    fine: [[`${alpha}/adapters/mongo/polite.ts`, "@greentick/runtime"]],
  },
  {
    rule: "gateway-by-faces",
    breaches: [["gateway/src/deep.ts", "../../packages/runtime/src/found.js"]],
    fine: [["gateway/src/polite.ts", "@greentick/runtime"]],
  },
  {
    rule: "services-apart",
    breaches: [
      [`${alpha}/adapters/mongo/sibling.ts`, "@greentick/beta"],
      [`${alpha}/adapters/mongo/parent.ts`, "@greentick/gateway"],
    ],
    fine: [[`${alpha}/adapters/mongo/meeting.ts`, "@greentick/contracts"]],
  },
  {
    rule: "gateway-sees-services-in-one-file",
    breaches: [["gateway/src/elsewhere.ts", "@greentick/alpha"]],
    fine: [["gateway/src/all-in-one.ts", "@greentick/alpha"]],
  },
  {
    rule: "simulators-apart",
    breaches: [
      ["packages/meta-sim/src/borrowing.ts", "@greentick/runtime"],
      ["packages/meta-sim/src/copying.ts", "@greentick/stripe-sim"],
      ["packages/stripe-sim/src/peeking.ts", "@greentick/alpha"],
    ],
    fine: [
      ["packages/meta-sim/src/own.ts", "./index.js"],
      ["packages/meta-sim/src/own.test.ts", "@greentick/testing"],
    ],
  },
  {
    rule: "simulators-in-local-only",
    breaches: [
      [`${alpha}/adapters/mongo/pretending.ts`, "@greentick/meta-sim"],
      ["gateway/src/pretending.ts", "@greentick/stripe-sim"],
    ],
    fine: [
      ["gateway/src/local/local-platform.ts", "@greentick/meta-sim"],
      [`${alpha}/pretending.test.ts`, "@greentick/meta-sim"],
    ],
  },
  {
    rule: "domain-pure",
    breaches: [
      [`${alpha}/domain/reading.ts`, "node:fs"],
      [`${alpha}/domain/telling.ts`, "@greentick/contracts"],
      [`${alpha}/domain/leaning.ts`, "declared-lib"],
      [`${alpha}/domain/doing.ts`, "../usecases/act.js"],
      [`${alpha}/domain/typed.ts`, "type @greentick/runtime"],
    ],
    fine: [
      [`${alpha}/domain/knowing.ts`, "@greentick/kernel"],
      [`${alpha}/domain/ruling.ts`, "./rule.js"],
      [`${alpha}/domain/ruling.test.ts`, "node:fs"],
    ],
  },
  {
    rule: "ports-pure",
    breaches: [
      [`${alpha}/ports/reading.ts`, "node:fs"],
      [`${alpha}/ports/telling.ts`, "@greentick/contracts"],
      [`${alpha}/ports/doing.ts`, "../usecases/act.js"],
    ],
    fine: [
      [`${alpha}/ports/ruling.ts`, "../domain/rule.js"],
      [`${alpha}/ports/asking.ts`, "../ports.js"],
      [`${alpha}/ports/knowing.ts`, "@greentick/kernel"],
    ],
  },
  {
    rule: "usecases-inward",
    breaches: [
      [`${alpha}/usecases/direct.ts`, "../adapters/mongo/store.js"],
      [`${alpha}/usecases/running.ts`, "@greentick/runtime"],
      [`${alpha}/usecases/reading.ts`, "node:fs"],
    ],
    fine: [
      [`${alpha}/usecases/telling.ts`, "@greentick/contracts"],
      [`${alpha}/usecases/ruling.ts`, "../domain/rule.js"],
      [`${alpha}/usecases/asking.ts`, "../ports.js"],
    ],
  },
  {
    rule: "adapters-apart",
    breaches: [[`${alpha}/adapters/mongo/mixing.ts`, "../graphql/resolver.js"]],
    fine: [[`${alpha}/adapters/mongo/keeping.ts`, "./store.js"]],
  },
  {
    rule: "wiring-in-one-place",
    breaches: [
      [`${alpha}/config.ts`, "./adapters/mongo/store.js"],
      [`${alpha}/domain/wired.ts`, "../adapters/mongo/store.js"],
    ],
    fine: [
      [`${alpha}/service.ts`, "./adapters/mongo/store.js"],
      [`${alpha}/main.ts`, "./adapters/mongo/store.js"],
      [`${alpha}/rooms/wired.ts`, "../adapters/mongo/store.js"],
      [`${alpha}/crosscheck/main.ts`, "../adapters/mongo/store.js"],
    ],
  },
  {
    rule: "second-rater-alone",
    breaches: [
      [`${alpha}/crosscheck/naive/copying.ts`, "../../domain/rule.js"],
      [`${alpha}/crosscheck/naive/leaning.ts`, "declared-lib"],
    ],
    fine: [
      [`${alpha}/crosscheck/naive/counting.ts`, "@greentick/kernel"],
      [`${alpha}/crosscheck/naive/reading.ts`, "node:fs"],
    ],
  },
];

const packages = ["kernel", "contracts", "runtime", "testing", "meta-sim", "stripe-sim"].map(
  (name) => `packages/${name}`,
);
const workspaces = [...packages, "services/alpha", "services/beta", "gateway"];
const empty = "export {};\n";

function manifest(path: string): string {
  const name = `@greentick/${path.split("/").at(-1) ?? ""}`;
  const exports = { ".": { source: "./src/index.ts", default: "./dist/index.js" } };
  const siblings = workspaces.map((other) => [`@greentick/${other.split("/").at(-1) ?? ""}`, "0.1.0"] as const);
  const dependencies = { ...Object.fromEntries(siblings), "declared-lib": "1.0.0" };
  return JSON.stringify({ name, version: "0.1.0", exports, dependencies, devDependencies: { "dev-lib": "1.0.0" } });
}

/** A small house with the same walls, in which every file of the cases imports what its case says. */
export function plantBoundaryCases({ write, link }: Scratch): void {
  write("package.json", JSON.stringify({ name: "house", workspaces: ["packages/*", "services/*", "gateway"] }));
  write("tsconfig.check.json", JSON.stringify({ compilerOptions: { module: "node20", target: "es2023" } }));
  for (const path of workspaces) {
    write(`${path}/package.json`, manifest(path));
    write(`${path}/src/index.ts`, empty);
    link(`node_modules/@greentick/${path.split("/").at(-1) ?? ""}`, path);
  }
  for (const library of ["declared-lib", "undeclared-lib", "dev-lib"]) {
    write(`node_modules/${library}/package.json`, JSON.stringify({ name: library, version: "1.0.0", main: "main.js" }));
    write(`node_modules/${library}/main.js`, "module.exports = {};\n");
  }
  for (const file of ["domain/rule", "ports", "usecases/act", "adapters/mongo/store", "adapters/graphql/resolver"])
    write(`${alpha}/${file}.ts`, empty);
  write("packages/runtime/src/found.ts", empty);
  write(`${alpha}/domain/hen.ts`, statement("./egg.js"));
  for (const [file, imported] of boundaryCases.flatMap(({ breaches, fine }) => [...breaches, ...fine]))
    write(file, statement(imported));
}

const statement = (imported: string): string =>
  imported.startsWith("type ") ? `import type {} from "${imported.slice(5)}";\n` : `import "${imported}";\n`;
