import { after, hourMs, type PersonId, type TenantId } from "@greentick/kernel";
import { peopleErrors } from "./people-errors.js";

/** How a person proves to be herself. It belongs to the person, not to a tenant, and none of it is ever shown. */
export interface Account {
  readonly id: PersonId;
  /** The person's home. */
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly name: string;
  /** Lower case; unique in the deployment. */
  readonly email: string;
  readonly password?: PasswordKept;
  readonly secondFactor?: SecondFactor;
  /** A second factor that was shown and is not confirmed yet. */
  readonly enrolling?: { readonly sealed: string; readonly until: Date };
  readonly devices: readonly KnownDevice[];
  /** An unused link for a new password. */
  readonly reset?: { readonly nonce: string; readonly tokenHash: string; readonly until: Date };
}

export interface PasswordKept {
  /** Argon2id in its own text form, parameters and salt included. */
  readonly hash: string;
  readonly since: Date;
  /** Long enough to need no second factor. */
  readonly alone: boolean;
}

export interface SecondFactor {
  /** The shared secret, sealed. */
  readonly sealed: string;
  readonly since: Date;
  /** The newest step of time whose code was used; it and all before it are refused (RFC 6238 §5.2). */
  readonly lastStep: number;
  /** Keyed hashes of the recovery codes that were not used. */
  readonly recovery: readonly string[];
}

/** A program from which this person signed in before. */
export interface KnownDevice {
  readonly hash: string;
  readonly lastUsed: Date;
}

const mostDevices = 20;
const enrolmentMs = 15 * 60_000;
export const resetMs = hourMs;

const without = <F extends "reset" | "secondFactor">(account: Account, field: F): Omit<Account, F> =>
  Object.fromEntries(Object.entries(account).filter(([name]) => name !== field)) as Omit<Account, F>;

/** A new password: whatever led to it is used up, and no device is known any more. */
export const withPassword = (account: Account, password: PasswordKept): Account => ({
  ...without(account, "reset"),
  password,
  devices: [],
});

/** The same password under other parameters of the hash. */
export const rehashed = (account: Account, hash: string): Account =>
  account.password === undefined ? account : { ...account, password: { ...account.password, hash } };

/** @throws CONFLICT/second_factor_enrolled. */
export function beginEnrolment(account: Account, sealed: string, now: Date): Account {
  if (account.secondFactor !== undefined) throw peopleErrors.factorThere();
  return { ...account, enrolling: { sealed, until: after(now, enrolmentMs) } };
}

export interface Confirmed {
  /** The step of time whose code was shown; undefined when no step has that code. */
  readonly step: number | undefined;
  readonly recovery: readonly string[];
  readonly now: Date;
}

/**
 * From now on there is a second factor. Devices known from before are forgotten: none of them has shown it. @throws CONFLICT/no_second_factor
 * when none was begun, or too long ago; BAD_USER_INPUT/code_not_good.
 */
export function confirmEnrolment(account: Account, { step, recovery, now }: Confirmed): Account {
  const { enrolling, ...rest } = account;
  if (enrolling === undefined || enrolling.until <= now) throw peopleErrors.noFactor();
  if (step === undefined) throw peopleErrors.codeNotGood();
  return { ...rest, devices: [], secondFactor: { sealed: enrolling.sealed, since: now, lastStep: step, recovery } };
}

/** @throws CONFLICT/password_too_short_alone. */
export function withoutFactor(account: Account, minimum: number): Account {
  if (account.password?.alone === false) throw peopleErrors.passwordTooShortAlone(minimum);
  return without(account, "secondFactor");
}

/** Other recovery codes instead of those that are left. @throws CONFLICT/no_second_factor. */
export function withRecovery(account: Account, recovery: readonly string[]): Account {
  if (account.secondFactor === undefined) throw peopleErrors.noFactor();
  return { ...account, secondFactor: { ...account.secondFactor, recovery } };
}

export type Means = "password" | "code" | "recovery_code" | "oidc";

/** What a given code proves: the step of time it belongs to, or the recovery code it is the hash of. */
export interface ShownCode {
  readonly step: number | undefined;
  readonly recoveryHash: string;
}

/** Uses a code up; undefined when it proves nothing. */
export function useCode(
  account: Account,
  shown: ShownCode,
): { readonly account: Account; readonly means: Means } | undefined {
  const factor = account.secondFactor;
  if (factor === undefined) return undefined;
  if (shown.step !== undefined && shown.step > factor.lastStep)
    return { account: { ...account, secondFactor: { ...factor, lastStep: shown.step } }, means: "code" };
  if (!factor.recovery.includes(shown.recoveryHash)) return undefined;
  const recovery = factor.recovery.filter((hash) => hash !== shown.recoveryHash);
  return { account: { ...account, secondFactor: { ...factor, recovery } }, means: "recovery_code" };
}

/** Remembers a device; of too many the one unused longest is forgotten. */
export function rememberDevice(account: Account, device: KnownDevice): Account {
  const others = account.devices.filter(({ hash }) => hash !== device.hash);
  const newest = [...others, device].sort((a, b) => b.lastUsed.getTime() - a.lastUsed.getTime());
  return { ...account, devices: newest.slice(0, mostDevices) };
}

export const knowsDevice = (account: Account | undefined, hash: string | undefined): boolean =>
  hash !== undefined && account?.devices.some((device) => device.hash === hash) === true;
