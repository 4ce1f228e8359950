const forbid = (name, from, to, comment) => ({ name, severity: "error", from, to, comment });
const tests = ["\\.test\\.ts$", "^test/", "^packages/testing/", "/src/(test-support\\.ts$|fixtures/)"];
const code = "\\.test\\.ts$";
const face = "/src/index\\.ts$";

module.exports = {
  forbidden: [
    forbid("no-circular", {}, { circular: true }, "Two files that need each other are one idea: find its name."),
    forbid(
      "resolvable",
      // What the browser loads, some of which the gateway makes at its start: its own test follows those imports.
      { pathNot: "^gateway/pages/" },
      { couldNotResolve: true },
      "Every import leads to a file.",
    ),
    forbid(
      "declared",
      { pathNot: code },
      { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
      "Whoever imports a library names it in its own package.json.",
    ),
    forbid(
      "production-without-dev",
      { path: "^(packages|services|gateway)/", pathNot: tests },
      { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["npm", "type-only"] },
      "An image is built without the tools of development.",
    ),
    forbid(
      "testing-in-tests",
      { path: "^(packages|services|gateway)/", pathNot: tests },
      { path: "^packages/testing/" },
      "What helps tests stays in tests.",
    ),
    forbid(
      "kernel-is-ground",
      { path: "^packages/kernel/src/", pathNot: code },
      { pathNot: "^packages/kernel/src/" },
      "The kernel imports nothing.",
    ),
    forbid(
      "packages-below-services",
      { path: "^packages/" },
      { path: "^(services|gateway)/" },
      "Packages know nothing of who uses them.",
    ),
    forbid(
      "packages-by-their-face",
      { path: "^(packages|services)/([^/]+)/" },
      { path: "^(packages|services)/[^/]+/", pathNot: ["^$1/$2/", face] },
      "Another package is what its index exports.",
    ),
    forbid(
      "gateway-by-faces",
      { path: "^gateway/" },
      { path: "^(packages|services)/[^/]+/", pathNot: face },
      "Another package is what its index exports.",
    ),
    forbid(
      "services-apart",
      { path: "^services/([^/]+)/" },
      { path: "^(services|gateway)/", pathNot: "^services/$1/" },
      "Services meet in events and in the graph.",
    ),
    forbid(
      "gateway-sees-services-in-one-file",
      { path: "^gateway/", pathNot: ["all-in-one\\.ts$", code] },
      { path: "^services/" },
      "Everything else must work the same when services run apart.",
    ),
    forbid(
      "simulators-apart",
      { path: "^packages/(meta|stripe)-sim/", pathNot: tests },
      { path: "^(packages/(?!$1-sim/)|services/|gateway/)" },
      "The other side of a comparison must not be computed by our own code.",
    ),
    forbid(
      "simulators-in-local-only",
      {
        path: "^(packages|services|gateway)/",
        pathNot: [...tests, "^packages/[^/]+-sim/", "^gateway/src/(local|demo|story)/"],
      },
      { path: "^packages/[^/]+-sim/" },
      "A deployment never talks to a simulator.",
    ),
    forbid(
      "domain-pure",
      { path: "^services/([^/]+)/src/domain/", pathNot: code },
      { pathNot: ["^services/$1/src/domain/", "^packages/kernel/src/"] },
      "Rules are values in, values out.",
    ),
    forbid(
      "ports-pure",
      { path: "^services/([^/]+)/src/ports(\\.ts|/)", pathNot: code },
      { pathNot: ["^services/$1/src/(domain/|ports(\\.ts|/))", "^packages/kernel/src/"] },
      "A port speaks of the domain, never of what stands behind it.",
    ),
    forbid(
      "usecases-inward",
      { path: "^services/([^/]+)/src/usecases/", pathNot: code },
      { pathNot: ["^services/$1/src/(domain/|usecases/|ports(\\.ts|/))", "^packages/(kernel|contracts)/src/"] },
      "A use case sees the outside through its ports.",
    ),
    forbid(
      "adapters-apart",
      { path: "^services/([^/]+)/src/adapters/([^/]+)/", pathNot: code },
      { path: "^services/$1/src/adapters/", pathNot: "^services/$1/src/adapters/$2/" },
      "Adapters meet in service.ts.",
    ),
    forbid(
      "wiring-in-one-place",
      {
        path: "^services/([^/]+)/src/",
        pathNot: [code, "/src/(service|main)\\.ts$", "/src/(crosscheck|ledger)/main\\.ts$", "/src/(adapters|rooms|fixtures)/"],
      },
      { path: "^services/$1/src/adapters/" },
      "service.ts and its rooms alone choose the adapters, and fixtures those of a test.",
    ),
    forbid(
      "second-rater-alone",
      { path: "^services/([^/]+)/src/crosscheck/naive/" },
      {
        path: "^(services|packages|node_modules)/",
        pathNot: ["^services/$1/src/crosscheck/(naive/|story\\.ts$)", "^packages/kernel/src/(index|money)\\.ts$"],
      },
      "What is compared must not be computed by the same code; only Money is shared.",
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/dist/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.check.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["source", "require", "node", "default"] },
  },
};
