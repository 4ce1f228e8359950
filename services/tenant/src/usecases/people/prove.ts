import { type Call, systemScope, sourceOf } from "@greentick/kernel";
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
import { changeAccount } from "./change-account.js";
import { countingCode } from "./count-codes.js";

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
    const proved = right && account !== undefined ? await withCode(ports, account, { shown, call }) : undefined;
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
  const device = knownDeviceOf(secrets, account, deviceToken);
  const key = (...parts: readonly string[]): string => secrets.keyed("attempt", parts.join("|"));
  if (device !== undefined) return [{ key: key("device", email, device), rule: attemptRules.pair }];
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
  readonly call: Call;
}

/** What was proved, before any of it is used up. */
interface Right {
  readonly account: Account;
  readonly means: readonly Means[];
  readonly code?: ShownCode;
}

/**
 * The second factor after a right password; undefined when the code proves nothing. @throws UNAUTHENTICATED/second_factor_needed,
 * RATE_LIMITED/too_many_attempts after wrong codes for this account.
 */
async function withCode(
  ports: ProvePorts,
  account: Account,
  { shown, call }: PasswordRight,
): Promise<Right | undefined> {
  const { code: typed } = shown;
  if (account.secondFactor === undefined) return typed === undefined ? { account, means: ["password"] } : undefined;
  if (typed === undefined) throw peopleErrors.secondFactorNeeded();
  const device = knownDeviceOf(ports.secrets, account, shown.deviceToken);
  return countingCode(ports, call, {
    who: { personId: account.id, ...(device !== undefined && { device }) },
    look: async () => {
      const code = await codeOf(ports, account, { code: typed, now: call.systemNow() });
      const used = useCode(account, code);
      return used && { account, means: ["password", used.means], code };
    },
  });
}

/** The keyed hash of a device from which this person signed in before. */
function knownDeviceOf(
  secrets: Secrets,
  account: Account | undefined,
  deviceToken: string | undefined,
): string | undefined {
  const device = deviceToken === undefined ? undefined : secrets.keyed("device", deviceToken);
  return knowsDevice(account, device) ? device : undefined;
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

/**
 * Writes down what the proof used up: the code's step, the device, better parameters. Of two requests that brought one code at once the second
 * proves nothing.
 */
async function keepProof(
  { accounts, secrets, hasher }: ProvePorts,
  call: Call,
  { account, means, code, shown }: Right & { readonly shown: Shown },
): Promise<Proved> {
  const known = knownDeviceOf(secrets, account, shown.deviceToken);
  const deviceToken = known === undefined ? secrets.newSecret() : (shown.deviceToken ?? "");
  const device = { hash: secrets.keyed("device", deviceToken), lastUsed: call.systemNow() };
  const outdated = account.password !== undefined && hasher.isOutdated(account.password.hash);
  const hash = outdated ? await hasher.hash(comparable(shown.password)) : undefined;
  const change = (now: Account): Account => {
    const used = code === undefined ? now : useCode(now, code)?.account;
    if (used === undefined) throw peopleErrors.wrongCredentials();
    return rememberDevice(hash === undefined ? used : rehashed(used, hash), device);
  };
  const stale = peopleErrors.wrongCredentials;
  return { account: await changeAccount(accounts, call, { account, change, events: [], stale }), means, deviceToken };
}
