import { type CountryCallingCode, parsePhoneNumberFromString } from "libphonenumber-js/max";
import { type NumberingPlan } from "../../ports.js";

/** The world's numbering plans as libphonenumber knows them. */
export const numberingPlan: NumberingPlan = {
  read: (countryCode, nationalNumber) => {
    const digits = `${countryCode}${nationalNumber}`.replace(/\D/g, "");
    const parsed = parsePhoneNumberFromString(`+${digits}`);
    if (parsed?.isPossible() !== true) return undefined;
    const kind = parsed.getType();
    return {
      countryCode: parsed.countryCallingCode satisfies CountryCallingCode,
      nationalNumber: parsed.nationalNumber,
      e164: parsed.number,
      assigned: parsed.isValid(),
      ...(parsed.country !== undefined && { country: parsed.country }),
      ...(kind !== undefined && { kind }),
    };
  },
};
