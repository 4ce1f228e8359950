import { type TemplateContent } from "../content.js";
import { authenticationRules } from "./authentication-rules.js";
import { buttonRules } from "./button-rules.js";
import { categoryRules } from "./category-rules.js";
import { type Finding, type Rule } from "./finding.js";
import { nameRules } from "./name-rules.js";
import { bodyRules, footerRules, headerRules } from "./text-rules.js";

const rules: readonly Rule[] = [
  nameRules,
  headerRules,
  bodyRules,
  footerRules,
  buttonRules,
  authenticationRules,
  categoryRules,
];

/** Everything wrong with a draft, hard findings first. The same content always has the same findings; it never throws. */
export function preCheck(content: TemplateContent): readonly Finding[] {
  const found = rules.flatMap((rule) => rule(content));
  return [...found.filter((one) => one.severity === "hard"), ...found.filter((one) => one.severity === "soft")];
}

export const isSubmittable = (findings: readonly Finding[]): boolean =>
  findings.every((one) => one.severity !== "hard");
