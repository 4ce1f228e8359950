import { type Call } from "@greentick/kernel";
import { type Account } from "../../domain/account.js";
import { normalisedPassword, passwordLengths, passwordProblem, standsAlone } from "../../domain/password-policy.js";
import { type EnterPorts } from "./enter-ports.js";

interface NewPassword {
  readonly password: string;
  readonly withSecondFactor: boolean;
  /** Words around the person. */
  readonly about: readonly string[];
}

/** @throws BAD_USER_INPUT/password_refused, RATE_LIMITED/sign_in_busy. */
export async function keptPassword(
  { isCommon, hasher }: Pick<EnterPorts, "isCommon" | "hasher">,
  call: Call,
  { password: typed, withSecondFactor, about }: NewPassword,
): Promise<NonNullable<Account["password"]>> {
  const password = normalisedPassword(typed);
  const minimum = withSecondFactor ? passwordLengths.withSecondFactor : passwordLengths.alone;
  const problem = passwordProblem(password, { minimum, isCommon, about: ["greentick", ...about] });
  if (problem !== undefined) throw problem;
  return { hash: await hasher.hash(password), since: call.systemNow(), alone: standsAlone(password) };
}
