import { badInput } from "@greentick/kernel";

/** `*` for everything, `template.*` for everything about templates, `template.advanced` for one kind. */
const pattern = /^(?:\*|[a-z][a-z_]*\.(?:\*|[a-z][a-z_]*))$/;
const mostPatterns = 50;

/** Whether a pattern of a subscription stands for a kind of event. */
export const matches = (wanted: string, kind: string): boolean =>
  wanted === "*" || wanted === kind || (wanted.endsWith(".*") && kind.startsWith(wanted.slice(0, -1)));

/** Every kind that the patterns stand for; no pattern at all stands for every kind. */
export const matching = (patterns: readonly string[], kinds: readonly string[]): readonly string[] =>
  patterns.length === 0 ? kinds : kinds.filter((kind) => patterns.some((one) => matches(one, kind)));

/** The patterns once each, in order. @throws BAD_USER_INPUT for none, too many, or one that stands for nothing published. */
export function checkedPatterns(patterns: readonly string[], published: readonly string[]): readonly string[] {
  const once = [...new Set(patterns.map((one) => one.trim()))].sort();
  if (once.length === 0) throw badInput("kinds", "name at least one kind of event, or * for all");
  if (once.length > mostPatterns) throw badInput("kinds", `at most ${mostPatterns}; use template.* or *`);
  const wrong = once.find((one) => !pattern.test(one) || matching([one], published).length === 0);
  if (wrong !== undefined)
    throw badInput("kinds", `"${wrong.slice(0, 80)}" is no kind of event; \`eventKinds\` lists them all`);
  return once;
}
