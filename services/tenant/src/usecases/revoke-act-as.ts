import { actAsRevoked, event } from "@greentick/contracts";
import { allow, type Call, underScope, tenantScope } from "@greentick/kernel";
import { tenantErrors } from "../domain/errors.js";
import { type ActAsGrant, revokeGrant } from "../domain/grant.js";
import { type GrantStore } from "../ports.js";

export interface RevokeActAsInput {
  readonly grantId: string;
  /** Both sides read it. */
  readonly reason: string;
}
export type RevokeActAs = (call: Call, input: RevokeActAsInput) => Promise<ActAsGrant>;

/**
 * Ends somebody's visit in a client: the client's owner any, staff their own, a platform admin every one below. Safe to repeat.
 * @throws NOT_FOUND/act_as_grant_not_found, also for a colleague's grant.
 */
export const revokeActAs =
  ({ grants }: { readonly grants: GrantStore }): RevokeActAs =>
  async (call, { grantId, reason }) => {
    allow(call, "grant:revoke");
    const grant = await grants.find(call.staff ? underScope(call) : tenantScope(call), grantId);
    const isTheirs = !call.staff || grant?.staffId === call.actor.id || call.permissions.has("identity:operate");
    if (grant === undefined || !isTheirs) throw tenantErrors.grantNotFound(grantId);
    const revoked = revokeGrant(grant, { reason, by: call.actor, now: call.systemNow() });
    if (revoked === undefined) return grant;
    const data = { grantId: grant.id, staffId: grant.staffId };
    call.log.info({ grantId: grant.id, clientId: grant.tenantId }, "act-as revoked");
    return grants.save(call, revoked, [event(actAsRevoked, data, { reason: revoked.revokedReason ?? reason })]);
  };
