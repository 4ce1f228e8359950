import { after, allow, type Call, systemScope, type TenantId } from "@greentick/kernel";
import { type Account, type Means } from "../../domain/account.js";
import { tenantErrors } from "../../domain/errors.js";
import { peopleErrors } from "../../domain/people-errors.js";
import { asPerson } from "./as-person.js";
import { type EnterPorts } from "./enter-ports.js";
import { type Shown } from "./prove.js";
import { beginFactor, confirmFactor, type Enrolment } from "./second-factor.js";
import { lacksFactor, type Membership, membershipsOf, openSession, type SignedIn } from "./sessions.js";

const signingIn = systemScope("sign-in");

export interface SignInInput extends Shown {
  /** Default: the person's home. */
  readonly tenantId?: string;
}

export type Entered =
  | { readonly kind: "signed_in"; readonly signedIn: SignedIn; readonly deviceToken?: string }
  /** The tenant requires a second factor, or the password is too short to stand alone, and there is none yet: with the ticket one is enrolled. */
  | { readonly kind: "must_enrol"; readonly ticket: string };

/**
 * Signs a person in. @throws UNAUTHENTICATED/wrong_credentials, UNAUTHENTICATED/second_factor_needed, RATE_LIMITED/too_many_attempts,
 * RATE_LIMITED/sign_in_busy, FORBIDDEN/no_tenant.
 */
export const signIn =
  (ports: EnterPorts) =>
  async (call: Call, input: SignInInput): Promise<Entered> => {
    allow(call, "identity:enter");
    const { account, means, deviceToken } = await ports.prove(call, input);
    const memberships = await membershipsOf(ports, account);
    const membership = chosen(memberships, account, input.tenantId);
    if (lacksFactor(membership, means, ports.rules) || isTooLittle(account, means))
      return { kind: "must_enrol", ticket: ticketOf(ports, call, { account, tenantId: membership.tenant.id }) };
    const signedIn = await openSession(ports, call, { personId: account.id, membership, memberships, means });
    return { kind: "signed_in", signedIn, deviceToken };
  };

/** A password of eight characters or a few more is half a proof, wherever its person signs in (NIST SP 800-63B-4 §3.1.1.2). */
const isTooLittle = ({ password }: Account, means: readonly Means[]): boolean =>
  password?.alone === false && means.every((one) => one === "password");

/** @throws FORBIDDEN/no_role_in_tenant. */
function chosen(
  memberships: readonly Membership[],
  { id, tenantId: home }: Pick<Account, "id" | "tenantId">,
  tenantId?: string,
): Membership {
  const membership = tenantId === undefined ? memberships[0] : memberships.find(({ tenant }) => tenant.id === tenantId);
  if (membership === undefined) throw tenantErrors.noRoleHere(id, tenantId ?? home);
  return membership;
}

const ticketMs = 15 * 60_000;

interface Ticket {
  readonly account: Account;
  readonly tenantId: TenantId;
}

/** Somebody who has shown the right password a moment ago. It is worth nothing once a second factor is there or the password changed. */
function ticketOf({ secrets }: EnterPorts, call: Call, { account, tenantId }: Ticket): string {
  const until = after(call.systemNow(), ticketMs).getTime().toString(36);
  const body = `${account.id}.${tenantId}.${until}`;
  return `${body}.${secrets.keyed("ticket", `${body}|${account.password?.hash ?? ""}`)}`;
}

/** Who holds the ticket of a sign-in that must enrol. @throws NOT_FOUND/link_not_good. */
export async function readTicket({ accounts, secrets }: EnterPorts, call: Call, ticket: string): Promise<Ticket> {
  const [personId = "", tenantId = "", until = "", key = ""] = ticket.split(".");
  const account = await accounts.find(signingIn, personId);
  const body = `${personId}.${tenantId}.${until}`;
  const good =
    account?.password !== undefined &&
    account.secondFactor === undefined &&
    Number.parseInt(until, 36) > call.systemNow().getTime() &&
    secrets.keyed("ticket", `${body}|${account.password.hash}`) === key;
  if (!good) throw peopleErrors.linkNotGood();
  return { account, tenantId: tenantId as TenantId };
}

/** With the ticket of a sign-in that must enrol. @throws NOT_FOUND/link_not_good. */
export const beginSecondFactor =
  (ports: EnterPorts) =>
  async (call: Call, { ticket }: { readonly ticket: string }): Promise<Enrolment> => {
    allow(call, "identity:enter");
    const { account } = await readTicket(ports, call, ticket);
    return beginFactor(ports, call, account);
  };

/** Confirms the authenticator and signs in. @throws NOT_FOUND/link_not_good, BAD_USER_INPUT/code_not_good. */
export const completeSecondFactor =
  (ports: EnterPorts) =>
  async (
    call: Call,
    { ticket, code }: { readonly ticket: string; readonly code: string },
  ): Promise<SignedIn & { readonly recoveryCodes: readonly string[] }> => {
    allow(call, "identity:enter");
    const { account, tenantId } = await readTicket(ports, call, ticket);
    const memberships = await membershipsOf(ports, account);
    const membership = chosen(memberships, account, tenantId);
    const own = asPerson(call, account.id, { place: membership.roster, side: membership.roster.side });
    const { recoveryCodes } = await confirmFactor(ports, own, { account, code });
    const means: readonly Means[] = ["password", "code"];
    return {
      ...(await openSession(ports, call, { personId: account.id, membership, memberships, means })),
      recoveryCodes,
    };
  };
