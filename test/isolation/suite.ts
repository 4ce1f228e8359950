import { reachableFields } from "./fields.js";
import { whileOursAsk } from "./attempt-changes.js";
import { attemptInjection } from "./attempt-injection.js";
import { attemptMutations, seed } from "./attempt-mutations.js";
import { attemptCursors, attemptEntities, attemptQueries, type Gap } from "./attempt-queries.js";
import { attemptSwaps } from "./attempt-swaps.js";
import { type Ledger, openLedger } from "./ledger.js";
import { inputPlaces, rootFields } from "./schema-places.js";
import { type Answerable, survey } from "./survey.js";
import { type Difference, type Subject } from "./subject.js";

/** What was there to try, what was tried, and what could be told apart. */
export interface Outcome {
  readonly fields: readonly string[];
  readonly fieldsCovered: readonly string[];
  /** Fields that no side may see: covered by whoever stands above, while everybody of our side was refused them. */
  readonly aboveOnly: readonly string[];
  readonly mutations: readonly string[];
  readonly mutationsCovered: readonly string[];
  readonly attempts: number;
  readonly differences: readonly Difference[];
  readonly gaps: readonly Gap[];
}

export type Tell = (line: string) => void;

const nameOf = (one: Gap): string => one.place.replace(/\(.*/, "");

/** Asks a subject everything it can be asked about what is not the asker's. */
export async function attack(subject: Subject, tell: Tell = () => undefined): Promise<Outcome> {
  const ledger = openLedger(subject);
  tell("the world is played");
  const unmade = await seed(ledger);
  for (const { place, why } of [...unmade.ours, ...unmade.theirs]) tell(`${place}: ${why}`);
  tell(`seeded after ${String(ledger.attempts())} requests`);
  const answerable = await survey(ledger);
  ledger.searchAll();
  tell(`surveyed after ${String(ledger.attempts())} requests`);
  const mutations = await attemptMutations(ledger, unmade.theirs);
  tell(`mutations done after ${String(ledger.attempts())}`);
  const gaps = await whileOursAsk(ledger, async () => {
    const missed = [...(await attemptQueries(ledger, answerable)), ...(await attemptEntities(ledger))];
    tell(`queries done after ${String(ledger.attempts())}`);
    await attemptCursors(ledger);
    await attemptSwaps(ledger, answerable);
    tell(`swaps done after ${String(ledger.attempts())}`);
    await attemptInjection(ledger, answerable);
    tell(`injection done after ${String(ledger.attempts())}`);
    return missed;
  });
  return outcomeOf(ledger, {
    answerable,
    covered: mutations.covered,
    gaps: [...mutations.gaps, ...gaps, ...missing(ledger, answerable)],
  });
}

/** Places of queries that take an id and were answered to nobody. */
const missing = ({ subject }: Ledger, answerable: readonly Answerable[]): readonly Gap[] =>
  rootFields(subject.schema, "query").flatMap((field) => {
    const { fitting = [], shut = [] } = answerable.find((one) => one.field.name === field.name) ?? {};
    const fitted = [...fitting, ...shut];
    return inputPlaces(field)
      .filter((place) => place.scalar === "ID" && !fitted.some((one) => one.place?.path.join() === place.path.join()))
      .map((place) => ({ place: `${field.name}(${place.path.join(".")})`, why: "no value of ours is answered" }));
  });

interface Found {
  readonly answerable: readonly Answerable[];
  readonly covered: readonly string[];
  readonly gaps: readonly Gap[];
}

function outcomeOf(ledger: Ledger, { covered, gaps }: Found): Outcome {
  const { schema } = ledger.subject;
  const { ours, theirs, above } = ledger.books;
  const fields = [...reachableFields(schema)];
  const typesOf = (seen: ReadonlySet<string>): ReadonlySet<string> =>
    new Set([...seen].map((place) => place.split(".")[0] ?? ""));
  const real = typesOf(theirs.seen);
  const failed = new Set(gaps.map(nameOf));
  const isTried = (field: string): boolean => !(field.startsWith("Query.") && failed.has(field.slice("Query.".length)));
  const both = fields.filter((field) => ours.seen.has(field) && real.has(field.split(".")[0] ?? "") && isTried(field));
  const aboveOnly = fields.filter(
    (field) => !ours.seen.has(field) && !theirs.seen.has(field) && above.seen.has(field) && isTried(field),
  );
  return {
    fields,
    fieldsCovered: [...both, ...aboveOnly],
    aboveOnly,
    mutations: rootFields(schema, "mutation").map(({ name }) => name),
    mutationsCovered: covered,
    attempts: ledger.attempts(),
    differences: ledger.differences,
    gaps,
  };
}
