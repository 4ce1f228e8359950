import { credentialsChanged, type DataOf, event, invitationAccepted, personAdded } from "@greentick/contracts";
import {
  allow,
  AppError,
  type Call,
  type DomainEvent,
  permissionsOf,
  type PersonId,
  systemScope,
  tenantScope,
} from "@greentick/kernel";
import { type Account, withPassword } from "../../domain/account.js";
import { accept, type Invitation, statusAt } from "../../domain/invitation.js";
import { inviteRight, type InviteRight } from "../../domain/inviting.js";
import { peopleErrors } from "../../domain/people-errors.js";
import { type Person } from "../../domain/person.js";
import { entryOf, hasAdmin, heldIn, join, personName, sideOf } from "../../domain/roster.js";
import { standingOf } from "../../domain/standing.js";
import { type Tenant } from "../../domain/tenant.js";
import { asPerson } from "./as-person.js";
import { type EnterPorts } from "./enter-ports.js";
import { linkTarget } from "./links.js";
import { keptPassword } from "./new-password.js";
import { changeRoster, rosterOf } from "./rosters.js";

const signingIn = systemScope("sign-in");

export interface AcceptInput {
  readonly token: string;
  /** Default: the name in the invitation. Of somebody with an account the account's name stays. */
  readonly name?: string;
  /** A new one, or that of the account which the address has already. */
  readonly password: string;
  readonly code?: string;
}

export interface Accepted {
  readonly tenant: Tenant;
  readonly personId: PersonId;
}

/** The invitation behind a link. @throws NOT_FOUND/link_not_good. */
export async function invited({ invitations, secrets }: EnterPorts, call: Call, token: string): Promise<Invitation> {
  const id = linkTarget(token);
  const invitation = id === undefined ? undefined : await invitations.find(signingIn, id);
  const good = invitation?.tokenHash === secrets.hashOf(token) && statusAt(invitation, call.systemNow()) === "open";
  if (invitation === undefined || !good) throw peopleErrors.linkNotGood();
  return invitation;
}

/**
 * Joins the tenant of an invitation: with a new account, or with the one that the address has, whose password must be right. The link works
 * once, and only while whoever sent it may still invite. @throws NOT_FOUND/link_not_good, FORBIDDEN/tenant_suspended,
 * BAD_USER_INPUT/password_refused, UNAUTHENTICATED/wrong_credentials.
 */
export const acceptInvitation =
  (ports: EnterPorts) =>
  async (call: Call, input: AcceptInput): Promise<Accepted> => {
    allow(call, "identity:enter");
    ports.hasher.admit();
    const invitation = await invited(ports, call, input.token);
    const tenant = await ports.tenants.get(signingIn, invitation.tenantId);
    const known = await ports.accounts.findByEmail(signingIn, invitation.email);
    await mayJoin(ports, { tenant, invitation, known });
    const own = (personId: PersonId): Call => asPerson(call, personId, { place: invitation, side: sideOf(tenant) });
    const account =
      known?.password === undefined
        ? await newAccount(ports, call, { invitation, tenant, input, known, own })
        : await knownAccount(ports, call, { account: known, input });
    const used = accept(invitation, account.id, call.systemNow());
    const told = event(invitationAccepted, { invitationId: used.id, personId: account.id });
    await ports.invitations.save(own(account.id), used, [told]).catch(asLinkUsed("version_conflict"));
    await joinRoster(ports, own(account.id), { tenant, account, invitation, isRepeat: false });
    call.log.info({ personId: account.id, forTenantId: tenant.id }, "invitation accepted");
    return { tenant, personId: account.id };
  };

interface Entering {
  readonly tenant: Tenant;
  readonly invitation: Invitation;
  readonly known: Account | undefined;
}

/** @throws NOT_FOUND/link_not_good when the tenant is closed or the invitation void, FORBIDDEN/tenant_suspended. */
async function mayJoin(ports: EnterPorts, { tenant, invitation, known }: Entering): Promise<void> {
  const ancestors = await ports.tenants.getMany(signingIn, tenant.ancestorIds);
  const above = ancestors.filter((one) => one !== undefined);
  const standing = standingOf(tenant, above);
  const right = await rightOfInviter(ports, tenant, invitation.invitedBy);
  const isGood = right === "anybody" || (right === "first" && (await isFirst(ports, { tenant, invitation, known })));
  if (standing === "closed" || !isGood) throw peopleErrors.linkNotGood();
  if (standing === "suspended") throw peopleErrors.joinsSuspended();
}

/** What whoever sent the link may do today, by the roles held in the tenant or above it: without them the invitation is void. */
async function rightOfInviter({ rosters }: EnterPorts, tenant: Tenant, inviter: string): Promise<InviteRight> {
  const line: readonly string[] = [tenant.id, ...tenant.ancestorIds];
  const rights = (await rosters.withPerson(signingIn, inviter))
    .filter(({ id }) => line.includes(id))
    .map((roster) => inviteRight(permissionsOf(heldIn(roster, inviter)), { isAbove: roster.id !== tenant.id }));
  if (rights.includes("anybody")) return "anybody";
  return rights.includes("first") ? "first" : "nobody";
}

/** Nobody is there yet who could invite, and it is somebody else than who sent the link. */
const isFirst = async ({ rosters }: EnterPorts, { tenant, invitation, known }: Entering): Promise<boolean> =>
  known?.id !== invitation.invitedBy && !hasAdmin(await rosterOf(rosters, tenant));

/** Somebody else used the link at the same moment. */
const asLinkUsed =
  (reason: string) =>
  (error: unknown): never => {
    throw error instanceof AppError && error.reason === reason ? peopleErrors.linkNotGood() : error;
  };

interface NewAccountParts {
  readonly invitation: Invitation;
  readonly tenant: Tenant;
  readonly input: AcceptInput;
  readonly known: Account | undefined;
  readonly own: (personId: PersonId) => Call;
}

/** An account before the link is used up: alone it opens nothing, and a crash in between loses no link. */
async function newAccount(ports: EnterPorts, call: Call, parts: NewAccountParts): Promise<Account> {
  const { invitation, tenant, input, known, own } = parts;
  const name = personName(input.name ?? invitation.name);
  const password = await keptPassword(ports, call, {
    password: input.password,
    withSecondFactor: sideOf(tenant) === "staff" && ports.rules.staffSecondFactor === "required",
    about: [name, invitation.email, tenant.name, tenant.legalName],
  });
  const told = (personId: PersonId): DomainEvent => event(credentialsChanged, { personId, change: "password_set" });
  if (known !== undefined) return ports.accounts.save(own(known.id), withPassword(known, password), [told(known.id)]);
  const { id, tenantId, ancestorIds, livemode, email } = await personOf(ports, call, { name, parts });
  const account = { id, tenantId, ancestorIds, livemode, version: 0, name, email, devices: [], password };
  return ports.accounts.insert(own(id), account, [told(id)]).catch(asLinkUsed("email_taken"));
}

/** Whoever has this address already, or somebody new at home in the tenant of the invitation. */
async function personOf(
  { people }: EnterPorts,
  call: Call,
  { name, parts: { invitation, tenant, own } }: { readonly name: string; readonly parts: NewAccountParts },
): Promise<Person> {
  const { tenantId, ancestorIds, livemode, email } = invitation;
  const [known] = await people.withEmail(signingIn, email);
  if (known !== undefined) return known;
  const id = call.newId("person");
  const person = {
    id,
    tenantId,
    ancestorIds,
    livemode,
    version: 0,
    kind: sideOf(tenant),
    name,
    email,
    memberships: [],
  };
  return people.insert(own(id), person, []).catch(asLinkUsed("email_taken"));
}

async function knownAccount(
  { prove }: EnterPorts,
  call: Call,
  { account, input }: { readonly account: Account; readonly input: AcceptInput },
): Promise<Account> {
  const { password, code } = input;
  return (await prove(call, { email: account.email, password, ...(code !== undefined && { code }) })).account;
}

interface Joining {
  readonly tenant: Tenant;
  readonly account: Pick<Account, "id" | "name" | "email">;
  readonly invitation: Invitation;
  /** Then nobody who has left since comes back. */
  readonly isRepeat: boolean;
}

async function joinRoster(
  { rosters }: Pick<EnterPorts, "rosters">,
  call: Call,
  { tenant, account, invitation, isRepeat }: Joining,
): Promise<void> {
  const { id, name, email } = account;
  await changeRoster(rosters, call, {
    tenant,
    change: (before) => {
      if (isRepeat && entryOf(before, id) !== undefined) return { roster: before, events: [] };
      const roster = join(before, { personId: id, name, email, roles: invitation.roles }, call.now());
      const roles = [...(entryOf(roster, id)?.roles ?? [])];
      return { roster, events: [event(personAdded, { personId: id, name, roles })] };
    },
  });
}

/** Finishes what a crash left half done: whoever used the link belongs to the tenant. Safe to repeat. */
export const finishJoining =
  (ports: Pick<EnterPorts, "rosters" | "invitations" | "accounts" | "tenants">) =>
  async (call: Call, { invitationId, personId }: DataOf<typeof invitationAccepted>): Promise<void> => {
    const invitation = await ports.invitations.get(tenantScope(call), invitationId);
    const tenant = await ports.tenants.get(tenantScope(call), invitation.tenantId);
    const account = await ports.accounts.find(signingIn, personId);
    if (account !== undefined) await joinRoster(ports, call, { tenant, account, invitation, isRepeat: true });
  };
