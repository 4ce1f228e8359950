import { graphErrors } from "../graph-error.js";
import { type Params } from "./route.js";
import { optionalText } from "./params.js";

export interface AskedField {
  readonly name: string;
  /** Arguments of the call syntax: `pricing_analytics.start(1).end(2)`. */
  readonly args: Readonly<Record<string, string>>;
}

/** Splits `a,b{c,d},e.start(1).end(2)` at its outer commas. Inner selections are accepted and answered whole. */
export function askedFields(params: Params): readonly AskedField[] | undefined {
  const asked = optionalText(params, "fields");
  return asked === undefined ? undefined : splitOutside(asked, ",").map(readField);
}

function readField(source: string): AskedField {
  const [head = "", ...calls] = splitOutside(source.trim(), ".");
  const name = head.replace(/\{.*\}$/s, "").trim();
  const args: Record<string, string> = {};
  for (const call of calls) {
    const match = /^([a-z_]+)\((.*)\)$/s.exec(call.trim());
    if (match?.[1] === undefined) throw graphErrors.invalid("fields", `has a syntax error at "${call}".`);
    args[match[1]] = match[2] ?? "";
  }
  return { name, args };
}

function splitOutside(source: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < source.length; at++) {
    const character = source.charAt(at);
    if ("({[".includes(character)) depth++;
    else if (")}]".includes(character)) depth--;
    else if (character === separator && depth === 0) {
      parts.push(source.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(source.slice(start));
  return parts;
}

/** A field's value, or how to compute it from the arguments; `undefined` means that this object has none and the field is left out. */
export type FieldTable = Readonly<Record<string, unknown>>;

export interface Selection {
  readonly nodeType: string;
  /** Asked when the caller names none. */
  readonly usual: readonly string[];
}

/** The asked fields of a node, `id` always among them. @throws GraphError for a field that the node type does not have. */
export function selected(
  table: FieldTable,
  asked: readonly AskedField[] | undefined,
  of: Selection,
): Record<string, unknown> {
  const names = asked ?? of.usual.map((name) => ({ name, args: {} }));
  const answer: Record<string, unknown> = {};
  for (const { name } of names) {
    if (!Object.hasOwn(table, name)) throw graphErrors.nonexistingField(name, of.nodeType);
    if (table[name] !== undefined) answer[name] = table[name];
  }
  return { ...answer, id: table["id"] };
}
