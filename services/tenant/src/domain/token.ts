import { badInput, type Role } from "@greentick/kernel";
import { tenantErrors } from "./errors.js";
import { type ActAsGrant } from "./grant.js";
import { type Person, type PersonKind, rolesIn } from "./person.js";
import { sideOf } from "./roster.js";
import { type Tenant } from "./tenant.js";

const tokenIssuer = "greentick";
const tokenAudience = "greentick-api";
/** No token lives longer than a day, so a withdrawn signing key is forgotten within one. */
export const maxTokenSeconds = 86_400;

/** What an access token says. Names are short because the token travels with every request. */
export interface TokenClaims {
  readonly iss: typeof tokenIssuer;
  readonly aud: typeof tokenAudience;
  /** The person; in an act-as token the client tenant on whose behalf is acted (RFC 8693 §4.1). */
  readonly sub: string;
  /** Tenant in which the token is good. */
  readonly tid: string;
  /** From the parent of `tid` up to the root. */
  readonly anc: readonly string[];
  readonly live: boolean;
  /** Whether lists below the tenant may be read: it is the provider or a reseller. */
  readonly stf: boolean;
  readonly rol: readonly Role[];
  readonly kind: PersonKind;
  /** The staff person who really acts. */
  readonly act?: { readonly sub: string };
  /** The act-as grant that this token stands on. */
  readonly jti?: string;
  /** Unix seconds, system time. */
  readonly iat: number;
  readonly exp: number;
}

const seconds = (instant: Date): number => Math.floor(instant.getTime() / 1000);

export interface Lifetime {
  /** System time. */
  readonly now: Date;
  readonly ttlSeconds: number;
  readonly sessionId?: string;
}

/** A person's own token. @throws FORBIDDEN/no_role_in_tenant, CONFLICT/tenant_closed, BAD_USER_INPUT for a lifetime outside 1 s … 24 h. */
export function ownClaims(person: Person, tenant: Tenant, life: Lifetime): TokenClaims {
  const roles = rolesIn(person, tenant.id);
  if (roles.length === 0) throw tenantErrors.noRoleHere(person.id, tenant.id);
  if (!isOpenTo(roles, tenant)) throw tenantErrors.closed(tenant.id);
  if (!Number.isInteger(life.ttlSeconds) || life.ttlSeconds < 1 || life.ttlSeconds > maxTokenSeconds)
    throw badInput("ttlSeconds", `must be a whole number from 1 to ${maxTokenSeconds}`);
  const side = sideOf(tenant);
  return {
    ...inTenant(tenant),
    sub: person.id,
    stf: side === "staff",
    rol: roles,
    kind: side,
    ...(life.sessionId !== undefined && { sid: life.sessionId }),
    iat: seconds(life.now),
    exp: seconds(life.now) + life.ttlSeconds,
  };
}

/** A closed tenant is still open to its owner, for reading, until what it kept is erased. */
export const isOpenTo = (roles: readonly Role[], { status, erasedAt }: Tenant): boolean =>
  status !== "closed" || (roles.includes("owner") && erasedAt === undefined);

/** A staff person's token in a client: the staff person's roles, no view beside the client, ends with the grant. */
export function actAsClaims(grant: ActAsGrant, client: Tenant): TokenClaims {
  return {
    ...inTenant(client),
    sub: client.id,
    stf: false,
    rol: grant.roles,
    kind: "staff",
    act: { sub: grant.staffId },
    jti: grant.id,
    iat: seconds(grant.grantedAt),
    exp: seconds(grant.until),
  };
}

const inTenant = (tenant: Tenant): Pick<TokenClaims, "iss" | "aud" | "tid" | "anc" | "live"> => ({
  iss: tokenIssuer,
  aud: tokenAudience,
  tid: tenant.id,
  anc: tenant.ancestorIds,
  live: tenant.livemode,
});
