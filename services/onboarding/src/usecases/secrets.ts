import { type SignupCase } from "../domain/signup-case.js";
import { type PhoneNumber } from "../domain/phone-number.js";

/** Owner and field of every sealed value: a value moved elsewhere does not open. */
export const about = {
  signupCode: (one: Pick<SignupCase, "id">): string => `${one.id}/signup_code`,
  digits: (one: Pick<SignupCase, "id">): string => `${one.id}/verification_digits`,
  token: (account: Pick<SignupCase, "tenantId" | "wabaId">): string =>
    `${account.tenantId}/business_token/${account.wabaId}`,
  pin: (number: Pick<PhoneNumber, "id">): string => `${number.id}/pin`,
};
