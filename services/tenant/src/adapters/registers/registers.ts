import { isSupportedCountry, parsePhoneNumberFromString } from "libphonenumber-js/max";
import { stdnum } from "stdnum";
import { type Registers } from "../../domain/tenant-settings.js";

/** Tax numbers as stdnum knows them (formats and check digits of some ninety countries), phone numbers as libphonenumber does. */
export const registers: Registers = {
  taxId: ({ country, kind, value }) => {
    const kinds = stdnum[country] ?? {};
    const result = Object.hasOwn(kinds, kind) ? kinds[kind]?.validate(value) : undefined;
    if (result === undefined) return "unknown";
    return result.isValid ? { value: result.compact } : "invalid";
  },
  phone: (text, country) => {
    const parsed = parsePhoneNumberFromString(text, isSupportedCountry(country) ? country : undefined);
    return parsed?.isValid() === true ? parsed.number : undefined;
  },
};
