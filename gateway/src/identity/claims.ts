import { type Id, isId, type PersonId, roles, type TenantId } from "@greentick/kernel";
import { type CallClaims } from "@greentick/runtime";
import { z } from "zod";

const tenantId = z.custom<TenantId>((value) => isId("tenant", value), "not a tenant id");
const grantId = z.custom<Id<"grant">>((value) => isId("grant", value), "not a grant id");
const sessionId = z.custom<Id<"session">>((value) => isId("session", value), "not a session id");
const personId = z.custom<PersonId>((value) => isId("person", value), "not a person id");

/** What an access token of ours says; anything else in it is ignored. */
const accessToken = z.object({
  sub: z.string().min(1).max(64),
  tid: tenantId,
  anc: z.array(tenantId).max(16),
  live: z.boolean(),
  stf: z.boolean(),
  rol: z.array(z.enum(roles)).max(roles.length),
  kind: z.enum(["staff", "member"]),
  act: z.object({ sub: personId }).optional(),
  jti: grantId.optional(),
  sid: sessionId.optional(),
  iat: z.number(),
  nbf: z.number().optional(),
  exp: z.number(),
});

/** Clocks of two machines may differ by this much. */
const clockLeewaySeconds = 60;

/**
 * The verified payload as the runtime's claims, or undefined when it does not have the shape of an access token, or says that it starts more
 * than the leeway from now. With `act` a staff person acts in a client's tenant and is the actor (RFC 8693 §4.1), on the grant named by `jti`.
 */
export function claimsOf(payload: unknown, nowSeconds: number): CallClaims | undefined {
  const parsed = accessToken.safeParse(payload);
  if (!parsed.success) return undefined;
  const { sub, act, jti, sid, iat, nbf } = parsed.data;
  if (Math.max(iat, nbf ?? iat) > nowSeconds + clockLeewaySeconds) return undefined;
  const common = { ...placeOf(parsed.data), ...(sid !== undefined && { sessionId: sid }) };
  if (act === undefined) return { ...common, actor: { kind: parsed.data.kind, id: sub } };
  if (jti === undefined) return undefined;
  const onBehalfOf = { kind: "tenant", id: parsed.data.tid } as const;
  return { ...common, actor: { kind: "staff", id: act.sub }, onBehalfOf, grantId: jti };
}

const placeOf = ({ tid, anc, live, stf, rol }: z.infer<typeof accessToken>): Omit<CallClaims, "actor"> => ({
  tenantId: tid,
  ancestorIds: anc,
  livemode: live,
  staff: stf,
  roles: rol.filter((role) => role !== "service"),
});
