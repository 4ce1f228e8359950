import { credentialsChanged, event, passwordResetRequested } from "@greentick/contracts";
import { after, allow, AppError, type Call, systemScope, sourceOf } from "@greentick/kernel";
import { type Account, rememberDevice, resetMs, useCode, withPassword } from "../../domain/account.js";
import { type AttemptRule, isCrowded, nextAttemptAt } from "../../domain/attempts.js";
import { peopleErrors } from "../../domain/people-errors.js";
import { heldIn } from "../../domain/roster.js";
import { type EnterPorts } from "./enter-ports.js";
import { linkTarget, linkToken } from "./links.js";
import { keptPassword } from "./new-password.js";
import { codeOf } from "./prove.js";
import { endSessionsOf, membershipsOf } from "./sessions.js";

const signingIn = systemScope("sign-in");

/** Sends a link for a new password, if the address is somebody's; the answer is the same if not. @throws RATE_LIMITED/too_many_attempts. */
export const requestPasswordReset =
  (ports: EnterPorts) =>
  async (call: Call, { email: typed }: { readonly email: string }): Promise<void> => {
    allow(call, "identity:enter");
    const email = typed.trim().toLowerCase().slice(0, 254);
    await slowDown(ports, call, email);
    const account = (await ports.accounts.findByEmail(signingIn, email)) ?? (await firstAccount(ports, call, email));
    if (account === undefined) return;
    const nonce = ports.secrets.newSecret();
    const tokenHash = ports.secrets.hashOf(linkToken(ports.secrets, "password-reset", { id: account.id, nonce }));
    const until = after(call.systemNow(), resetMs);
    const told = event(passwordResetRequested, { personId: account.id, expiresAt: until });
    await ports.accounts.save(call, { ...account, reset: { nonce, tokenHash, until } }, [told]);
  };

const resetRules = {
  address: { free: 3, doubleEvery: 1, firstMs: 60_000, longestMs: 3_600_000, forgetEveryMs: 3_600_000 },
  source: { free: 20, doubleEvery: 5, firstMs: 60_000, longestMs: 3_600_000, forgetEveryMs: 600_000 },
} as const;

/** Counts every request, for the address and for where it came from. */
async function slowDown({ attempts, secrets }: EnterPorts, call: Call, email: string): Promise<void> {
  const now = call.systemNow();
  const counts: readonly (readonly [string, AttemptRule])[] = [
    [secrets.keyed("attempt", `reset|${email}`), resetRules.address],
    [secrets.keyed("attempt", `reset-from|${sourceOf(call.ip)}`), resetRules.source],
  ];
  const known = await attempts.read(counts.map(([key]) => key));
  for (const [at, [key, rule]] of counts.entries()) {
    const until = nextAttemptAt(known[at], rule, now);
    if (until !== undefined) throw peopleErrors.tooManyAttempts(Math.ceil((until.getTime() - now.getTime()) / 1000));
    const counted = await attempts.add(key, rule, now);
    if (isCrowded(known[at], counted, { rule, now })) throw peopleErrors.tooManyAttempts(1);
  }
}

/** An account for somebody who belongs to a tenant and never had a password; of several people with one address the first. */
async function firstAccount(
  { people, rosters, accounts }: EnterPorts,
  call: Call,
  email: string,
): Promise<Account | undefined> {
  for (const { id, tenantId, ancestorIds, livemode, name } of await people.withEmail(signingIn, email)) {
    const belongs = (await rosters.withPerson(signingIn, id)).some((roster) => heldIn(roster, id).length > 0);
    if (belongs)
      return accounts.insert(call, { id, tenantId, ancestorIds, livemode, version: 0, name, email, devices: [] }, []);
  }
  return undefined;
}

export interface ResetInput {
  readonly token: string;
  readonly password: string;
  /** Needed where there is a second factor: a mailbox alone opens nothing then. */
  readonly code?: string;
}

/**
 * A new password by a link. It works once; every session and every device known before is over. Returns the token of a known
 * device: whoever holds the link signs in next, however many others are guessing. @throws NOT_FOUND/link_not_good,
 * BAD_USER_INPUT/password_refused, UNAUTHENTICATED/second_factor_needed, BAD_USER_INPUT/code_not_good.
 */
export const resetPassword =
  (ports: EnterPorts) =>
  async (call: Call, { token, password, code }: ResetInput): Promise<string> => {
    allow(call, "identity:enter");
    ports.hasher.admit();
    const account = await withUsedCode(ports, call, { account: await accountBehind(ports, call, token), code });
    const memberships = await membershipsOf(ports, account);
    const kept = await keptPassword(ports, call, {
      password,
      withSecondFactor:
        account.secondFactor !== undefined ||
        (ports.rules.staffSecondFactor === "required" && memberships.some(({ roster }) => roster.side === "staff")),
      about: [account.name, account.email, ...memberships.flatMap(({ tenant }) => [tenant.name, tenant.legalName])],
    });
    const told = event(credentialsChanged, { personId: account.id, change: "password_reset" });
    const deviceToken = ports.secrets.newSecret();
    const device = { hash: ports.secrets.keyed("device", deviceToken), lastUsed: call.systemNow() };
    await ports.accounts.save(call, rememberDevice(withPassword(account, kept), device), [told]).catch(asLinkUsed);
    await endSessionsOf(ports, call, { personId: account.id, because: "password_changed" });
    return deviceToken;
  };

/** Somebody else used the link at the same moment. */
function asLinkUsed(error: unknown): never {
  throw error instanceof AppError && error.reason === "version_conflict" ? peopleErrors.linkNotGood() : error;
}

/** @throws NOT_FOUND/link_not_good. */
async function accountBehind({ accounts, secrets }: EnterPorts, call: Call, token: string): Promise<Account> {
  const id = linkTarget(token);
  const account = id === undefined ? undefined : await accounts.find(signingIn, id);
  const reset = account?.reset;
  const good = reset !== undefined && reset.until > call.systemNow() && reset.tokenHash === secrets.hashOf(token);
  if (account === undefined || !good) throw peopleErrors.linkNotGood();
  return account;
}

interface WithCode {
  readonly account: Account;
  readonly code: string | undefined;
}

async function withUsedCode(ports: EnterPorts, call: Call, { account, code }: WithCode): Promise<Account> {
  if (account.secondFactor === undefined) return account;
  if (code === undefined) throw peopleErrors.secondFactorNeeded();
  const used = useCode(account, await codeOf(ports, account, { code, now: call.systemNow() }));
  if (used === undefined) throw peopleErrors.codeNotGood();
  return used.account;
}
