import { after } from "@greentick/kernel";

/** The public half of a signing key as published (RFC 7517). `kid` is its thumbprint (RFC 7638). */
export interface PublicKey {
  readonly kty: "RSA";
  readonly n: string;
  readonly e: string;
  readonly kid: string;
  readonly use: "sig";
  readonly alg: "RS256";
}
export interface JwkSet {
  readonly keys: readonly PublicKey[];
}

/** One generation of the key that signs access tokens. Generations are numbered from 1 without gaps. */
export interface SigningKey {
  readonly kid: string;
  readonly generation: number;
  readonly publicKey: PublicKey;
  /** PKCS #8 in DER, sealed; opens only for this kid. */
  readonly sealedPrivateKey: Uint8Array;
  /** System time from which it signs; it is published from the moment it exists. */
  readonly signsFrom: Date;
  /** Earlier generations are accepted no more: one of them may be in foreign hands. */
  readonly withdrawsEarlier: boolean;
}

export interface RotationRule {
  /** How long a new key is published before it signs, so that verifiers that cache the set know it. ms. */
  readonly leadMs: number;
  /** How long a replaced key stays published: at least the longest token's life. ms. */
  readonly overlapMs: number;
}

/** Those that no later one has withdrawn, the newest first. */
function inForce(keys: readonly SigningKey[]): readonly SigningKey[] {
  const ordered = [...keys].sort((a, b) => b.generation - a.generation);
  const first = ordered.findIndex(({ withdrawsEarlier }) => withdrawsEarlier);
  return first === -1 ? ordered : ordered.slice(0, first + 1);
}

/** The key that signs now: the newest one whose time has come. Undefined when there is none. */
export const signingKeyAt = (keys: readonly SigningKey[], now: Date): SigningKey | undefined =>
  inForce(keys).find((key) => key.signsFrom <= now);

/** Keys that a verifier must still accept: all that will sign, the one that signs, and replaced ones during the overlap unless they were withdrawn. */
export function publishedAt(keys: readonly SigningKey[], now: Date, rule: RotationRule): readonly SigningKey[] {
  const ordered = inForce(keys);
  return ordered.filter((_, place) => {
    const successor = ordered[place - 1];
    return successor === undefined || after(successor.signsFrom, rule.overlapMs) > now;
  });
}

/** The next generation: the first signs at once, and one that withdraws those before it; others after the lead. */
export function nextGeneration(
  keys: readonly SigningKey[],
  now: Date,
  { leadMs, withdraw = false }: RotationRule & { readonly withdraw?: boolean },
): Pick<SigningKey, "generation" | "signsFrom" | "withdrawsEarlier"> {
  const newest = Math.max(0, ...keys.map(({ generation }) => generation));
  const signsFrom = newest === 0 || withdraw ? now : after(now, leadMs);
  return { generation: newest + 1, signsFrom, withdrawsEarlier: withdraw };
}
