import js from "@eslint/js";
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

const pure = {
  "no-restricted-syntax": [
    "error",
    { selector: "AwaitExpression", message: "rules are pure" },
    { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: "take now" },
    { selector: "MemberExpression[object.name='Date'][property.name='now']", message: "take now" },
    { selector: "MemberExpression[object.name='Math'][property.name='random']", message: "take an id" },
    { selector: "CallExpression[callee.name='parseFloat']", message: "money is never a float" },
    { selector: "CallExpression[callee.property.name='toFixed']", message: "money is never a float" },
    {
      selector: "MemberExpression[object.name='Number'][property.name='parseFloat']",
      message: "money is never a float",
    },
  ],
};

export default tseslint.config(
  { ignores: ["**/dist/**", "**/node_modules/**", "**/.greentick/**", "**/coverage/**", "**/*.mjs", "**/*.cjs"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { project: ["./tsconfig.check.json"], tsconfigRootDir: import.meta.dirname } },
    rules,
  },
  { files: ["services/*/src/domain/**/*.ts"], ignores: ["**/*.test.ts"], rules: pure },
  {
    files: ["**/*.test.ts", "test/**/*.ts", "packages/testing/**/*.ts"],
    ...jest.configs["flat/recommended"],
    rules: {
      ...jest.configs["flat/recommended"].rules,
      "no-restricted-properties": "off",
      "max-lines-per-function": "off",
      "jest/expect-expect": ["error", { assertFunctionNames: ["expect", "expect*", "fc.assert", "*Contract"] }],
    },
  },
  { files: ["**/main.ts"], rules: { "no-restricted-properties": "off" } },
);
