import { type TemplateContent } from "./content.js";

/** `{{1}}` and `{{first_name}}` are variables (Meta: message templates, parameters). */
export type ParameterFormat = "POSITIONAL" | "NAMED";

export interface Variables {
  /** In order of appearance, repeats included, without braces. */
  readonly names: readonly string[];
  /** Texts in braces that are no variable, e.g. `{{First Name}}`. */
  readonly malformed: readonly string[];
}

const braces = /\{\{([^{}]*)\}\}/g;
const proper = /^(?:[1-9]\d*|[a-z_][a-z0-9_]*)$/;

export function variablesOf(text: string): Variables {
  const found = [...text.matchAll(braces)].map((match) => match[1] ?? "");
  const rest = text.replace(braces, "");
  const loose = rest.includes("{{") || rest.includes("}}") ? ["{{"] : [];
  return {
    names: found.filter((name) => proper.test(name)),
    malformed: [...found.filter((name) => !proper.test(name)), ...loose],
  };
}

const isNumber = (name: string): boolean => /^\d+$/.test(name);

/** The one format of a template's variables; POSITIONAL when it has none; undefined when both kinds occur. */
export function parameterFormatOf(content: TemplateContent): ParameterFormat | undefined {
  const names = [content.header?.text, content.body.text].flatMap((text) => variablesOf(text ?? "").names);
  const numbered = names.filter(isNumber).length;
  if (numbered === names.length) return "POSITIONAL";
  return numbered === 0 ? "NAMED" : undefined;
}
