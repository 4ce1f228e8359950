/** Where a body stands in line: behind the others of its lane, beside those of other lanes. */
export interface Lane {
  /** Id of the account whose updates it holds, `stripe`, or one of the two words below. */
  readonly lane: string;
  /** The accounts, where there are several. */
  readonly lanes?: readonly string[];
}

/** Bodies of several accounts: each stands in the lanes of all of them. */
export const severalLanes = "several";
/** Bodies that do not show their accounts at a glance: nothing passes them. */
export const unsureLane = "unsure";

const entry = /\{\s*"id"\s*:\s*"(\d{1,32})"\s*,\s*(?:"time"\s*:\s*\d{1,20}\s*,\s*)?"changes"/g;
const changes = '"changes"';

/**
 * The lane of a signed body of Meta's, by a glance at its bytes: nothing is parsed, and a wrong glance costs order or fairness, never an update. It is
 * sure only where every list of changes stands right behind an account's id, as Meta writes it.
 */
export function laneOf(body: Buffer): Lane {
  const text = body.toString("latin1");
  const seen = [...text.matchAll(entry)].map(([, id = ""]) => id);
  if (seen.length === 0 || seen.length !== occurrences(text, changes)) return { lane: unsureLane };
  const lanes = [...new Set(seen)];
  return lanes.length === 1 ? { lane: lanes[0] ?? unsureLane } : { lane: severalLanes, lanes };
}

function occurrences(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++;
  return count;
}
