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

/** The one table of permissions: the word, and the roles that hold it. `service` holds what its system call names. */
export const permissionTable = {
  "tenant:read": [
    "platform_admin",
    "onboarding_agent",
    "template_reviewer",
    "billing_admin",
    "auditor",
    "owner",
    "developer",
    "billing_viewer",
  ],
  "tenant:list": ["platform_admin", "onboarding_agent", "template_reviewer", "billing_admin", "auditor"],
  "tenant:create": ["platform_admin", "onboarding_agent"],
  "tenant:write": ["platform_admin", "onboarding_agent"],
  "tenant:act-for": ["platform_admin", "onboarding_agent", "template_reviewer", "billing_admin"],
  /** Tokens and keys: no person issues a token by hand; the platform's own start and sign-in do. */
  "identity:issue": [],
  "identity:operate": ["platform_admin"],
  "audit:read": ["platform_admin", "auditor", "owner"],
  "onboarding:read": ["platform_admin", "onboarding_agent", "auditor", "owner", "developer"],
  "onboarding:write": ["platform_admin", "onboarding_agent", "owner"],
  "badge:read": ["platform_admin", "onboarding_agent", "auditor", "owner", "developer"],
  "badge:write": ["platform_admin", "onboarding_agent", "owner"],
  "badge:review": ["platform_admin", "onboarding_agent"],
  "template:read": ["platform_admin", "onboarding_agent", "template_reviewer", "auditor", "owner", "developer"],
  "template:write": ["platform_admin", "owner", "developer"],
  "template:submit": ["platform_admin", "owner", "developer"],
  "template:review": ["platform_admin", "template_reviewer"],
  "billing:read": ["platform_admin", "billing_admin", "auditor", "owner", "billing_viewer"],
  "billing:list": ["platform_admin", "billing_admin", "auditor"],
  "billing:write": ["platform_admin", "billing_admin"],
  "billing:cost": ["platform_admin", "billing_admin", "auditor"],
  "webhook:read": ["platform_admin", "billing_admin", "auditor", "owner", "developer", "billing_viewer"],
  "webhook:operate": ["platform_admin"],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof permissionTable;
export const permissions = Object.keys(permissionTable) as Permission[];

/** Union of what the roles hold. */
export function permissionsOf(held: readonly Role[]): ReadonlySet<Permission> {
  return new Set(
    permissions.filter((word) => (permissionTable[word] as readonly Role[]).some((role) => held.includes(role))),
  );
}

/** Asked by the resolver's declaration and again in the use case. @throws FORBIDDEN/permission_missing naming the word. */
export function allow(call: { readonly permissions: ReadonlySet<Permission> }, word: Permission): void {
  if (!call.permissions.has(word))
    throw new AppError(
      "FORBIDDEN",
      "permission_missing",
      `This needs the permission ${word}. Ask an owner or platform admin for a role that holds it.`,
      {
        permission: word,
      },
    );
}
