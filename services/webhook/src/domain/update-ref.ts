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

/** The same as one of its tenant's: what others have under that id is not looked at. */
export const refOfTenant = (tenantId: string, ref: string): string => `${tenantId}/${ref}`;

/** Under all that an update is found by. */
export const withTenant = (tenantId: string | undefined, refs: readonly string[]): readonly string[] =>
  tenantId === undefined ? refs : [...refs, ...refs.map((ref) => refOfTenant(tenantId, ref))];
