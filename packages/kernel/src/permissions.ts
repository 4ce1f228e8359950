import { AppError } from "./errors.js";

/** Staff of the BSP, members of a client business, and our own services. */
export const roles = [
  "platform_admin",
  "onboarding_agent",
  "template_reviewer",
  "billing_admin",
  "auditor",
  "owner",
  "developer",
  "billing_viewer",
  "service",
] as const;
export type Role = (typeof roles)[number];

export const staffRoles: readonly Role[] = [
  "platform_admin",
  "onboarding_agent",
  "template_reviewer",
  "billing_admin",
  "auditor",
];

export const memberRoles: readonly Role[] = ["owner", "developer", "billing_viewer"];

/** One word of permission: what it does to the data, who holds it, and where its limits are. */
export interface PermissionRow {
  /** A suspended tenant keeps what reads and loses what writes. */
  readonly kind: "read" | "write";
  readonly roles: readonly Role[];
  /** Needs a person who signed in for herself: never a scope of an API key, never part of an act-as grant. */
  readonly inPerson?: true;
  /** Only ever takes access away, so that a suspended tenant can still withdraw a leaked key. */
  readonly evenSuspended?: true;
}

const read = (...roles: readonly Role[]): PermissionRow => ({ kind: "read", roles });
const write = (...roles: readonly Role[]): PermissionRow => ({ kind: "write", roles });
const inPerson = (row: PermissionRow): PermissionRow => ({ ...row, inPerson: true });
const evenSuspended = (row: PermissionRow): PermissionRow => ({ ...row, evenSuspended: true });

/**
 * The one table of permissions: a new word is a line here and a `@Requires` where it is asked for. `service` holds what its system call
 * names. Words that a client's roles hold are scopes of API keys as well, unless they are `inPerson`.
 */
export const permissionTable = {
  "tenant:read": read(...staffRoles, "owner", "developer", "billing_viewer"),
  "tenant:list": read(...staffRoles),
  "tenant:create": write("platform_admin", "onboarding_agent"),
  "tenant:write": write("platform_admin", "onboarding_agent"),
  "tenant:settings": write("platform_admin", "onboarding_agent", "owner"),
  /** Ends erasure for a while: a duty towards a court, so it outranks the client's own wish. */
  "tenant:hold": write("platform_admin"),
  "tenant:act-for": inPerson(write("platform_admin", "onboarding_agent", "template_reviewer", "billing_admin")),
  /** A client's owner ends any visit in the client; staff end their own, a platform admin anybody's. */
  "grant:revoke": evenSuspended(
    inPerson(write("platform_admin", "onboarding_agent", "template_reviewer", "billing_admin", "owner")),
  ),
  "key:read": read("platform_admin", "onboarding_agent", "auditor", "owner", "developer"),
  "key:write": inPerson(write("owner", "developer")),
  "key:revoke": evenSuspended(inPerson(write("platform_admin", "owner", "developer"))),
  /** Tokens and keys: no person issues a token by hand; the platform's own start and sign-in do. */
  "identity:issue": inPerson(write()),
  /** To sign in, to accept an invitation: what somebody without a token may do. No role holds it. */
  "identity:enter": inPerson(write()),
  /** One's own password, second factor and sessions. */
  "identity:self": evenSuspended(inPerson(write(...staffRoles, ...memberRoles))),
  "identity:operate": inPerson(write("platform_admin")),
  "person:read": read("platform_admin", "onboarding_agent", "auditor", "owner"),
  /** Staff invite the first people of a client below them; owners and platform admins also their own colleagues. */
  "person:invite": inPerson(write("platform_admin", "onboarding_agent", "owner")),
  "person:write": inPerson(write("platform_admin", "owner")),
  "audit:read": read("platform_admin", "auditor", "owner"),
  "consent:read": read("platform_admin", "auditor", "owner", "developer"),
  "consent:write": write("platform_admin", "owner", "developer"),
  "privacy:read": read("platform_admin", "owner"),
  /** A person's data leaves the house, or is gone for ever. */
  "privacy:write": write("platform_admin", "owner"),
  "onboarding:read": read("platform_admin", "onboarding_agent", "auditor", "owner", "developer"),
  "onboarding:write": write("platform_admin", "onboarding_agent", "owner"),
  "badge:read": read("platform_admin", "onboarding_agent", "auditor", "owner", "developer"),
  "badge:write": write("platform_admin", "onboarding_agent", "owner"),
  "badge:review": write("platform_admin", "onboarding_agent"),
  "template:read": read("platform_admin", "onboarding_agent", "template_reviewer", "auditor", "owner", "developer"),
  "template:write": write("platform_admin", "owner", "developer"),
  "template:submit": write("platform_admin", "owner", "developer"),
  "template:review": write("platform_admin", "template_reviewer"),
  "billing:read": read("platform_admin", "billing_admin", "auditor", "owner", "billing_viewer"),
  "billing:list": read("platform_admin", "billing_admin", "auditor"),
  "billing:write": write("platform_admin", "billing_admin"),
  "billing:cost": read("platform_admin", "billing_admin", "auditor"),
  /** The least margin of every plan, and to let one pass below it. */
  "billing:floor": write("platform_admin"),
  /** What a message would cost, and money held back for it: whoever sends. */
  "charge:estimate": read("platform_admin", "billing_admin", "auditor", "owner", "developer", "billing_viewer"),
  "charge:reserve": write("platform_admin", "owner", "developer"),
  "budget:write": write("platform_admin", "billing_admin", "owner"),
  "webhook:read": read("platform_admin", "billing_admin", "auditor", "owner", "developer", "billing_viewer"),
  "webhook:operate": write("platform_admin"),
  /** The stream of what happens in a business; each kind of event needs the word for reading such things beside it. */
  "event:read": read("platform_admin", "auditor", "owner", "developer", "billing_viewer"),
  "endpoint:read": read("platform_admin", "onboarding_agent", "auditor", "owner", "developer"),
  "endpoint:write": write("platform_admin", "owner", "developer"),
} satisfies Record<string, PermissionRow>;

export type Permission = keyof typeof permissionTable;
export const permissions = Object.keys(permissionTable) as Permission[];

const known: ReadonlySet<string> = new Set(permissions);

/** Words that came from another process: one that this process, being older, does not know opens nothing here and is left out. */
export const knownPermissions = (words: readonly string[]): Permission[] =>
  words.filter((word): word is Permission => known.has(word));

const rowOf = (word: Permission): PermissionRow => permissionTable[word];

/** Union of what the roles hold. */
export const permissionsOf = (held: readonly Role[]): ReadonlySet<Permission> =>
  new Set(permissions.filter((word) => rowOf(word).roles.some((role) => held.includes(role))));

/** False for words that only a person who signed in for herself may use: keys and act-as grants never carry those. */
export const mayBeDelegated = (word: Permission): boolean => rowOf(word).inPerson !== true;

/** What an API key may be given at most: delegable words that a client's own roles hold. */
export const keyScopes: readonly Permission[] = permissions.filter(
  (word) => mayBeDelegated(word) && rowOf(word).roles.some((role) => memberRoles.includes(role)),
);

export const readsOnly = (word: Permission): boolean => rowOf(word).kind === "read";

/** How a tenant stands, its ancestors included: a suspended reseller suspends everybody below it. */
export const tenantStandings = ["open", "suspended", "closed"] as const;
export type TenantStanding = (typeof tenantStandings)[number];

/** What is left of the permissions when the tenant stands so. */
export const leftIn = (standing: TenantStanding, held: ReadonlySet<Permission>): ReadonlySet<Permission> =>
  new Set([...held].filter((word) => isLeft(standing, rowOf(word))));

const isLeft = (standing: TenantStanding, { kind, evenSuspended: always }: PermissionRow): boolean =>
  standing === "open" || kind === "read" || (standing === "suspended" && always === true);

/** Who asks, as far as a permission is concerned; a Call is one. */
export interface Asking {
  readonly permissions: ReadonlySet<Permission>;
  /** What it would hold if its tenant were open. */
  readonly withheld?: Withheld;
  readonly actor?: { readonly kind: string };
}
export interface Withheld {
  readonly standing: Exclude<TenantStanding, "open">;
  readonly permissions: ReadonlySet<Permission>;
}

/**
 * Asked by the resolver's declaration and again in the use case. @throws FORBIDDEN/permission_missing naming the word;
 * FORBIDDEN/tenant_suspended or FORBIDDEN/tenant_closed when only the tenant's standing is in the way.
 */
export function allow(asking: Asking, word: Permission): void {
  if (asking.permissions.has(word)) return;
  const { withheld, actor } = asking;
  if (withheld?.permissions.has(word) === true) throw inTheWay(withheld.standing, word);
  throw new AppError("FORBIDDEN", "permission_missing", missing(word, actor?.kind === "api_key"), { permission: word });
}

/** What to do about a missing word. The way in is closed to whoever is in: no role would open it. */
const missing = (word: Permission, isKey: boolean): string => {
  if (word === "identity:enter")
    return "This is for somebody who is not signed in yet. Send it without the Authorization header.";
  return isKey
    ? `This API key lacks the scope ${word}. Create a key that has it, or ask a person who holds the permission.`
    : `This needs the permission ${word}. Ask an owner or platform admin for a role that holds it.`;
};

const inTheWay = (standing: Withheld["standing"], permission: Permission): AppError =>
  standing === "suspended"
    ? new AppError(
        "FORBIDDEN",
        "tenant_suspended",
        "This business is suspended: it can be read, and nothing in it can be changed. The provider, or the reseller above it, can resume it; ask their staff.",
        { permission },
      )
    : new AppError(
        "FORBIDDEN",
        "tenant_closed",
        "This business is closed: its owner can read it until its retention ends, and nothing in it changes any more.",
        { permission },
      );
