import { AppError } from "@greentick/kernel";

/** Everything that can go wrong here on one screen: code says what to do, reason is the stable word for machines. */
export const tenantErrors = {
  notFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "tenant_not_found", `There is no tenant ${id} in your part of the tree.`, {
      tenantId: id,
    }),
  noProvider: (): AppError =>
    new AppError("NOT_FOUND", "provider_not_found", "This deployment has no provider tenant yet. Start it once."),
  kindNotAllowed: (parent: string, child: string): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "tenant_kind_not_allowed",
      `A ${parent} cannot have a ${child} below it: providers hold resellers and clients, resellers hold clients, clients hold branches.`,
      { parent, child },
    ),
  liveUnderSandbox: (): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "live_under_sandbox",
      "A live tenant cannot be created below a sandbox one. Create it below a live tenant.",
    ),
  branchOfOtherMode: (): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "branch_of_other_mode",
      "A branch is live or sandbox as its client is. For trying out, make a branch of the client's sandbox twin.",
    ),
  twinNotPossible: (id: string): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "twin_not_possible",
      `The tenant ${id} is no live client: only those have a sandbox twin.`,
      {
        tenantId: id,
      },
    ),
  notInherited: (field: string): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "nothing_to_inherit",
      `${field}: only a branch can take it from above. Give a value instead of null.`,
      { field },
    ),
  closedAlready: (id: string, since: Date): AppError =>
    new AppError("CONFLICT", "tenant_closed", `The tenant ${id} is closed already, since ${since.toISOString()}.`, {
      tenantId: id,
      since: since.toISOString(),
    }),
  openChildren: (id: string, count: number): AppError =>
    new AppError(
      "CONFLICT",
      "tenant_has_open_children",
      `The tenant ${id} has ${count} tenants below it that are not closed. Close those first.`,
      { tenantId: id, count },
    ),
  holdStands: (id: string): AppError =>
    new AppError("CONFLICT", "legal_hold_stands", `The tenant ${id} is under a legal hold already. Lift it first.`, {
      tenantId: id,
    }),
  noHold: (id: string): AppError =>
    new AppError("CONFLICT", "no_legal_hold", `The tenant ${id} is under no legal hold.`, { tenantId: id }),
  erasedAlready: (id: string): AppError =>
    new AppError(
      "CONFLICT",
      "tenant_erased",
      `The data of the tenant ${id} is erased; there is nothing left to hold.`,
      {
        tenantId: id,
      },
    ),
  transitionNotAllowed: (id: string, from: string, verb: string): AppError =>
    new AppError(
      "CONFLICT",
      "tenant_transition_not_allowed",
      `The tenant ${id} is ${from}; ${verb} is not possible from there.`,
      { tenantId: id, from, verb },
    ),
  providerStays: (): AppError =>
    new AppError(
      "CONFLICT",
      "provider_stays",
      "The provider itself cannot be suspended or closed: nobody could resume it.",
    ),
  closed: (id: string): AppError =>
    new AppError("CONFLICT", "tenant_closed", `The tenant ${id} is closed; nobody signs in to it.`, { tenantId: id }),
  personNotFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "person_not_found", `There is no person ${id} here.`, { personId: id }),
  emailTaken: (): AppError =>
    new AppError("CONFLICT", "email_taken", "A person with this e-mail address is already in this tenant."),
  rolesNotAllowed: (kind: string, roles: readonly string[]): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "roles_not_allowed",
      `These roles do not fit a ${kind} of this tenant: ${roles.join(", ")}. Staff roles belong to the provider and resellers, the others to clients.`,
      { kind, roles },
    ),
  noRoleHere: (personId: string, tenantId: string): AppError =>
    new AppError("FORBIDDEN", "no_role_in_tenant", `The person ${personId} holds no role in the tenant ${tenantId}.`, {
      personId,
      tenantId,
    }),
  notForOneself: (): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "act_for_own_tenant",
      "Acting for a client needs a tenant below your own; for your own tenant use your own token.",
    ),
  staffOnly: (): AppError =>
    new AppError(
      "FORBIDDEN",
      "staff_only",
      "Only a person of the provider's or a reseller's staff may act for a client.",
    ),
  grantNotFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "act_as_grant_not_found", `There is no act-as grant ${id} that you could revoke.`, {
      grantId: id,
    }),
  operatorsOnly: (): AppError =>
    new AppError(
      "FORBIDDEN",
      "staff_only",
      "Only the provider's own staff may do this, and not while acting for a client.",
    ),
  duplicate: (what: string): AppError =>
    new AppError("CONFLICT", "duplicate", `This ${what} exists already. Read it again and repeat.`, { what }),
  idempotencyMismatch: (key: string): AppError =>
    new AppError(
      "CONFLICT",
      "idempotency_mismatch",
      `The idempotency key ${key} was used before with another input. Use a new key for a new request.`,
    ),
};
