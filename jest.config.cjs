const jsc = {
  target: "es2022",
  keepClassNames: true,
  parser: { syntax: "typescript", decorators: true },
  transform: { legacyDecorator: true, decoratorMetadata: true },
};
module.exports = {
  globalSetup: "<rootDir>/test/setup/global-setup.cjs",
  globalTeardown: "<rootDir>/test/setup/global-teardown.cjs",
  setupFilesAfterEnv: ["<rootDir>/test/setup/last-of-all.cjs"],
  testEnvironment: "node",
  testEnvironmentOptions: { customExportConditions: ["source", "node", "require", "default"] },
  testMatch: ["**/*.test.ts"],
  modulePathIgnorePatterns: ["/dist/"],
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  transform: { "^.+\\.ts$": ["@swc/jest", { sourceMaps: "inline", module: { type: "commonjs" }, jsc }] },
  // Nothing asserts how long it takes: this limit only ends a test that hangs, on the slowest machine too.
  testTimeout: 1_800_000,
  maxWorkers: 2,
  // What the modules of many files leave behind in a worker slows its garbage collection: it begins anew between two files.
  workerIdleMemoryLimit: "700MB",
};
