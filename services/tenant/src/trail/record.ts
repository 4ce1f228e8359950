import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { type Link, type Personal, personalFields, type Salted } from "../domain/trail.js";

/** The format of exported trails, and with it the rule by which records are hashed. */
export const trailFormat = "greentick-audit/2";

/** The one before: its end did not say whether the tenant was erased, so it cannot tell an erased value from one that was taken out. */
export const formerFormat = "greentick-audit/1";

/** What stands before the first record of a chain. */
export const genesis = "0".repeat(64);

/** Canonical JSON (RFC 8785): keys in order, no spaces; times are ISO 8601 in UTC with ms. */
export function canonicalText(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new RangeError("nothing has no canonical form");
  return text;
}

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The record's hash: over all of it but the hash itself and the personal values, which its commitments stand for. */
export const hashOfLink = (link: Link): string => sha256(canonicalText(link));

export const commitmentOf = ({ salt, value }: Salted): string => sha256(canonicalText([salt, value]));

export const commitmentsOf = (personal: Personal): Link["commitments"] =>
  Object.fromEntries(
    personalFields.flatMap((field) => {
      const salted = personal[field];
      return salted === undefined ? [] : [[field, commitmentOf(salted)]];
    }),
  );
