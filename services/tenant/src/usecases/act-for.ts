import { actAsGranted, event } from "@greentick/contracts";
import { allow, type Call, type PersonId, tenantScope, underScope } from "@greentick/kernel";
import { tenantErrors } from "../domain/errors.js";
import { type ActAsGrant, grantActAs } from "../domain/grant.js";
import { actAsClaims } from "../domain/token.js";
import { type GrantStore, type PersonStore, type TenantStore } from "../ports.js";
import { type IssuedToken, type SignToken } from "./sign-in.js";

interface ActForInput {
  /** A tenant below the caller's. */
  readonly tenantId: string;
  /** The client reads it. */
  readonly reason: string;
  /** 1 to 60. */
  readonly minutes: number;
  /** Words of permission the staff person holds. Default: what only reads. */
  readonly scopes?: readonly string[];
}
export type ActFor = (call: Call, input: ActForInput) => Promise<IssuedToken & { readonly grant: ActAsGrant }>;

/**
 * Lets a staff person act for a client for a while. The grant is written to the client first, then the token is signed: a token
 * without a visible grant cannot exist. Nobody acts from within an act-as token: the permission is never part of a grant.
 * @throws NOT_FOUND/tenant_not_found for a tenant that is not below the caller's, FORBIDDEN/scope_not_held.
 */
export const actFor =
  (ports: {
    readonly tenants: TenantStore;
    readonly people: PersonStore;
    readonly grants: GrantStore;
    readonly sign: SignToken;
  }): ActFor =>
  async (call, { tenantId, reason, minutes, scopes }) => {
    allow(call, "tenant:act-for");
    const client = await ports.tenants.get(underScope(call), tenantId);
    const staff = await ports.people.find(tenantScope(call), call.actor.id as PersonId);
    if (staff === undefined) throw tenantErrors.staffOnly();
    const now = call.systemNow();
    /** Who is at home elsewhere acts from where she is now, with the roles she holds there. */
    const here = { ...staff, tenantId: call.tenantId, kind: "staff" as const };
    const grant = grantActAs(here, client, {
      id: call.newId("grant"),
      reason,
      minutes,
      held: call.permissions,
      now,
      ...(scopes && { scopes }),
      ...(call.sessionId !== undefined && { sessionId: call.sessionId }),
    });
    const granted = event(
      actAsGranted,
      { grantId: grant.id, staffId: staff.id, until: grant.until, scopes: [...grant.scopes] },
      { reason: grant.reason },
    );
    const kept = await ports.grants.insert(call, grant, [granted]);
    call.log.info({ grantId: kept.id, clientId: client.id, until: kept.until }, "act-as granted");
    return { ...(await ports.sign(actAsClaims(kept, client), now)), grant: kept };
  };
