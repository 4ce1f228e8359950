import { after, type AppError, type Call } from "@greentick/kernel";
import { peopleErrors } from "../../domain/people-errors.js";
import { isOpen } from "../../domain/session.js";
import {
  currentSession,
  lacksFactor,
  lifeMsOf,
  membershipsOf,
  openSession,
  type SessionPorts,
  type SignedIn,
} from "./sessions.js";

/**
 * A session in another tenant of the same person, on the strength of this one: it lives as long as if the person had signed in there when she
 * proved herself, so switching to and fro makes nothing last longer, and where a sign-in of that age would be over she signs in anew. @throws
 * FORBIDDEN/session_required, FORBIDDEN/second_factor_required, FORBIDDEN/sign_in_too_old, NOT_FOUND/tenant_not_found,
 * CONFLICT/in_tenant_already.
 */
export const switchTenant =
  (ports: SessionPorts, noTenant: (id: string) => AppError) =>
  async (call: Call, tenantId: string): Promise<SignedIn> => {
    const session = await currentSession(ports, call);
    const now = call.systemNow();
    if (!isOpen(session, now)) throw peopleErrors.sessionOver();
    const { personId, means, authenticatedAt } = session;
    const memberships = await membershipsOf(ports, { id: personId, tenantId: session.tenantId });
    const membership = memberships.find(({ tenant }) => tenant.id === tenantId);
    if (membership === undefined) throw noTenant(tenantId);
    if (tenantId === session.tenantId) throw peopleErrors.inTenantAlready();
    if (lacksFactor(membership, means, ports.rules)) throw peopleErrors.factorRequired();
    if (after(authenticatedAt, lifeMsOf(membership, ports.rules)) <= now) throw peopleErrors.signInTooOld();
    return openSession(ports, call, { personId, membership, memberships, means, authenticatedAt });
  };
