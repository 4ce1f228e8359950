import { createHash } from "node:crypto";
import { type AskStanding, type EndedReason, type Standing, type StandingQuestion } from "@greentick/contracts";
import { looksLikeApiKey, readApiKey } from "@greentick/kernel";
import { type CallClaims } from "@greentick/runtime";
import { isAllowed } from "./address.js";
import { ended, ipNotAllowed } from "./ended.js";
import { counted, type Failures, isUnknown } from "./failures.js";
import { type VerifyToken } from "./verify-token.js";

export interface CredentialParts {
  readonly verify: VerifyToken;
  readonly standing: AskStanding;
  readonly failures: Failures;
}

/**
 * Who holds this bearer credential, with what it is worth now: first its own signature or text, then its standing. What is no credential of ours
 * is counted by address, what was one once by itself.
 * @throws AppError UNAUTHENTICATED: token_required for a token that is not good in itself, else why it is not good any more;
 * RATE_LIMITED/rate_limited when that was said too often; PROVIDER_UNAVAILABLE/standing_unavailable when it cannot be asked.
 */
export const claimsOfCredential = (
  parts: CredentialParts,
  credential: string,
  ip: string | undefined,
): Promise<CallClaims> =>
  looksLikeApiKey(credential) ? ofApiKey(parts, credential, ip) : ofToken(parts, credential, ip);

async function ofToken(
  { verify, standing, failures }: CredentialParts,
  token: string,
  ip: string | undefined,
): Promise<CallClaims> {
  const claims = await counted(
    () => verify(token),
    () => void failures.ofAddress(ip),
  );
  return counted(
    async () => {
      const { tenantStanding, permissions } = good(await standing(questionAbout(claims)));
      return { ...claims, tenantStanding, permissions };
    },
    () => {
      failures.ofCredential(hashOf(token));
    },
  );
}

function questionAbout({ tenantId, grantId, sessionId, actor }: CallClaims): StandingQuestion {
  if (grantId !== undefined) return { kind: "grant", tenantId, grantId };
  return { kind: "person", tenantId, personId: actor.id, ...(sessionId !== undefined && { sessionId }) };
}

async function ofApiKey(
  { standing, failures }: CredentialParts,
  text: string,
  ip: string | undefined,
): Promise<CallClaims> {
  const written = readApiKey(text);
  if (written === undefined) {
    failures.ofAddress(ip);
    throw ended("api_key_unknown");
  }
  const hash = hashOf(text);
  const answer = await failures.askAboutKey(ip, hash, () => standing({ kind: "key", hash }));
  if (isUnknown(answer)) throw ended("api_key_unknown");
  return counted(
    () => claimsOfKey(good(answer), written.livemode, ip),
    () => {
      failures.ofCredential(hash);
    },
  );
}

function claimsOfKey({ key, tenantStanding, permissions }: Good, asLive: boolean, ip: string | undefined): CallClaims {
  if (key?.livemode !== asLive) throw ended("api_key_unknown");
  if (!isAllowed(ip, key.ipAllowList)) throw ipNotAllowed();
  const { id, tenantId, ancestorIds, livemode } = key;
  const actor = { kind: "api_key", id } as const;
  return { actor, tenantId, ancestorIds, livemode, staff: false, roles: [], tenantStanding, permissions, keyId: id };
}

const hashOf = (credential: string): string => createHash("sha256").update(credential).digest("base64url");

type Good = Extract<Standing, { good: true }>;
function good(standing: Standing): Good {
  if (!standing.good) throw ended(standing.ended satisfies EndedReason);
  return standing;
}
