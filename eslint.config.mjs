import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import jest from "eslint-plugin-jest";
import tseslint from "typescript-eslint";

const rules = {
  "no-console": "error",
  eqeqeq: ["error", "always", { null: "ignore" }],
  "@typescript-eslint/explicit-module-boundary-types": "error",
  "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
  "@typescript-eslint/switch-exhaustiveness-check": "error",
  // Ports can be destructured, and are checked strictly.
  "@typescript-eslint/method-signature-style": ["error", "property"],
  "@typescript-eslint/no-extraneous-class": ["error", { allowWithDecorator: true }],
  // Resolvers return plain rows.
  "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
  "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
  "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreVoidOperator: true }],
  "no-restricted-properties": ["error", { object: "process", property: "env", message: "read once, in main.ts" }],
  "no-restricted-imports": ["error", { patterns: ["@greentick/*/*"] }],
  "max-lines-per-function": ["warn", 60],
  "max-params": ["warn", 3],
  complexity: ["warn", 10],
};

/** An accessor in a literal is a shape of its own each time, and shapes stay until a full collection, with all that the accessor can see. */
const noAccessors = [
  { selector: "ObjectExpression > Property[kind=/^[gs]et$/]", message: "give a function: this shape would outlive it" },
];

const money = "/(micros|amount|price|cost)$/i";
/** No float touches money, wherever it passes: none is read as one, turned into one, or named as one. */
const noFloats = [
  { selector: "CallExpression[callee.name='parseFloat']", message: "money is never a float" },
  { selector: "MemberExpression[object.name='Number'][property.name='parseFloat']", message: "money is never a float" },
  {
    selector: `CallExpression[callee.name='Number'] > Identifier.arguments[name=${money}]`,
    message: "money stays a bigint of micros",
  },
  {
    selector: `CallExpression[callee.name='Number'] > MemberExpression.arguments[property.name=${money}]`,
    message: "money stays a bigint of micros",
  },
  {
    selector: `TSPropertySignature[key.name=${money}] > TSTypeAnnotation > TSNumberKeyword`,
    message: "money is a bigint of micros",
  },
  {
    selector: `Identifier[name=${money}] > TSTypeAnnotation > TSNumberKeyword`,
    message: "money is a bigint of micros",
  },
];
/** What neither rules nor use cases may do: read a clock or a dice of the machine, count in floats. */
const exact = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: "take now" },
  { selector: "MemberExpression[object.name='Date'][property.name='now']", message: "take now" },
  { selector: "MemberExpression[object.name='Math'][property.name='random']", message: "take an id" },
  ...noFloats,
  { selector: "CallExpression[callee.property.name='toFixed']", message: "money is never a float" },
  { selector: "Literal[raw=/^([0-9_]*[.][0-9]|[0-9_]+e-)/i]", message: "money is never a float" },
];
/** And rules wait for nothing. */
const pure = [
  ...exact,
  { selector: "AwaitExpression", message: "rules are pure" },
  { selector: ":function[async=true]", message: "rules are pure" },
];
const ambient = ["process", "fetch", "crypto", "performance", "setTimeout", "setInterval", "setImmediate"];
const bare = { "no-restricted-globals": ["error", ...ambient.map((name) => ({ name, message: "arrives as a port" }))] };

const browserGlobals = Object.fromEntries(
  [
    "document",
    "fetch",
    "FormData",
    "history",
    "localStorage",
    "location",
    "navigator",
    "sessionStorage",
    "URLSearchParams",
    "window",
  ].map((name) => [name, "readonly"]),
);
const nodeGlobals = {
  ...Object.fromEntries(
    ["process", "console", "URL", "Buffer", "fetch", "setTimeout"].map((name) => [name, "readonly"]),
  ),
  ...Object.fromEntries(["require", "module", "__dirname"].map((name) => [name, "readonly"])),
};

export default defineConfig(
  { ignores: ["**/dist/**", "**/node_modules/**", "**/.greentick/**", "**/.turbo/**", "**/coverage/**"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    name: "greentick/everywhere",
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: ["./tsconfig.check.json"], tsconfigRootDir: import.meta.dirname } },
    rules: { ...rules, "no-restricted-syntax": ["error", ...noAccessors] },
  },
  {
    name: "greentick/money",
    files: ["services/*/src/**/*.ts", "packages/contracts/src/**/*.ts"],
    ignores: ["**/*.test.ts"],
    rules: { "no-restricted-syntax": ["error", ...noAccessors, ...noFloats] },
  },
  {
    name: "greentick/domain",
    files: ["services/*/src/domain/**/*.ts", "packages/kernel/src/**/*.ts"],
    ignores: ["**/*.test.ts"],
    rules: { "no-restricted-syntax": ["error", ...noAccessors, ...pure], ...bare },
  },
  {
    name: "greentick/usecases",
    files: ["services/*/src/usecases/**/*.ts"],
    ignores: ["**/*.test.ts"],
    rules: { "no-restricted-syntax": ["error", ...noAccessors, ...exact], ...bare },
  },
  // Nothing can be switched off by a comment where the rules of the business stand.
  { files: ["services/*/src/{domain,usecases}/**/*.ts"], linterOptions: { noInlineConfig: true } },
  {
    name: "greentick/tests",
    files: ["**/*.test.ts", "test/**/*.ts", "packages/testing/**/*.ts"],
    extends: [jest.configs["flat/recommended"]],
    rules: {
      "no-restricted-properties": "off",
      "no-restricted-syntax": "off",
      "max-lines-per-function": "off",
      // A table of cases has as many columns as it needs.
      "max-params": "off",
      "jest/expect-expect": ["error", { assertFunctionNames: ["expect", "expect*", "fc.assert", "*Contract"] }],
    },
  },
  // A contract is a suite that several packages run.
  { files: ["packages/testing/**/*.ts"], rules: { "jest/no-export": "off" } },
  { files: ["**/main.ts"], rules: { "no-restricted-properties": "off" } },
  // Scripts and settings of the tools: plain JavaScript of Node.
  { files: ["**/*.{mjs,cjs}"], languageOptions: { globals: nodeGlobals } },
  // What pages run in the browser.
  { files: ["gateway/pages/*.js"], languageOptions: { globals: browserGlobals } },
);
