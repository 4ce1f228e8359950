import { credentialsChanged, event } from "@greentick/contracts";
import { type Call } from "@greentick/kernel";
import { type Account, beginEnrolment, confirmEnrolment } from "../../domain/account.js";
import { peopleErrors } from "../../domain/people-errors.js";
import { changeAccount } from "./change-account.js";
import { countingCode } from "./count-codes.js";
import { type ProvePorts, recoveryHash } from "./prove.js";

export interface Enrolment {
  /** Base32, to be typed in where no QR code can be read. */
  readonly secret: string;
  /** For a QR code. */
  readonly uri: string;
}

/** A secret for an authenticator, not good until confirmed. Repeating it makes another one. */
export async function beginFactor(
  { accounts, factors, totp }: ProvePorts,
  call: Call,
  account: Account,
): Promise<Enrolment> {
  const secret = totp.newSecret();
  const sealed = await factors.seal(account.id, secret);
  const change = (now: Account): Account => beginEnrolment(now, sealed, call.systemNow());
  await changeAccount(accounts, call, { account, change, events: [], stale: peopleErrors.wrongCredentials });
  return { secret, uri: totp.uriOf(secret, account.email) };
}

export interface ConfirmedFactor {
  readonly account: Account;
  /** Shown once; each replaces a code once. */
  readonly recoveryCodes: readonly string[];
}

/** @throws BAD_USER_INPUT/code_not_good, CONFLICT/no_second_factor, RATE_LIMITED/too_many_attempts. */
export async function confirmFactor(
  ports: ProvePorts,
  call: Call,
  { account, code }: { readonly account: Account; readonly code: string },
): Promise<ConfirmedFactor> {
  const { accounts, secrets } = ports;
  const step = await stepOfEnrolling(ports, call, { account, code });
  const recoveryCodes = secrets.newRecoveryCodes();
  const recovery = recoveryCodes.map((one) => recoveryHash(secrets, account.id, one));
  const change = (now: Account): Account => {
    const isSame = now.enrolling?.sealed === account.enrolling?.sealed;
    return confirmEnrolment(now, { step: isSame ? step : undefined, recovery, now: call.systemNow() });
  };
  const events = [event(credentialsChanged, { personId: account.id, change: "second_factor_enrolled" })];
  const kept = await changeAccount(accounts, call, { account, change, events, stale: peopleErrors.codeNotGood });
  return { account: kept, recoveryCodes };
}

/** The step of time whose code was shown; undefined for a wrong one, and when nothing is being enrolled. */
async function stepOfEnrolling(
  ports: ProvePorts,
  call: Call,
  { account: { id, enrolling }, code }: { readonly account: Account; readonly code: string },
): Promise<number | undefined> {
  if (enrolling === undefined) return undefined;
  const look = async (): Promise<number | undefined> =>
    ports.totp.stepOf(await ports.factors.open(id, enrolling.sealed), code, call.systemNow());
  return countingCode(ports, call, { who: { personId: id }, look });
}
