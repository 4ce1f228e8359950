/** A decoded request body: text, or named parts. A list is a map whose names are 0, 1, 2 …, as Stripe's encoding has it. */
export type FormNode = string | FormMap;
export type FormMap = Map<string, FormNode>;

const maxDepth = 8;
const segment = /\[([^\][]*)\]/g;

/** Names of `a[b][0][c]` are a, b, 0, c; `undefined` when brackets do not match or nest too deep. */
function namesOf(key: string): string[] | undefined {
  const open = key.indexOf("[");
  if (open === -1) return key.includes("]") ? undefined : [key];
  const rest = key.slice(open);
  const inner = [...rest.matchAll(segment)].map((match) => match[1] ?? "");
  const whole = inner.map((name) => `[${name}]`).join("") === rest;
  return whole && open > 0 && inner.length < maxDepth ? [key.slice(0, open), ...inner] : undefined;
}

function childOf(parent: FormMap, name: string): FormMap | undefined {
  const found = parent.get(name);
  if (typeof found === "string") return undefined;
  const child = found ?? new Map<string, FormNode>();
  parent.set(name, child);
  return child;
}

/** Puts one pair into the tree; false when the key contradicts an earlier one (`a=1&a[b]=2`) or is malformed. */
function place(root: FormMap, key: string, value: string): boolean {
  const names = namesOf(key);
  if (!names) return false;
  let node: FormMap = root;
  for (const name of names.slice(0, -1)) {
    const next = childOf(node, name === "" ? String(node.size) : name);
    if (!next) return false;
    node = next;
  }
  const last = names.at(-1) ?? "";
  const name = last === "" ? String(node.size) : last;
  if (node.get(name) instanceof Map) return false;
  node.set(name, value);
  return true;
}

/** Decodes Stripe's v1 encoding (`application/x-www-form-urlencoded` with brackets) into `into`. @returns the first bad key, if any */
export function decodeForm(text: string, into: FormMap): string | undefined {
  for (const [key, value] of new URLSearchParams(text)) if (!place(into, key, value)) return key;
  return undefined;
}

/** JSON in the same tree, so that the control routes share the parameter table. `null` is the empty text. */
export function formOfJson(value: unknown): FormNode {
  if (value === null || value === undefined) return "";
  if (typeof value === "object")
    return new Map(Object.entries(value).map(([name, part]) => [name, formOfJson(part)] as const));
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** One text for one meaning: names sorted, so that two encodings of the same parameters compare equal. */
export function canonical(node: FormNode): string {
  if (typeof node === "string") return JSON.stringify(node);
  const parts = [...node].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${parts.map(([name, part]) => `${JSON.stringify(name)}:${canonical(part)}`).join(",")}}`;
}
