import { type KeyObject } from "node:crypto";
import { tokenRequired } from "@greentick/graphql";
import { type Clock } from "@greentick/kernel";
import { type CallClaims } from "@greentick/runtime";
import { verify } from "jsonwebtoken";
import { claimsOf } from "./claims.js";
import { type KeyRing } from "./key-ring.js";
import { headerOf } from "./token-parts.js";

const tokenIssuer = "greentick";
const tokenAudience = "greentick-api";

export type VerifyToken = (token: string) => Promise<CallClaims>;

/**
 * Verifies an access token: RS256 with a published key of that id, our issuer and audience, not expired by our clock, begun by our clock
 * and a minute's leeway. What is wrong with a bad one is not said. @throws AppError UNAUTHENTICATED/token_required.
 */
export const tokenVerifier =
  (ring: KeyRing, now: Clock): VerifyToken =>
  async (token) => {
    const header = headerOf(token);
    const key = header && (await ring.find(header.kid));
    const claims = key && verified(token, key, Math.floor(now().getTime() / 1000));
    if (claims === undefined) throw tokenRequired();
    return claims;
  };

function verified(token: string, key: KeyObject, clockTimestamp: number): CallClaims | undefined {
  try {
    const options = { algorithms: ["RS256" as const], issuer: tokenIssuer, audience: tokenAudience };
    return claimsOf(verify(token, key, { ...options, clockTimestamp, ignoreNotBefore: true }), clockTimestamp);
  } catch {
    return undefined;
  }
}
