import { AppError } from "@greentick/kernel";

const conflict = (reason: string, message: string, details: Record<string, string | readonly string[]>): AppError =>
  new AppError("CONFLICT", reason, message, details);
const missing = (reason: string, what: string, id: string): AppError =>
  new AppError(
    "NOT_FOUND",
    reason,
    `There is no ${what} ${id}. Check the id, and whether you act for the right client.`,
    {
      id,
    },
  );

/** Everything that can go wrong with a signup case. */
export const signupErrors = {
  notFound: (id: string): AppError => missing("signup_case_not_found", "signup case", id),
  over: (id: string, status: string): AppError =>
    conflict("signup_over", `The signup case ${id} is ${status}; nothing can change it any more. Open a new case.`, {
      caseId: id,
      status,
    }),
  notAtStep: (id: string, step: string, standsAt: string): AppError =>
    conflict(
      "signup_not_at_step",
      `The signup case ${id} stands at ${standsAt}, not at ${step}. Read the case: it says what it waits for.`,
      { caseId: id, step, standsAt },
    ),
  notBlocked: (id: string): AppError =>
    conflict(
      "signup_not_blocked",
      `The signup case ${id} has no refused step. Read the case: it says what it waits for.`,
      {
        caseId: id,
      },
    ),
  codeNeeded: (id: string): AppError =>
    conflict(
      "signup_code_needed",
      `The signup case ${id} needs a new code: go through Embedded Signup again and pass its code, within 30 seconds.`,
      { caseId: id },
    ),
  digitsBeingChecked: (id: string): AppError =>
    conflict(
      "verification_in_progress",
      `Meta is checking the digits of the signup case ${id}. Read the case in a moment.`,
      {
        caseId: id,
      },
    ),
  alreadyOpen: (): AppError =>
    conflict(
      "signup_case_exists",
      "There is a signup case for this account and number already. Go on with it, or abandon it first.",
      {},
    ),
  tenantClosed: (status: string): AppError =>
    conflict("tenant_not_active", `The client is ${status}: reactivate it before bringing a number live.`, { status }),
  numberInvalid: (number: string): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "phone_number_invalid",
      `phone: +${number} is no possible phone number. Give the calling code and the national number, digits only.`,
      { field: "phone" },
    ),
  displayNameInvalid: (problem: string): AppError =>
    new AppError("BAD_USER_INPUT", "display_name_invalid", `phone.displayName: ${problem}`, {
      field: "phone.displayName",
    }),
};

export const wabaErrors = {
  notFound: (id: string): AppError => missing("waba_not_found", "WhatsApp Business Account", id),
  taken: (): AppError =>
    conflict(
      "waba_taken",
      "This WhatsApp Business Account cannot be linked to this client, because it is linked elsewhere on this platform. Ask the onboarding team.",
      {},
    ),
};

export const numberErrors = {
  notFound: (id: string): AppError => missing("phone_number_not_found", "phone number", id),
  taken: (): AppError =>
    conflict(
      "phone_number_taken",
      "This phone number cannot be added to this client, because it belongs elsewhere on this platform. Ask the onboarding team.",
      {},
    ),
};

export const badgeErrors = {
  notFound: (id: string): AppError => missing("badge_request_not_found", "badge request", id),
  exists: (): AppError =>
    conflict(
      "badge_request_exists",
      "This number has a badge request already. Go on with it: one request is kept per number.",
      {},
    ),
  wrongState: (id: string, status: string, wanted: readonly string[]): AppError =>
    conflict(
      "badge_wrong_state",
      `The badge request ${id} is ${status}; this is possible only while it is ${wanted.join(" or ")}.`,
      {
        badgeRequestId: id,
        status,
      },
    ),
  notReady: (id: string, failing: readonly string[]): AppError =>
    conflict(
      "badge_not_ready",
      `The badge request ${id} does not meet ${failing.join(", ")}. Meet these rules, or submit with acceptRisks: a refusal by Meta costs 30 days.`,
      { badgeRequestId: id, rules: failing },
    ),
  evidenceFull: (id: string, most: number): AppError =>
    conflict(
      "badge_evidence_full",
      `The badge request ${id} has ${most} links, the most Meta takes. Withdraw one first.`,
      {
        badgeRequestId: id,
      },
    ),
  evidenceMissing: (id: string): AppError => missing("badge_evidence_not_found", "piece of evidence", id),
};
