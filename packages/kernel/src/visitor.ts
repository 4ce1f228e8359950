import { type Actor } from "./call.js";
import { type TenantId } from "./ids.js";
import { type Permission } from "./permissions.js";

/** Where somebody is who has not signed in: a tenant of this id never exists, so whatever asks by tenant finds nothing. */
export const visitorTenantId = `ten_${"0".repeat(26)}` as TenantId;

/** Somebody without a token. */
export const visitorActor: Actor = { kind: "visitor", id: "visitor" };

/** All that a visitor may do: no role holds it, and nobody who has signed in needs it. */
export const visitorPermissions: ReadonlySet<Permission> = new Set(["identity:enter"]);
