import { type ConsentPurpose, consentPurposes, type Identity, type NewStep } from "./consent.js";

/** Columns of a file of consents; the first five are needed, one of the two identities too. */
export const consentColumns = [
  "phone",
  "business_user_id",
  "purpose",
  "source",
  "obtained_at",
  "language",
  "proof_text",
  "proof_url",
] as const;
export type ConsentColumn = (typeof consentColumns)[number];

/** What is wrong with one row of a file. */
export interface RowProblem {
  /** Line of the file, from one. */
  readonly line: number;
  readonly column?: string;
  readonly problem: string;
}

export interface ConsentRow {
  readonly identity: Identity;
  readonly purpose: ConsentPurpose;
  readonly step: NewStep;
}

const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** A row as a file writes it, or the first thing wrong with it. */
export function readConsentRow(
  cells: Readonly<Record<string, string | undefined>>,
): ConsentRow | Omit<RowProblem, "line"> {
  const cell = (column: ConsentColumn): string | undefined => {
    const text = cells[column]?.trim();
    return text === undefined || text === "" ? undefined : text;
  };
  const [purpose, source, at] = [cell("purpose")?.toLowerCase(), cell("source"), cell("obtained_at")];
  const identity = { ...maybe("phone", cell("phone")), ...maybe("userId", cell("business_user_id")) };
  if (Object.keys(identity).length === 0)
    return { column: "phone", problem: "needs a phone number or a business-scoped user id" };
  if (!isPurpose(purpose)) return { column: "purpose", problem: `must be one of ${consentPurposes.join(", ")}` };
  if (source === undefined) return { column: "source", problem: "is needed" };
  if (at === undefined || !zoned.test(at))
    return { column: "obtained_at", problem: "must be an instant with its zone, such as 2026-10-01T12:00:00Z" };
  const proof = { ...maybe("proofText", cell("proof_text")), ...maybe("proofUrl", cell("proof_url")) };
  const step = { what: "granted", at: new Date(at), source, ...maybe("language", cell("language")), ...proof } as const;
  return { identity, purpose, step };
}

const maybe = <K extends string>(name: K, value: string | undefined): Partial<Record<K, string>> =>
  value === undefined ? {} : ({ [name]: value } as Record<K, string>);

const isPurpose = (text: string | undefined): text is ConsentPurpose =>
  (consentPurposes as readonly (string | undefined)[]).includes(text);

/** Names of fields as the rules know them -> columns of the file. */
export const columnOf = (field: string): string =>
  ({
    obtainedAt: "obtained_at",
    proofText: "proof_text",
    proofUrl: "proof_url",
    languages: "language",
    userId: "business_user_id",
  })[field] ?? field;
