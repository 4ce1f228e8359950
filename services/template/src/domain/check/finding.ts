import { type TemplateContent } from "../content.js";

/** `hard`: Meta refuses the creation or the template. `soft`: likely refused, likely moved to another category, or hard to read. */
type Severity = "hard" | "soft";

/** One thing that a draft gets wrong: what, where, and how to put it right. */
export interface Finding {
  readonly severity: Severity;
  /** Stable word for machines. */
  readonly code: string;
  /** `name`, `header`, `body`, `footer`, `buttons`, or `buttons[1].url`. */
  readonly place: string;
  readonly problem: string;
  readonly fix: string;
}

export type Rule = (content: TemplateContent) => readonly Finding[];

type Words = Omit<Finding, "severity">;
export const hard = (words: Words): Finding => ({ severity: "hard", ...words });
export const soft = (words: Words): Finding => ({ severity: "soft", ...words });

/** The findings whose condition holds. */
export const when = (holds: boolean, ...findings: readonly Finding[]): readonly Finding[] => (holds ? findings : []);

/** Length as Meta counts it: characters, not UTF-16 units. */
export const lengthOf = (text: string): number => Array.from(text).length;

export const tooLong = (place: string, text: string, most: number): readonly Finding[] =>
  when(
    lengthOf(text) > most,
    hard({
      code: "too_long",
      place,
      problem: `has ${lengthOf(text)} characters; ${most} are allowed`,
      fix: `Shorten it to ${most} characters.`,
    }),
  );
