import { type Evidence } from "./signup-case.js";
import { signupErrors } from "./errors.js";

/** A phone number as the numbering plans know it. */
export interface KnownNumber {
  readonly countryCode: string;
  readonly nationalNumber: string;
  readonly e164: string;
  /** Whether the plan has such numbers; Meta's own +1 555 numbers are possible, yet in no plan. */
  readonly assigned: boolean;
  /** ISO alpha-2 country, where the plan tells. */
  readonly country?: string;
  /** Kind in the numbering plan (`MOBILE`, `FIXED_LINE`, …), where it tells. */
  readonly kind?: string;
}

const blocked: readonly (readonly [RegExp, string])[] = [
  [/^.{0,2}$/u, "a display name has at least three characters"],
  [/^.{513,}$/u, "a display name has at most 512 characters"],
  [/https?:|www\./iu, "a display name is a business's name, not a web address"],
  [/whatsapp|facebook|instagram|\bmeta\b/iu, "a display name does not contain a brand of Meta's"],
  [/^[\p{P}\p{S}\d\s]+$/u, "a display name contains letters"],
];

/**
 * What is checked before Meta is asked for anything: the number is possible in its country's plan, the name can be a display name
 * (Meta: display name guidelines), the client may be onboarded.
 * @throws BAD_USER_INPUT/display_name_invalid, CONFLICT/tenant_not_active.
 */
export function preflightNumber(number: KnownNumber, displayName: string): Evidence {
  const problem = blocked.find(([pattern]) => pattern.test(displayName.trim()));
  if (problem !== undefined) throw signupErrors.displayNameInvalid(problem[1]);
  return {
    number: `${number.assigned ? "assigned" : "possible, but not assigned"} in the plan of ${number.country ?? `+${number.countryCode}`}`,
    kind: number.kind ?? "not told by the plan",
    displayName: "no rule of Meta's display name guidelines is broken",
  };
}

/** @throws CONFLICT/tenant_not_active. */
export function preflightClient(status: string): Evidence {
  if (status === "suspended" || status === "closed") throw signupErrors.tenantClosed(status);
  return { client: status };
}
