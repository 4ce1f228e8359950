import { AppError, type Call, type DomainEvent, systemScope } from "@greentick/kernel";
import { type Account } from "../../domain/account.js";
import { peopleErrors } from "../../domain/people-errors.js";
import { type AccountStore } from "../../ports/people.js";

const signingIn = systemScope("sign-in");
const mostTries = 20;

export const isLost = (error: unknown): boolean => error instanceof AppError && error.reason === "version_conflict";

export interface AccountChange {
  /** As it was when its owner was proved. */
  readonly account: Account;
  /** Asked again for each try, with what is there then; it throws what the caller is told when it does not fit any more. */
  readonly change: (now: Account) => Account;
  readonly events: readonly DomainEvent[];
  /** What the caller is told when the password or the second factor is not the proved one any more. */
  readonly stale: () => AppError;
}

/**
 * Changes an account, and again on what is there when somebody else wrote first: every sign-in writes, so whoever signs in all the time must
 * not keep its owner from changing it. @throws what `change` throws, `stale`, RATE_LIMITED/sign_in_busy after twenty lost races.
 */
export async function changeAccount(
  accounts: AccountStore,
  call: Call,
  { account, change, events, stale }: AccountChange,
): Promise<Account> {
  let now: Account = account;
  for (let tries = 1; tries <= mostTries; tries++) {
    try {
      return await accounts.save(call, change(now), events);
    } catch (error) {
      if (!isLost(error)) throw error;
    }
    const found = await accounts.find(signingIn, account.id);
    if (found === undefined || !isSameProof(found, account)) throw stale();
    now = found;
  }
  throw peopleErrors.busy(1);
}

/** The password and the second factor are those that were proved. */
const isSameProof = (now: Account, was: Account): boolean =>
  now.password?.since.getTime() === was.password?.since.getTime() &&
  now.secondFactor?.since.getTime() === was.secondFactor?.since.getTime();
