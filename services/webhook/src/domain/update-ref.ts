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

/** The same for one tenant's eyes: what it may not see under that id is not looked at. */
export const refSeenBy = (tenantId: string, ref: string): string => `${tenantId}/${ref}`;

/** Whatever a tenant may see. */
export const anyRef = "any";

/** Whose an update is: `ancestorIds` from the parent up to the provider. */
interface Seen {
  readonly tenantId: string;
  readonly ancestorIds: readonly string[];
}

/** Under all that an update is found by: as it is by the provider, for their eyes by its tenant and the resellers above it. */
export function seenRefs(owner: Seen | undefined, refs: readonly string[]): readonly string[] {
  if (owner === undefined) return refs;
  const seers = [owner.tenantId, ...owner.ancestorIds.slice(0, -1)];
  return [...refs, ...seers.flatMap((seer) => [anyRef, ...refs].map((ref) => refSeenBy(seer, ref)))];
}
