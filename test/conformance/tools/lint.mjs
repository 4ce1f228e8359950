// Lints a folder that mirrors the repository with the repository's own settings, and prints one JSON object: the rules those settings set
// themselves, and every message. A process of its own, because jest cannot load settings that are an ES module.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ESLint } from "eslint";

const [root, folder] = process.argv.slice(2);
const overrideConfigFile = join(root, "eslint.config.mjs");
const { default: settings } = await import(pathToFileURL(overrideConfigFile).href);
const own = settings.filter(({ name }) => /^greentick\/\w+$/.test(name ?? ""));
const isOn = (value) => (Array.isArray(value) ? value[0] : value) !== "off";
const rulesOf = ({ rules = {} }) => Object.keys(rules).filter((rule) => isOn(rules[rule]));
const overrideConfig = { languageOptions: { parserOptions: { tsconfigRootDir: folder } } };
const results = await new ESLint({ cwd: folder, overrideConfigFile, overrideConfig }).lintFiles(["**/*.ts"]);
const messages = results.flatMap(({ filePath, messages: found }) =>
  found.map(({ ruleId, message, severity }) => ({
    file: filePath.slice(folder.length + 1),
    ruleId,
    message,
    severity,
  })),
);
process.stdout.write(JSON.stringify({ rules: [...new Set(own.flatMap(rulesOf))], messages }));
