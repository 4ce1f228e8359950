import { personKeyPurpose } from "@greentick/contracts";
import { badInput } from "@greentick/kernel";
import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { type Identities } from "../../ports/consent.js";

const userIdPattern = /^[A-Z]{2}\.[A-Za-z0-9]{1,128}$/;

/** Contacts by number in E.164 and by Meta's business-scoped user id; `blind` hashes them with the service's key. */
export const identitiesOf = (blind: (purpose: string, value: string) => string): Identities => ({
  read: ({ phone, userId }) => {
    const number = phone === undefined ? undefined : e164(phone);
    const names = [number?.slice(1), userId === undefined ? undefined : checkedUserId(userId)].filter(
      (name) => name !== undefined,
    );
    if (names.length === 0) throw badInput("identity", "needs a phone number or a business-scoped user id");
    return {
      keys: names.map((name) => blind(personKeyPurpose, name)),
      hint: hintOf(number ?? userId ?? ""),
      names,
      plain: { ...(number !== undefined && { phone: number }), ...(userId !== undefined && { userId }) },
    };
  },
});

function checkedUserId(userId: string): string {
  if (!userIdPattern.test(userId))
    throw badInput("userId", "is no business-scoped user id; they look like MX.71620394851726305918");
  return userId;
}

const hintOf = (name: string): string => `${name.slice(0, 3)}…${name.slice(-2)}`;

function e164(text: string): string {
  const parsed = parsePhoneNumberFromString(text.trim());
  if (parsed?.isPossible() !== true) throw badInput("phone", "is no phone number; use E.164, such as +573005550123");
  return parsed.number;
}
