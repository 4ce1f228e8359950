import { createHash } from "node:crypto";
import { type AskStanding, type EndedReason, type Standing, type StandingQuestion } from "@greentick/contracts";
import { looksLikeApiKey, readApiKey } from "@greentick/kernel";
import { type CallClaims } from "@greentick/runtime";
import { isAllowed } from "./address.js";
import { ended, ipNotAllowed } from "./ended.js";
import { type VerifyToken } from "./verify-token.js";

export interface CredentialParts {
  readonly verify: VerifyToken;
  readonly standing: AskStanding;
}

/**
 * Who holds this bearer credential, with what it is worth now: first its own signature or text, then its standing.
 * @throws AppError UNAUTHENTICATED: token_required for a token that is not good in itself, else why it is not good any more;
 * PROVIDER_UNAVAILABLE/standing_unavailable when that cannot be asked.
 */
export const claimsOfCredential = (
  parts: CredentialParts,
  credential: string,
  ip: string | undefined,
): Promise<CallClaims> => (looksLikeApiKey(credential) ? ofApiKey(parts, credential, ip) : ofToken(parts, credential));

async function ofToken({ verify, standing }: CredentialParts, token: string): Promise<CallClaims> {
  const claims = await verify(token);
  const { tenantStanding, permissions } = good(await standing(questionAbout(claims)));
  return { ...claims, tenantStanding, permissions };
}

function questionAbout({ tenantId, grantId, sessionId, actor }: CallClaims): StandingQuestion {
  if (grantId !== undefined) return { kind: "grant", tenantId, grantId };
  return { kind: "person", tenantId, personId: actor.id, ...(sessionId !== undefined && { sessionId }) };
}

async function ofApiKey({ standing }: CredentialParts, text: string, ip: string | undefined): Promise<CallClaims> {
  const written = readApiKey(text);
  if (written === undefined) throw ended("api_key_unknown");
  const hash = createHash("sha256").update(text).digest("base64url");
  const { key, tenantStanding, permissions } = good(await standing({ kind: "key", hash }));
  if (key?.livemode !== written.livemode) throw ended("api_key_unknown");
  if (!isAllowed(ip, key.ipAllowList)) throw ipNotAllowed();
  const { id, tenantId, ancestorIds, livemode } = key;
  const actor = { kind: "api_key", id } as const;
  return { actor, tenantId, ancestorIds, livemode, staff: false, roles: [], tenantStanding, permissions, keyId: id };
}

type Good = Extract<Standing, { good: true }>;
function good(standing: Standing): Good {
  if (!standing.good) throw ended(standing.ended satisfies EndedReason);
  return standing;
}
