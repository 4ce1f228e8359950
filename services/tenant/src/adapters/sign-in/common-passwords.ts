import { dictionary } from "@zxcvbn-ts/language-common";
import { type IsCommonPassword } from "../../ports/people.js";

/** The 49,000 passwords found most often in published breaches, as the zxcvbn project collects them; all in lower case. */
export function commonPasswords(): IsCommonPassword {
  const common = new Set(dictionary["passwords-common"]);
  return (lower) => common.has(lower);
}
