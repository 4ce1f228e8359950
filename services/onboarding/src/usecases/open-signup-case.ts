import { allow, type Call } from "@greentick/kernel";
import { signupErrors } from "../domain/errors.js";
import { type KnownNumber, preflightClient, preflightNumber } from "../domain/preflight.js";
import { type CodeMethod, openCase, type SignupCase, type SignupNumber } from "../domain/signup-case.js";
import { type SignupPath } from "../domain/signup-steps.js";
import { type OnboardingPorts } from "../ports.js";
import { about } from "./secrets.js";
import { advanced } from "./signup-events.js";

/** What Embedded Signup hands over when it finishes, and the number to bring live. */
interface OpenSignupInput {
  /** Lives 30 seconds and works once. */
  readonly code: string;
  readonly wabaId: string;
  readonly metaBusinessId: string;
  readonly phoneNumberId?: string;
  /** Absent: only the account is linked. */
  readonly phone?: { readonly countryCode: string; readonly number: string; readonly displayName: string };
  readonly codeMethod: CodeMethod;
}
export type OpenSignupCase = (call: Call, input: OpenSignupInput) => Promise<SignupCase>;

type Ports = Pick<OnboardingPorts, "cases" | "vault" | "plan" | "clients">;

/** Checks what can be checked without Meta and keeps the intent; the exchange of the code follows from its event. */
export const openSignupCase =
  ({ cases, vault, plan, clients }: Ports): OpenSignupCase =>
  async (call, input) => {
    allow(call, "onboarding:write");
    const { code, phone, ...rest } = input;
    const known = phone && readNumber(plan, phone);
    const preflight = {
      ...preflightClient((await clients.statusOf(call.tenantId)) ?? "not announced to this service yet"),
      ...(known && preflightNumber(known, phone.displayName)),
    };
    const id = call.newId("signupCase");
    const path: SignupPath = known === undefined ? "waba_only" : "new_number";
    const opened = openCase(
      {
        ...ownerOf(call),
        id,
        path,
        wabaId: rest.wabaId,
        metaBusinessId: rest.metaBusinessId,
        ...(rest.phoneNumberId !== undefined && { phoneNumberId: rest.phoneNumberId }),
        ...(known && { number: numberFrom(known, phone.displayName, rest.codeMethod) }),
        sealedSignupCode: await vault.seal(about.signupCode({ id, tenantId: call.tenantId }), code),
        preflight,
      },
      call.now(),
    );
    const kept = await cases.insert(call, opened, [advanced(opened, "preflight")], {
      mutation: "openSignupCase",
      input,
    });
    call.log.info({ caseId: kept.id, path }, "signup case opened");
    return kept;
  };

export const ownerOf = (call: Call): Pick<SignupCase, "tenantId" | "ancestorIds" | "livemode" | "version"> => ({
  tenantId: call.tenantId,
  ancestorIds: call.ancestorIds,
  livemode: call.livemode,
  version: 0,
});

function readNumber(plan: OnboardingPorts["plan"], phone: NonNullable<OpenSignupInput["phone"]>): KnownNumber {
  const known = plan.read(phone.countryCode, phone.number);
  if (known === undefined) throw signupErrors.numberInvalid(`${phone.countryCode} ${phone.number}`);
  return known;
}

const numberFrom = (known: KnownNumber, displayName: string, codeMethod: CodeMethod): SignupNumber => ({
  countryCode: known.countryCode,
  nationalNumber: known.nationalNumber,
  e164: known.e164,
  displayName: displayName.trim(),
  codeMethod,
});
