import { answerText, commandLines, parting, unlike } from "./compare.js";
import { type Ledger } from "./ledger.js";
import { type Observed } from "./subject.js";

/** The same request twice: about something of theirs, and about something of nobody's. */
export interface Twins {
  readonly what: string;
  readonly caller: string;
  readonly theirs: string;
  readonly nobodys: string;
  readonly ask: (value: string) => Promise<Observed>;
  /** The field that is asked for one object by this id: a miss leaves one row in the asker's trail. */
  readonly byId?: string;
}

interface Found {
  readonly kind: "answer" | "commands";
  readonly found: string;
}

function compared(
  ledger: Ledger,
  { theirs, nobodys }: Twins,
  [one, other]: readonly [Observed, Observed],
): readonly Found[] {
  const books = Object.values(ledger.books);
  const isKnown = (id: string): boolean => books.some(({ ids }) => ids.has(id));
  const [ours, nobody] = [
    { asked: theirs, isKnown },
    { asked: nobodys, isKnown },
  ] as const;
  const [a, b] = [answerText(one, ours), answerText(other, nobody)];
  const lines = unlike(commandLines(one, ours), commandLines(other, nobody));
  return [
    ...(a === b ? [] : [{ kind: "answer" as const, found: parting(a, b) }]),
    ...lines.map((found) => ({ kind: "commands" as const, found })),
  ];
}

/** The same again: an answer that differs in any way, a command of the same sort on the same side. */
const isAgain = (one: Found, before: readonly Found[]): boolean =>
  before.some(
    ({ kind, found }) =>
      kind === one.kind && (kind === "answer" || found === one.found || (isParting(found) && isParting(one.found))),
  );
const isParting = (found: string): boolean => found.startsWith("theirs …");

/** Nothing of that id in sight: null, or refused as not there. */
const isMiss = ({ body }: Observed, field: string): boolean =>
  body.errors === undefined
    ? body.data?.[field] === null
    : body.errors.every(({ extensions }) => extensions?.["code"] === "NOT_FOUND");

/** Each miss leaves one row; visitors have no trail of their own. */
function checkTrail(ledger: Ledger, { what, caller, byId }: Twins, both: readonly Observed[]): void {
  const { isTrailRow } = ledger.subject;
  if (isTrailRow === undefined || byId === undefined || caller.endsWith(".visitor")) return;
  for (const rows of both.filter((one) => isMiss(one, byId)).map(({ commands }) => commands.filter(isTrailRow).length))
    if (rows !== 1)
      ledger.report({ kind: "trail", at: what, caller, found: `a miss left ${String(rows)} rows in the trail` });
}

const tries = 3;
const mostReported = 4;

/**
 * Compares the two answers and what each made the store do. A difference counts when it is there every time: a cache that is filled, or a standing that
 * is looked up again, by whichever request comes first is not one.
 */
export async function compareTwins(ledger: Ledger, twins: Twins): Promise<void> {
  let found: readonly Found[] = [];
  for (let at = 0; at < tries; at++) {
    const inOrder = at % 2 === 0 ? [twins.theirs, twins.nobodys] : [twins.nobodys, twins.theirs];
    const first = await twins.ask(inOrder[0] ?? "");
    const second = await twins.ask(inOrder[1] ?? "");
    if (at === 0) checkTrail(ledger, twins, [first, second]);
    const now = compared(ledger, twins, at % 2 === 0 ? [first, second] : [second, first]);
    found = at === 0 ? now : now.filter((one) => isAgain(one, found));
    if (found.length === 0) return;
  }
  for (const { kind, found: what } of found.slice(0, mostReported))
    ledger.report({ kind, at: twins.what, caller: twins.caller, found: what.slice(0, 900) });
}
