import { AppError, type Call, systemScope, sourceOf } from "@greentick/kernel";
import {
  type Account,
  knowsDevice,
  type Means,
  rehashed,
  rememberDevice,
  type ShownCode,
  useCode,
} from "../../domain/account.js";
import { type AttemptRule, attemptRules, isCrowded, nextAttemptAt } from "../../domain/attempts.js";
import { normalisedPassword, passwordLengths } from "../../domain/password-policy.js";
import { peopleErrors } from "../../domain/people-errors.js";
import {
  type AccountStore,
  type AttemptStore,
  type FactorVault,
  type PasswordHasher,
  type Secrets,
  type Totp,
} from "../../ports/people.js";

export interface ProvePorts {
  readonly accounts: AccountStore;
  readonly attempts: AttemptStore;
  readonly hasher: PasswordHasher;
  readonly totp: Totp;
  readonly secrets: Secrets;
  readonly factors: FactorVault;
}

/** What somebody shows who says to be a person. */
export interface Shown {
  readonly email: string;
  readonly password: string;
  /** Six digits of an authenticator, or a recovery code. */
  readonly code?: string;
  /** From an earlier sign-in of the same program. */
  readonly deviceToken?: string;
}

export interface Proved {
  readonly account: Account;
  readonly means: readonly Means[];
  /** To be kept by the program that asked. */
  readonly deviceToken: string;
}

export type Prove = (call: Call, shown: Shown) => Promise<Proved>;

const signingIn = systemScope("sign-in");

interface Counted {
  readonly key: string;
  readonly rule: AttemptRule;
}

/**
 * Password, and code where there is a second factor. An unknown address and a wrong password cost the same work and get the same answer; how
 * failures slow down who fails stands at `attemptRules`. @throws UNAUTHENTICATED/wrong_credentials, UNAUTHENTICATED/second_factor_needed,
 * RATE_LIMITED/too_many_attempts, RATE_LIMITED/sign_in_busy.
 */
export const prove =
  (ports: ProvePorts): Prove =>
  async (call, shown) => {
    ports.hasher.admit();
    const email = shown.email.trim().toLowerCase().slice(0, 254);
    const account = await ports.accounts.findByEmail(signingIn, email);
    const counts = countsOf(ports.secrets, call, { ...shown, email, account });
    await mayTry(ports.attempts, counts, call.systemNow());
    const right = await ports.hasher.verify(account?.password?.hash, comparable(shown.password));
    const proved =
      right && account !== undefined ? await withCode(ports, account, { shown, now: call.systemNow() }) : undefined;
    if (proved === undefined) {
      for (const { key, rule } of counts.slice(1)) await ports.attempts.add(key, rule, call.systemNow());
      throw peopleErrors.wrongCredentials();
    }
    const [first] = counts;
    if (first !== undefined) await ports.attempts.clear(first.key);
    return keepProof(ports, call, { ...proved, shown });
  };

/** More than any password has is cut before it is hashed; what is cut can match nothing. */
const comparable = (password: string): string => normalisedPassword(password.slice(0, passwordLengths.longest * 4));

/** Which counts of failures speak here; the first is the one that a success clears. */
function countsOf(
  secrets: Secrets,
  call: Call,
  { email, code, deviceToken, account }: Shown & { readonly account: Account | undefined },
): readonly Counted[] {
  const device = deviceToken === undefined ? undefined : secrets.keyed("device", deviceToken);
  const key = (...parts: readonly string[]): string => secrets.keyed("attempt", parts.join("|"));
  if (device !== undefined && knowsDevice(account, device))
    return [{ key: key("device", email, device), rule: attemptRules.pair }];
  const source = sourceOf(call.ip);
  return [
    { key: key("pair", email, source), rule: attemptRules.pair },
    { key: key("source", source), rule: attemptRules.source },
    ...(code === undefined ? [{ key: key("person", email), rule: attemptRules.person }] : []),
  ];
}

/** Takes a place in the first count before the work, so that many attempts at once do not all pass. @throws RATE_LIMITED/too_many_attempts. */
async function mayTry(attempts: AttemptStore, counts: readonly Counted[], now: Date): Promise<void> {
  const known = await attempts.read(counts.map(({ key }) => key));
  const waits = counts.map(({ rule }, at) => nextAttemptAt(known[at], rule, now)?.getTime() ?? 0);
  const until = Math.max(...waits);
  if (until > 0) throw peopleErrors.tooManyAttempts(Math.max(1, Math.ceil((until - now.getTime()) / 1000)));
  const [first] = counts;
  if (first === undefined) return;
  const counted = await attempts.add(first.key, first.rule, now);
  if (isCrowded(known[0], counted, { rule: first.rule, now })) throw peopleErrors.tooManyAttempts(1);
}

interface PasswordRight {
  readonly shown: Shown;
  readonly now: Date;
}

/** The second factor after a right password; undefined when the code proves nothing. @throws UNAUTHENTICATED/second_factor_needed. */
async function withCode(
  ports: ProvePorts,
  account: Account,
  { shown, now }: PasswordRight,
): Promise<{ readonly account: Account; readonly means: readonly Means[] } | undefined> {
  if (account.secondFactor === undefined)
    return shown.code === undefined ? { account, means: ["password"] } : undefined;
  if (shown.code === undefined) throw peopleErrors.secondFactorNeeded();
  const used = useCode(account, await codeOf(ports, account, { code: shown.code, now }));
  return used && { account: used.account, means: ["password", used.means] };
}

/** What a typed code may prove for this account. */
export const codeOf = async (
  { secrets, factors, totp }: Pick<ProvePorts, "secrets" | "factors" | "totp">,
  { id, secondFactor }: Account,
  { code, now }: { readonly code: string; readonly now: Date },
): Promise<ShownCode> => ({
  step: secondFactor && totp.stepOf(await factors.open(id, secondFactor.sealed), code, now),
  recoveryHash: recoveryHash(secrets, id, code),
});

export const recoveryHash = (secrets: Secrets, personId: string, code: string): string =>
  secrets.keyed("recovery-code", `${personId}|${code.toLowerCase().replaceAll(/[^a-z0-9]/g, "")}`);

/** Writes down what the proof used up: the code's step, the device, better parameters. A code that two requests brought at once counts for one. */
async function keepProof(
  { accounts, secrets, hasher }: ProvePorts,
  call: Call,
  { account, means, shown }: { readonly account: Account; readonly means: readonly Means[]; readonly shown: Shown },
): Promise<Proved> {
  const deviceToken =
    shown.deviceToken !== undefined && knowsDevice(account, secrets.keyed("device", shown.deviceToken))
      ? shown.deviceToken
      : secrets.newSecret();
  const device = { hash: secrets.keyed("device", deviceToken), lastUsed: call.systemNow() };
  const outdated = account.password !== undefined && hasher.isOutdated(account.password.hash);
  const renewed = outdated ? rehashed(account, await hasher.hash(comparable(shown.password))) : account;
  try {
    return { account: await accounts.save(call, rememberDevice(renewed, device), []), means, deviceToken };
  } catch (error) {
    if (!isLost(error)) throw error;
    if (means.length > 1) throw peopleErrors.wrongCredentials();
    return again({ accounts, call, account, device, means, deviceToken });
  }
}

interface Repeat {
  readonly accounts: AccountStore;
  readonly call: Call;
  readonly account: Account;
  readonly device: Parameters<typeof rememberDevice>[1];
  readonly means: readonly Means[];
  readonly deviceToken: string;
}

const mostTries = 10;

const isLost = (error: unknown): boolean => error instanceof AppError && error.reason === "version_conflict";

/** The password is still the one that was right, and no second factor came up. */
const isUnchanged = (now: Account | undefined, was: Account): now is Account =>
  now?.password !== undefined &&
  now.password.since.getTime() === was.password?.since.getTime() &&
  now.secondFactor === undefined;

/** Somebody else wrote meanwhile. Only the device is left to note. */
async function again({ accounts, call, account, device, means, deviceToken }: Repeat): Promise<Proved> {
  for (let tries = 1; tries <= mostTries; tries++) {
    const now = await accounts.find(signingIn, account.id);
    if (!isUnchanged(now, account)) throw peopleErrors.wrongCredentials();
    try {
      return { account: await accounts.save(call, rememberDevice(now, device), []), means, deviceToken };
    } catch (error) {
      if (!isLost(error)) throw error;
    }
  }
  throw peopleErrors.busy(1);
}
