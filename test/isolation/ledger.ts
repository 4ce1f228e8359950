import { type Asked } from "../asking/answers.js";
import { type Book, bookOf } from "./ids.js";
import { type Difference, type Observed, type SideName, type Subject } from "./subject.js";

export type Group = SideName | "above";

/** What the suite has asked, seen and found so far. */
export interface Ledger {
  readonly subject: Subject;
  readonly books: Readonly<Record<Group, Book>>;
  /** Asks as somebody and remembers what came; whatever our side is told is searched for what is theirs. */
  readonly ask: (caller: string, asked: Asked, about: About) => Promise<Observed>;
  /** The same with a body as it is. */
  readonly raw: (caller: string, body: string, what: string) => Promise<Observed>;
  readonly attempts: () => number;
  readonly differences: readonly Difference[];
  readonly report: (difference: Difference) => void;
  /** Places at which a real id of theirs was tried, as `Query.template`. */
  readonly tried: Set<string>;
  /** Ids that only their side knows, with their kinds. */
  readonly private: () => ReadonlyMap<string, string>;
  /** Runs the search over all that our side was told before it was known what is theirs. */
  readonly searchAll: () => void;
}

export interface About {
  readonly what: string;
  /** Type of the answer's fields at its root. */
  readonly root: "Query" | "Mutation";
  /** Values that the request itself named. */
  readonly named?: readonly string[];
}

interface Told {
  readonly caller: string;
  readonly what: string;
  readonly text: string;
}

const groupOf = ({ callers }: Subject, caller: string): Group =>
  callers.ours.includes(caller) ? "ours" : callers.theirs.includes(caller) ? "theirs" : "above";

const words = /[A-Za-z0-9_:.-]{9,}/g;
const ulids = /[a-z]{3}_[0-7][0-9A-HJKMNP-TV-Z]{25}/g;
const without = (text: string, named: readonly string[]): string =>
  named.reduce((left, one) => left.replaceAll(one, "<named>"), text);

export function openLedger(subject: Subject): Ledger {
  const { schema, canaries, common } = subject;
  const books = { ours: bookOf(schema), theirs: bookOf(schema), above: bookOf(schema) };
  const differences: Difference[] = [];
  const told: Told[] = [];
  let attempts = 0;
  const isCommon = (kind: string): boolean => kind in common;
  let secret: ReadonlyMap<string, string> = new Map();
  let noted = 0;
  const privates = (): ReadonlyMap<string, string> => {
    const { ids } = books.theirs;
    if (ids.size !== noted) secret = new Map([...ids].filter(([id, kind]) => !isCommon(kind) && !isCommon(id)));
    noted = ids.size;
    return secret;
  };
  let known: ReadonlyMap<string, string> | undefined;
  const search = ({ caller, what, text }: Told): void => {
    const found = [
      ...canaries.filter((word) => text.includes(word)),
      ...new Set([...(text.match(words) ?? []), ...(text.match(ulids) ?? [])].filter((word) => known?.has(word))),
    ];
    for (const one of found) {
      const at = text.indexOf(one);
      differences.push({
        kind: "leak",
        at: what,
        caller,
        found: `${one} in …${text.slice(Math.max(0, at - 120), at + 80)}…`,
      });
    }
  };
  return {
    subject,
    books,
    differences,
    tried: new Set(),
    attempts: () => attempts,
    report: (difference) => differences.push(difference),
    private: privates,
    searchAll: () => {
      known = privates();
      for (const one of told.splice(0)) search(one);
    },
    raw: async (caller, body, what) => {
      attempts += 1;
      const observed = await subject.askRaw(caller, body);
      if (groupOf(subject, caller) === "ours") search({ caller, what, text: JSON.stringify(observed.body) });
      return observed;
    },
    ask: async (caller, asked, { what, root, named = [] }) => {
      attempts += 1;
      const observed = await subject.ask(caller, asked);
      const group = groupOf(subject, caller);
      books[group].note(root, observed.body.data);
      const one = { caller, what, text: without(JSON.stringify(observed.body), named) };
      if (group === "ours" && known === undefined) told.push(one);
      else if (group === "ours") search(one);
      return observed;
    },
  };
}

/** Values of a kind that one side knows. */
export const idsOfKind = (ids: ReadonlyMap<string, string>, kind: string): readonly string[] =>
  [...ids].filter(([, one]) => one === kind).map(([id]) => id);
