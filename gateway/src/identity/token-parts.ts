import { z } from "zod";

const header = z.looseObject({
  alg: z.literal("RS256"),
  kid: z.string().min(1).max(128),
  typ: z.enum(["JWT", "at+jwt"]).optional(),
  crit: z.undefined().optional(),
});

/** Longest token we look at; ours have some 900 characters. */
const longestToken = 8_192;

/**
 * The header of a compact JWS, or undefined when it is not one we ever issue: another algorithm, no key id, extensions that must be
 * understood (`crit`), or parts that are not canonical base64url. Keys named inside the token (`jwk`, `jku`, `x5u`) are never looked at.
 */
export function headerOf(token: string): { readonly kid: string } | undefined {
  const parts = token.split(".");
  if (token.length > longestToken || parts.length !== 3 || !parts.every(isCanonical)) return undefined;
  const parsed = header.safeParse(jsonOf(parts[0] ?? ""));
  return parsed.success ? { kid: parsed.data.kid } : undefined;
}

/** Spare bits and foreign characters would let one signature have several spellings. */
const isCanonical = (part: string): boolean =>
  part !== "" && Buffer.from(part, "base64url").toString("base64url") === part;

function jsonOf(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
