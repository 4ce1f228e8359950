import { templateLanguages } from "../languages.js";
import { hard, type Rule, tooLong, when } from "./finding.js";

/** Meta: message templates, name and language. */
export const nameRules: Rule = ({ name, language }) => [
  ...when(
    !/^[a-z0-9_]+$/.test(name),
    hard({
      code: "name_characters",
      place: "name",
      problem: "a name has lower case letters, digits and underscores only",
      fix: "Write it like order_shipped_2.",
    }),
  ),
  ...tooLong("name", name, 512),
  ...when(
    !templateLanguages.has(language),
    hard({
      code: "language_unknown",
      place: "language",
      problem: `Meta has no template language "${language.slice(0, 20)}"`,
      fix: "Use one of Meta's codes with an underscore, e.g. es_CO or en_US.",
    }),
  ),
];
