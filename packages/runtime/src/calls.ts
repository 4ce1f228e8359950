import {
  type Actor,
  type Call,
  type Clock,
  type EventEnvelope,
  type Id,
  type IdKind,
  type Log,
  leftIn,
  makeId,
  permissionsOf,
  type Permission,
  type RandomBytes,
  type Role,
  type TenantId,
  type TenantStanding,
} from "@greentick/kernel";
import { type Clocks } from "./clocks.js";

/** What a token or a signed header says about a caller. */
export interface CallClaims {
  readonly actor: Actor;
  readonly onBehalfOf?: Actor;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly staff: boolean;
  readonly roles: readonly Role[];
  /** Exactly what the caller holds: an API key's scopes, an act-as grant's. Default: what the roles hold. */
  readonly permissions?: readonly Permission[];
  /** How the tenant stands; what it loses by that is withheld. Default: open. */
  readonly tenantStanding?: TenantStanding;
  readonly keyId?: string;
  readonly sessionId?: string;
  readonly grantId?: string;
}

export interface RequestFacts {
  readonly requestId: string;
  readonly ip?: string;
  readonly userAgent?: string;
  readonly locale?: string;
  readonly idempotencyKey?: string;
  readonly traceparent?: string;
  readonly deadline?: Date;
}

/** The tenant a system call works in. */
export interface TenantRef {
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
}

/** The one place in which Calls are made: from a caller's claims, from an event, or for a service's own work. */
export interface CallFactory {
  readonly fromClaims: (claims: CallClaims, request: RequestFacts) => Call;
  /** A handler's call: the service acts, in the event's tenant, with exactly these permissions. */
  readonly fromEvent: (service: string, event: EventEnvelope, permissions?: readonly Permission[]) => Call;
  readonly system: (service: string, tenant: TenantRef, permissions?: readonly Permission[]) => Call;
  readonly newId: <K extends IdKind>(kind: K) => Id<K>;
}

type Base = (
  tenant: TenantRef,
  requestId: string,
) => Pick<Call, "now" | "systemNow" | "newId" | "log" | "requestId" | "locale">;

/** A service's own call: it acts in the tenant, with exactly what it is granted. */
const ownCall =
  (base: Base) =>
  (
    service: string,
    tenant: TenantRef,
    { granted, requestId }: { readonly granted: readonly Permission[]; readonly requestId: string },
  ): Call => ({
    ...base(tenant, requestId),
    actor: { kind: "service", id: service },
    tenantId: tenant.tenantId,
    ancestorIds: tenant.ancestorIds,
    livemode: tenant.livemode,
    staff: false,
    permissions: new Set(granted),
    correlationId: requestId,
  });

/** What the caller may do, and what it may not do only because of how its tenant stands. */
function heldBy({ roles, permissions, tenantStanding = "open" }: CallClaims): Pick<Call, "permissions" | "withheld"> {
  const all = permissions === undefined ? permissionsOf(roles) : new Set(permissions);
  if (tenantStanding === "open") return { permissions: all };
  return { permissions: leftIn(tenantStanding, all), withheld: { standing: tenantStanding, permissions: all } };
}

const behind = ({ keyId, sessionId, grantId }: CallClaims): Pick<Call, "keyId" | "sessionId" | "grantId"> => ({
  ...(keyId !== undefined && { keyId }),
  ...(sessionId !== undefined && { sessionId }),
  ...(grantId !== undefined && { grantId }),
});

export function callFactory(parts: {
  readonly clocks: Clocks;
  readonly randomBytes: RandomBytes;
  readonly log: Log;
}): CallFactory {
  const { clocks, log } = parts;
  const newId = <K extends IdKind>(kind: K, now: Clock = clocks.system): Id<K> =>
    makeId(kind, now().getTime(), parts.randomBytes(10));
  const base: Base = (tenant, requestId) => {
    const now = clocks.business(tenant.livemode);
    return {
      now,
      systemNow: clocks.system,
      newId: (kind) => newId(kind, now),
      log: log.child({ requestId, tenantId: tenant.tenantId }),
      requestId,
      locale: "en",
    };
  };
  const own = ownCall(base);
  return {
    newId: (kind) => newId(kind),
    fromClaims: (claims, request) => ({
      ...base(claims, request.requestId),
      actor: claims.actor,
      ...(claims.onBehalfOf && { onBehalfOf: claims.onBehalfOf }),
      tenantId: claims.tenantId,
      ancestorIds: claims.ancestorIds,
      livemode: claims.livemode,
      staff: claims.staff,
      ...heldBy(claims),
      ...behind(claims),
      correlationId: request.requestId,
      ...(request.ip !== undefined && { ip: request.ip }),
      ...(request.userAgent !== undefined && { userAgent: request.userAgent }),
      ...(request.locale !== undefined && { locale: request.locale }),
      ...(request.idempotencyKey !== undefined && { idempotencyKey: request.idempotencyKey }),
      ...(request.traceparent !== undefined && { traceparent: request.traceparent }),
      ...(request.deadline && { deadline: request.deadline }),
    }),
    fromEvent: (service, event, granted = []) => ({
      ...own(service, event, { granted, requestId: event.requestId }),
      causationId: event.id,
      correlationId: event.correlationId,
      ...(event.traceparent !== undefined && { traceparent: event.traceparent }),
    }),
    system: (service, tenant, granted = []) => own(service, tenant, { granted, requestId: newId("request") }),
  };
}
