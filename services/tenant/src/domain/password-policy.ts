import { type AppError } from "@greentick/kernel";
import { peopleErrors } from "./people-errors.js";

/**
 * Characters that a password needs: more when nothing else protects the account (NIST SP 800-63B-4 §3.1.1.2). There are no rules about kinds
 * of characters and no expiry: the same section forbids both.
 */
export const passwordLengths = { alone: 15, withSecondFactor: 8, longest: 128 } as const;

export interface PasswordRule {
  readonly minimum: number;
  /** True for passwords that attackers try first; asked with lower case. */
  readonly isCommon: (password: string) => boolean;
  /** Names, addresses and brands around this person: they are tried early, so they count for nothing. */
  readonly about: readonly string[];
}

/** One spelling for what looks the same, so that another keyboard does not lock its owner out (RFC 8265 §4.2.2). */
export const normalisedPassword = (typed: string): string => typed.normalize("NFC");

/** In code points, as NIST counts. */
const lengthOf = (text: string): number => Array.from(text).length;

/** True when the password needs no second factor beside it. */
export const standsAlone = (password: string): boolean => lengthOf(password) >= passwordLengths.alone;

/** What is wrong with a new password, or undefined. `password` is normalised. */
export function passwordProblem(password: string, rule: PasswordRule): AppError | undefined {
  const { minimum } = rule;
  const refused = (problem: string, name: string): AppError => peopleErrors.passwordRefused(problem, name, minimum);
  const length = lengthOf(password);
  if (length < minimum)
    return refused(
      `has ${length} characters; it needs at least ${minimum}. A few words in a row do well.`,
      "too_short",
    );
  if (length > passwordLengths.longest)
    return refused(`has ${length} characters; ${passwordLengths.longest} are the most.`, "too_long");
  if (isWeak(password.toLowerCase(), rule.isCommon))
    return refused("is one of the first that attackers try. Choose another.", "common");
  if (isAbout(password.toLowerCase(), rule.about))
    return refused("is made of your name, your address or your business. Choose other words.", "about_you");
  return undefined;
}

const isWeak = (lower: string, isCommon: PasswordRule["isCommon"]): boolean =>
  isCommon(lower) || isCommon(shortestUnit(lower)) || new Set(lower).size < 5 || isRun(lower);

/** "abcabcabc" -> "abc"; a text that repeats nothing stays whole. */
function shortestUnit(text: string): string {
  const at = `${text}${text}`.indexOf(text, 1);
  return text.slice(0, at);
}

/** Up or down the alphabet or the digits all the way: "abcdefghijklmno". */
function isRun(text: string): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const steps = new Set(codes.slice(1).map((code, at) => code - (codes[at] ?? 0)));
  return steps.size === 1;
}

const leastLeft = 8;
const shortestWord = 4;

/** Little is left of the password when the words around the person are taken out. */
function isAbout(lower: string, about: readonly string[]): boolean {
  const words = [...new Set(about.flatMap(wordsOf))].sort((a, b) => b.length - a.length);
  const left = words.reduce((rest, word) => rest.replaceAll(word, ""), lower);
  return left !== lower && lengthOf(left) < leastLeft;
}

const wordsOf = (text: string): readonly string[] =>
  text
    .normalize("NFC")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => lengthOf(word) >= shortestWord);
