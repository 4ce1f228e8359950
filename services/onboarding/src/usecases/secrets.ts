import { type SignupCase } from "../domain/signup-case.js";
import { type PhoneNumber } from "../domain/phone-number.js";
import { type SecretPlace } from "../ports.js";

type Of<T, K extends keyof T> = Pick<T, K>;

/** A field of a record whose id is ours; before tenants had keys of their own it was sealed under `<record>/<field>`. */
const fieldOf = (
  { tenantId, id }: Of<SignupCase, "tenantId"> & { readonly id: string },
  field: string,
): SecretPlace => ({
  tenantId,
  record: id,
  field,
  formerly: `${id}/${field}`,
});

/** Where every sealed value stands: a value moved elsewhere does not open. A token belongs to its account, and moves with it from the case. */
export const about = {
  signupCode: (one: Of<SignupCase, "id" | "tenantId">): SecretPlace => fieldOf(one, "signup_code"),
  digits: (one: Of<SignupCase, "id" | "tenantId">): SecretPlace => fieldOf(one, "verification_digits"),
  token: ({ tenantId, wabaId }: Of<SignupCase, "tenantId" | "wabaId">): SecretPlace => ({
    tenantId,
    record: wabaId,
    field: "business_token",
    formerly: `${tenantId}/business_token/${wabaId}`,
  }),
  pin: (number: Of<PhoneNumber, "id" | "tenantId">): SecretPlace => fieldOf(number, "pin"),
};
