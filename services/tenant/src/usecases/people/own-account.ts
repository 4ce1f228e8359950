import { credentialsChanged, event } from "@greentick/contracts";
import { AppError, type Call, systemScope } from "@greentick/kernel";
import { type Account, withoutFactor, withPassword, withRecovery } from "../../domain/account.js";
import { passwordLengths } from "../../domain/password-policy.js";
import { peopleErrors } from "../../domain/people-errors.js";
import { oneself } from "./as-person.js";
import { type AccountChange, changeAccount } from "./change-account.js";
import { type EnterPorts } from "./enter-ports.js";
import { keptPassword } from "./new-password.js";
import { type Proved, recoveryHash } from "./prove.js";
import { beginFactor, confirmFactor, type Enrolment } from "./second-factor.js";
import { endSessionsOf } from "./end-sessions.js";
import { type Membership, membershipsOf } from "./sessions.js";

const own = systemScope("own-account");

async function ownAccount(ports: EnterPorts, call: Call): Promise<Account> {
  const account = await ports.accounts.find(own, await oneself(ports.rosters, call, "identity:self"));
  if (account === undefined) throw noAccount();
  return account;
}

const noAccount = (): AppError =>
  new AppError(
    "CONFLICT",
    "no_password_yet",
    "You have no password here yet. Ask for a link with `requestPasswordReset` and set one.",
  );

export interface OwnProof {
  readonly password: string;
  /** Needed where there is a second factor. */
  readonly code?: string;
}

/** A token may be stolen, so what would keep its owner out needs the password again. */
async function provedSelf(ports: EnterPorts, call: Call, { password, code }: OwnProof): Promise<Proved> {
  const { email } = await ownAccount(ports, call);
  return ports.prove(call, { email, password, ...(code !== undefined && { code }) });
}

const factorRequired = (ports: EnterPorts, memberships: readonly Membership[]): boolean =>
  ports.rules.staffSecondFactor === "required" && memberships.some(({ roster }) => roster.side === "staff");

export interface ChangePasswordInput extends OwnProof {
  readonly newPassword: string;
}

/**
 * A new password; all other sessions of the person end. Returns how many. @throws UNAUTHENTICATED/wrong_credentials,
 * BAD_USER_INPUT/password_refused.
 */
export const changePassword =
  (ports: EnterPorts) =>
  async (call: Call, { newPassword, ...proof }: ChangePasswordInput): Promise<number> => {
    const { account } = await provedSelf(ports, call, proof);
    const memberships = await membershipsOf(ports, account);
    const kept = await keptPassword(ports, call, {
      password: newPassword,
      withSecondFactor: account.secondFactor !== undefined || factorRequired(ports, memberships),
      about: [account.name, account.email, ...memberships.flatMap(({ tenant }) => [tenant.name, tenant.legalName])],
    });
    await changeOwn(ports, call, { account, what: "password_changed", change: (now) => withPassword(now, kept) });
    const except = call.sessionId === undefined ? {} : { except: call.sessionId };
    return endSessionsOf(ports, call, { personId: account.id, because: "password_changed", ...except });
  };

interface OwnChange extends Pick<AccountChange, "account" | "change"> {
  readonly what: string;
}

const changeOwn = ({ accounts }: EnterPorts, call: Call, { account, change, what }: OwnChange): Promise<Account> =>
  changeAccount(accounts, call, {
    account,
    change,
    events: [event(credentialsChanged, { personId: account.id, change: what })],
    stale: peopleErrors.wrongCredentials,
  });

/** @throws UNAUTHENTICATED/wrong_credentials, CONFLICT/second_factor_enrolled. */
export const enrolSecondFactor =
  (ports: EnterPorts) =>
  async (call: Call, proof: OwnProof): Promise<Enrolment> => {
    const { account } = await provedSelf(ports, call, proof);
    return beginFactor(ports, call, account);
  };

/** Returns the recovery codes, shown once. @throws BAD_USER_INPUT/code_not_good, CONFLICT/no_second_factor. */
export const confirmSecondFactor =
  (ports: EnterPorts) =>
  async (call: Call, { code }: { readonly code: string }): Promise<readonly string[]> => {
    const account = await ownAccount(ports, call);
    return (await confirmFactor(ports, call, { account, code })).recoveryCodes;
  };

/** @throws CONFLICT/second_factor_stays, CONFLICT/password_too_short_alone, CONFLICT/no_second_factor, UNAUTHENTICATED/wrong_credentials. */
export const disableSecondFactor =
  (ports: EnterPorts) =>
  async (call: Call, proof: OwnProof): Promise<void> => {
    const { account } = await provedSelf(ports, call, proof);
    if (account.secondFactor === undefined) throw peopleErrors.noFactor();
    if (factorRequired(ports, await membershipsOf(ports, account))) throw peopleErrors.factorStays();
    const change = (now: Account): Account => withoutFactor(now, passwordLengths.alone);
    await changeOwn(ports, call, { account, what: "second_factor_disabled", change });
  };

/** A code of an authenticator, as far as its shape goes; a recovery code is longer. */
const authenticatorCode = /^\d{6}$/;

/**
 * New recovery codes for the password and a code of the authenticator; the old ones are worth nothing. @throws CONFLICT/no_second_factor,
 * BAD_USER_INPUT/code_not_good for a recovery code, UNAUTHENTICATED/wrong_credentials, RATE_LIMITED/too_many_attempts.
 */
export const renewRecoveryCodes =
  (ports: EnterPorts) =>
  async (call: Call, proof: OwnProof): Promise<readonly string[]> => {
    if ((await ownAccount(ports, call)).secondFactor === undefined) throw peopleErrors.noFactor();
    if (proof.code !== undefined && !authenticatorCode.test(proof.code.replaceAll(/\s/g, "")))
      throw peopleErrors.codeNotGood();
    const { account } = await provedSelf(ports, call, proof);
    const codes = ports.secrets.newRecoveryCodes();
    const recovery = codes.map((one) => recoveryHash(ports.secrets, account.id, one));
    await changeOwn(ports, call, {
      account,
      what: "recovery_codes_renewed",
      change: (now) => withRecovery(now, recovery),
    });
    return codes;
  };
