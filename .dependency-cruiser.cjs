const forbid = (name, from, to) => ({ name, severity: "error", from, to });
const code = "\\.test\\.ts$";

module.exports = {
  forbidden: [
    forbid("no-circular", {}, { circular: true }),
    forbid("resolvable", {}, { couldNotResolve: true }),
    forbid("declared", { pathNot: code }, { dependencyTypes: ["npm-no-pkg", "npm-unknown"] }),
    forbid("kernel-is-ground", { path: "^packages/kernel/src/", pathNot: code }, { pathNot: "^packages/kernel/src/" }),
    forbid("packages-below-services", { path: "^packages/" }, { path: "^(services|gateway)/" }),
    forbid("services-apart", { path: "^services/([^/]+)/" }, { path: "^services/", pathNot: "^services/$1/" }),
    forbid(
      "gateway-sees-services-in-one-file",
      { path: "^gateway/", pathNot: "all-in-one\\.ts$" },
      { path: "^services/" },
    ),
    forbid(
      "simulators-apart",
      { path: "^packages/(meta|stripe)-sim/", pathNot: code },
      { path: "^(packages/(?!$1-sim/)|services/|gateway/)" },
    ),
    forbid(
      "domain-pure",
      { path: "^services/([^/]+)/src/(domain/|ports\\.ts)", pathNot: code },
      { pathNot: ["^services/$1/src/domain/", "^packages/kernel/src/"] },
    ),
    forbid(
      "usecases-inward",
      { path: "^services/([^/]+)/src/usecases/", pathNot: code },
      { pathNot: ["^services/$1/src/(domain/|usecases/|ports\\.ts)", "^packages/(kernel|contracts)/src/"] },
    ),
    forbid(
      "adapters-apart",
      { path: "^services/([^/]+)/src/adapters/([^/]+)/", pathNot: code },
      { path: "^services/$1/src/adapters/", pathNot: "^services/$1/src/adapters/$2/" },
    ),
    forbid(
      "wiring-in-one-place",
      { path: "^services/([^/]+)/src/", pathNot: [code, "/src/(service|main)\\.ts$", "/src/adapters/"] },
      { path: "^services/$1/src/adapters/" },
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
