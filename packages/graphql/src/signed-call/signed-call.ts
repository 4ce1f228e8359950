import { createHash, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import {
  type ActorKind,
  type Clock,
  isId,
  knownPermissions,
  roles,
  type TenantId,
  tenantStandings,
  unauthenticated,
} from "@greentick/kernel";
import { type CallClaims, type RequestFacts } from "@greentick/runtime";
import { sign, verify } from "jsonwebtoken";
import { z } from "zod";

/** The header under which the gateway tells a service who asks. */
export const signedCallHeader = "x-greentick-call";
/** A signed call is good for this long. */
export const signedCallSeconds = 30;

const issuer = "greentick-gateway";
const shortestSecretBytes = 32;

export interface SignedCall {
  readonly claims: CallClaims;
  readonly facts: RequestFacts;
}

/** One secret shared by the gateway and its services. Kept as a KeyObject: a string secret would be parsed anew for every call. */
export class CallSecret {
  readonly key: KeyObject;
  /** @throws RangeError for fewer than 32 bytes. */
  constructor(secret: Uint8Array) {
    if (secret.length < shortestSecretBytes)
      throw new RangeError(
        `the secret for signed calls must have at least ${shortestSecretBytes} bytes, it has ${secret.length}`,
      );
    this.key = createSecretKey(secret);
  }
}

const sha256 = (body: Buffer | string): Buffer => createHash("sha256").update(body).digest();

export interface SignParts {
  readonly secret: CallSecret;
  readonly now: Clock;
  /** The service it is for; another one refuses it. */
  readonly service: string;
  /** The exact bytes that are sent. */
  readonly body: string;
}

/** Signs who asks, about which request, for one service and one body. */
export function signCall(call: SignedCall, { secret, now, service, body }: SignParts): string {
  const iat = Math.floor(now().getTime() / 1000);
  const payload = { call: { ...call, body: sha256(body).toString("base64url") }, iat, exp: iat + signedCallSeconds };
  return sign(payload, secret.key, { algorithm: "HS256", issuer, audience: service });
}

export interface VerifyParts {
  readonly secret: CallSecret;
  readonly now: Clock;
  readonly service: string;
}

/**
 * Who asks, as the gateway said it. @throws AppError UNAUTHENTICATED/call_not_signed when the header is missing, was signed with another
 * secret or for another service, is older than 30 s, or belongs to another body.
 */
export function verifyCall(header: string | undefined, rawBody: Buffer, parts: VerifyParts): SignedCall {
  const call = header === undefined ? undefined : opened(header, parts);
  if (call === undefined || !sameBytes(Buffer.from(call.body, "base64url"), sha256(rawBody)))
    throw unauthenticated("call_not_signed", "This service answers only calls that the gateway has signed.");
  return { claims: call.claims, facts: call.facts };
}

const sameBytes = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

function opened(
  header: string,
  { secret, now, service }: VerifyParts,
): (SignedCall & { readonly body: string }) | undefined {
  try {
    const payload = verify(header, secret.key, {
      algorithms: ["HS256"],
      issuer,
      audience: service,
      clockTimestamp: Math.floor(now().getTime() / 1000),
      maxAge: signedCallSeconds,
    });
    return signedPayload.parse(payload).call;
  } catch {
    return undefined;
  }
}

const actorKinds = [
  "staff",
  "member",
  "api_key",
  "service",
  "provider",
  "tenant",
  "visitor",
] as const satisfies readonly ActorKind[];
const actor = z.object({ kind: z.enum(actorKinds), id: z.string() });
const tenantId = z.custom<TenantId>((value) => isId("tenant", value));
const signedPayload = z.object({
  call: z.object({
    body: z.string(),
    claims: z
      .object({
        actor,
        onBehalfOf: actor.optional(),
        tenantId,
        ancestorIds: z.array(tenantId),
        livemode: z.boolean(),
        staff: z.boolean(),
        roles: z.array(z.enum(roles)),
        permissions: z.array(z.string()).transform(knownPermissions).optional(),
        tenantStanding: z.enum(tenantStandings).optional(),
        keyId: z.string().optional(),
        sessionId: z.string().optional(),
        grantId: z.string().optional(),
      })
      .transform(withoutUndefined),
    facts: z
      .object({
        requestId: z.string(),
        ip: z.string().optional(),
        userAgent: z.string().optional(),
        locale: z.string().optional(),
        idempotencyKey: z.string().optional(),
        traceparent: z.string().optional(),
        deadline: z.coerce.date().optional(),
      })
      .transform(withoutUndefined),
  }),
});

type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> };
/** JSON knows no undefined; the types here do not either. */
function withoutUndefined<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Present<T>;
}
