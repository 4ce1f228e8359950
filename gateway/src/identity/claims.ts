import { isId, type PersonId, roles, type TenantId } from "@greentick/kernel";
import { type CallClaims } from "@greentick/runtime";
import { z } from "zod";

const tenantId = z.custom<TenantId>((value) => isId("tenant", value), "not a tenant id");
const personId = z.custom<PersonId>((value) => isId("person", value), "not a person id");

/** What an access token of ours says; anything else in it is ignored. */
const accessToken = z.object({
  sub: z.string().min(1).max(64),
  tid: tenantId,
  anc: z.array(tenantId).max(16),
  live: z.boolean(),
  stf: z.boolean(),
  rol: z.array(z.enum(roles)).max(roles.length),
  kind: z.enum(["staff", "member", "api_key"]),
  act: z.object({ sub: personId }).optional(),
  iat: z.number(),
  exp: z.number(),
});

/** Clocks of two machines may differ by this much. */
const clockLeewaySeconds = 60;

/**
 * The verified payload as the runtime's claims, or undefined when it does not have the shape of an access token. With `act` a staff person
 * acts in a client's tenant and is the actor (RFC 8693 §4.1).
 */
export function claimsOf(payload: unknown, nowSeconds: number): CallClaims | undefined {
  const parsed = accessToken.safeParse(payload);
  if (!parsed.success || parsed.data.iat > nowSeconds + clockLeewaySeconds) return undefined;
  const { sub, tid, anc, live, stf, rol, kind, act } = parsed.data;
  return {
    actor: act === undefined ? { kind, id: sub } : { kind: "staff", id: act.sub },
    tenantId: tid,
    ancestorIds: anc,
    livemode: live,
    staff: stf,
    roles: rol.filter((role) => role !== "service"),
  };
}
