import { type World } from "../world/world.js";

/** Everybody who asks, by `side.role`, and the provider's own staff by role. */
export const callersOf = ({ ours, theirs, local }: World): Map<string, string> =>
  new Map([
    ...Object.entries(ours.tokens).map(([role, token]) => [`ours.${role}`, token] as const),
    ...Object.entries(theirs.tokens).map(([role, token]) => [`theirs.${role}`, token] as const),
    ["above.platform_admin", local.target.tokens.platform_admin] as const,
  ]);
