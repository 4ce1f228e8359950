import { credentialsChanged, event } from "@greentick/contracts";
import { type Call } from "@greentick/kernel";
import { type Account, beginEnrolment, confirmEnrolment } from "../../domain/account.js";
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
  await accounts.save(call, beginEnrolment(account, sealed, call.systemNow()), []);
  return { secret, uri: totp.uriOf(secret, account.email) };
}

export interface ConfirmedFactor {
  readonly account: Account;
  /** Shown once; each replaces a code once. */
  readonly recoveryCodes: readonly string[];
}

/** @throws BAD_USER_INPUT/code_not_good, CONFLICT/no_second_factor. */
export async function confirmFactor(
  { accounts, secrets, factors, totp }: ProvePorts,
  call: Call,
  { account, code }: { readonly account: Account; readonly code: string },
): Promise<ConfirmedFactor> {
  const now = call.systemNow();
  const sealed = account.enrolling?.sealed;
  const step = sealed === undefined ? undefined : totp.stepOf(await factors.open(account.id, sealed), code, now);
  const recoveryCodes = secrets.newRecoveryCodes();
  const recovery = recoveryCodes.map((one) => recoveryHash(secrets, account.id, one));
  const confirmed = confirmEnrolment(account, { step, recovery, now });
  const told = event(credentialsChanged, { personId: account.id, change: "second_factor_enrolled" });
  return { account: await accounts.save(call, confirmed, [told]), recoveryCodes };
}
