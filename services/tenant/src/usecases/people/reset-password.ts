import { credentialsChanged, event, passwordResetRequested } from "@greentick/contracts";
import { after, allow, AppError, type Call, systemScope, sourceOf } from "@greentick/kernel";
import { type Account, rememberDevice, resetMs, type ShownCode, useCode, withPassword } from "../../domain/account.js";
import { type AttemptRule, isCrowded, nextAttemptAt } from "../../domain/attempts.js";
import { peopleErrors } from "../../domain/people-errors.js";
import { heldIn } from "../../domain/roster.js";
import { changeAccount, isLost } from "./change-account.js";
import { countingCode, countingWithLink, isWornOut } from "./count-codes.js";
import { type EnterPorts } from "./enter-ports.js";
import { linkTarget, linkToken } from "./links.js";
import { keptPassword } from "./new-password.js";
import { codeOf } from "./prove.js";
import { endSessionsOf } from "./end-sessions.js";
import { membershipsOf } from "./sessions.js";

const signingIn = systemScope("sign-in");

/** Sends a link for a new password, if the address is somebody's; the answer is the same if not. @throws RATE_LIMITED/too_many_attempts. */
export const requestPasswordReset =
  (ports: EnterPorts) =>
  async (call: Call, { email: typed }: { readonly email: string }): Promise<void> => {
    allow(call, "identity:enter");
    const email = typed.trim().toLowerCase().slice(0, 254);
    await slowDown(ports, call, email);
    for (let tries = 1; tries <= mostTries; tries++) if (await linkKept(ports, call, email)) return;
    call.log.warn({ tries: mostTries }, "a link for a new password lost to other writes; an earlier one may stand");
  };

const mostTries = 20;

/** False when somebody else wrote first: another request for the same person, or a sign-in. That is no news for whoever asks. */
async function linkKept(ports: EnterPorts, call: Call, email: string): Promise<boolean> {
  try {
    const account = (await ports.accounts.findByEmail(signingIn, email)) ?? (await firstAccount(ports, call, email));
    if (account !== undefined) await keepLink(ports, call, account);
    return true;
  } catch (error) {
    if (isLost(error) || isThere(error)) return false;
    throw error;
  }
}

const isThere = (error: unknown): boolean => error instanceof AppError && error.reason === "email_taken";

async function keepLink({ accounts, secrets }: EnterPorts, call: Call, account: Account): Promise<void> {
  const nonce = secrets.newSecret();
  const tokenHash = secrets.hashOf(linkToken(secrets, "password-reset", { id: account.id, nonce }));
  const until = after(call.systemNow(), resetMs);
  const told = event(passwordResetRequested, { personId: account.id, expiresAt: until });
  await accounts.save(call, { ...account, reset: { nonce, tokenHash, until } }, [told]);
}

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
 * device: whoever holds the link signs in next, however many others are guessing. Ten wrong codes end the link. @throws
 * NOT_FOUND/link_not_good, BAD_USER_INPUT/password_refused, UNAUTHENTICATED/second_factor_needed, BAD_USER_INPUT/code_not_good,
 * RATE_LIMITED/too_many_attempts.
 */
export const resetPassword =
  (ports: EnterPorts) =>
  async (call: Call, { token, password, code }: ResetInput): Promise<string> => {
    allow(call, "identity:enter");
    ports.hasher.admit();
    const account = await accountBehind(ports, call, token);
    const shown = await shownCode(ports, call, { account, code });
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
    await changeAccount(ports.accounts, call, {
      account,
      change: (now) => rememberDevice(withPassword(usedUp(now, { account, shown }), kept), device),
      events: [told],
      stale: peopleErrors.linkNotGood,
    });
    await endSessionsOf(ports, call, { personId: account.id, because: "password_changed" });
    return deviceToken;
  };

/** Without the code. @throws NOT_FOUND/link_not_good when somebody else used the link at the same moment; BAD_USER_INPUT/code_not_good. */
function usedUp(
  now: Account,
  { account, shown }: { readonly account: Account; readonly shown: ShownCode | undefined },
): Account {
  if (now.reset?.tokenHash !== account.reset?.tokenHash) throw peopleErrors.linkNotGood();
  const used = shown === undefined ? now : useCode(now, shown)?.account;
  if (used === undefined) throw peopleErrors.codeNotGood();
  return used;
}

/** Whose link for a new password it is. @throws NOT_FOUND/link_not_good. */
export async function accountBehind({ accounts, secrets }: EnterPorts, call: Call, token: string): Promise<Account> {
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

/** What the code proves; undefined where none is needed. */
async function shownCode(ports: EnterPorts, call: Call, { account, code }: WithCode): Promise<ShownCode | undefined> {
  const { id, secondFactor, reset } = account;
  if (secondFactor === undefined || reset === undefined) return undefined;
  const { tokenHash } = reset;
  if (await isWornOut(ports, call, tokenHash)) throw peopleErrors.linkNotGood();
  if (code === undefined) throw peopleErrors.secondFactorNeeded();
  const look = async (): Promise<ShownCode | undefined> => {
    const shown = await codeOf(ports, account, { code, now: call.systemNow() });
    return useCode(account, shown) && shown;
  };
  const counted = (): Promise<ShownCode | undefined> => countingCode(ports, call, { who: { personId: id }, look });
  const right = await countingWithLink(ports, call, { tokenHash, look: counted });
  if (right === undefined) throw peopleErrors.codeNotGood();
  return right;
}
