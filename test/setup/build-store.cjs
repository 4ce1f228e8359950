// The store's engine runs in a process of its own, which cannot read TypeScript. So that tests need no build first, the
// store's sources are transpiled to where `tsc -b` puts them, when they are newer. Types are `npm run types`' matter.
const { mkdirSync, readdirSync, renameSync, statSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { transformFileSync } = require("@swc/core");

const from = join(__dirname, "../../packages/runtime/src/store");
const to = join(__dirname, "../../packages/runtime/dist/store");

const sources = () =>
  readdirSync(from, { recursive: true }).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));

const changedAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function transpile(source, target) {
  const jsc = { target: "es2023", parser: { syntax: "typescript" } };
  const { code } = transformFileSync(source, { swcrc: false, sourceMaps: "inline", module: { type: "commonjs" }, jsc });
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(`${target}.${process.pid}`, code);
  renameSync(`${target}.${process.pid}`, target);
}

/** Brings packages/runtime/dist/store up to date and returns its folder. */
module.exports = function buildStore() {
  for (const name of sources()) {
    const [source, target] = [join(from, name), join(to, name.replace(/\.ts$/, ".js"))];
    if (changedAt(source) > changedAt(target)) transpile(source, target);
  }
  return to;
};
