/** What an update can be found by: a word for what the id names, and the id, keyed where it would name a person. */
export const refKinds = [
  "waba",
  "number",
  "template",
  "entity",
  "message",
  "conversation",
  "request",
  "stripe",
] as const;
export type RefKind = (typeof refKinds)[number];

export const refOf = (kind: RefKind, id: string): string => `${kind}/${id}`;
