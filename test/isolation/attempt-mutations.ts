import { whileOursAsk, whileTheirsAct } from "./attempt-changes.js";
import { asking, type Arguments } from "./documents.js";
import { isIdLike, neverLike } from "./ids.js";
import { idsOfKind, type Ledger } from "./ledger.js";
import { foreignFor, type Gap } from "./attempt-queries.js";
import { type InputPlace, inputPlaces, rootFields, valueAt, withValue } from "./schema-places.js";
import { namedIn } from "./survey.js";
import { type Observed, type Recipe, type SideName } from "./subject.js";
import { together } from "./together.js";
import { compareTwins } from "./twins.js";

type RootField = ReturnType<typeof rootFields>[number];

/** A mutation with the recipe by which it succeeds. */
interface Known {
  readonly field: RootField;
  readonly recipe: Recipe;
}

const deep = 4;

/** `owner` is the side's owner; whoever stands above is named in full. */
const callerOf = (ledger: Ledger, side: SideName, { as }: Recipe): string =>
  ledger.subject.callers.above.includes(as) ? as : `${side}.${as}`;

/** The recipe's input, or why there is none. */
const prepare = (recipe: Recipe, side: SideName): Promise<Prepared> =>
  recipe.input(side).then(
    (input) => ({ input, failed: undefined }),
    (error: unknown) => ({ input: undefined, failed: error instanceof Error ? error.message : String(error) }),
  );
interface Prepared {
  readonly input: Input;
  readonly failed: string | undefined;
}

async function perform(ledger: Ledger, side: SideName, known: Known): Promise<string | undefined> {
  const { input, failed } = await prepare(known.recipe, side);
  return failed === undefined ? performWith(ledger, side, { ...known, input }) : `its recipe fails: ${failed}`;
}

interface Ready extends Known {
  readonly input: Input;
}

/** Why the mutation does not succeed with this input; undefined when it does. */
async function performWith(
  ledger: Ledger,
  side: SideName,
  { field, recipe, input }: Ready,
): Promise<string | undefined> {
  const args = input === undefined ? {} : { input };
  const caller = callerOf(ledger, side, recipe);
  const observed = await ledger.ask(caller, asking("mutation", field, args, deep), {
    what: field.name,
    root: "Mutation",
    named: namedIn(args),
  });
  if (observed.body.errors === undefined && observed.body.data?.[field.name] != null) return undefined;
  return `${caller} is refused: ${JSON.stringify(observed.body.errors ?? observed.body)}`.slice(0, 500);
}

const knownMutations = ({ subject: { schema, recipes } }: Ledger): readonly Known[] =>
  rootFields(schema, "mutation").flatMap((field) => {
    const recipe = recipes[field.name];
    return recipe === undefined ? [] : [{ field, recipe }];
  });

/**
 * Every mutation once at our side, then at theirs while our side is told nothing new; so what they make is there to be asked for. Answers what was
 * refused.
 */
export async function seed(ledger: Ledger): Promise<Readonly<Record<SideName, readonly Gap[]>>> {
  const refusals = async (side: SideName): Promise<readonly Gap[]> => {
    const gaps: Gap[] = [];
    for (const one of knownMutations(ledger).flatMap(inAllWays)) {
      const refused = await perform(ledger, side, one);
      if (refused !== undefined) gaps.push({ place: one.field.name, why: `${side}: ${refused}` });
    }
    return gaps;
  };
  const ours = await refusals("ours");
  const theirs = await whileTheirsAct(ledger, () => refusals("theirs"));
  await ledger.subject.enter();
  await ledger.subject.settle();
  return { ours, theirs };
}

const inAllWays = (one: Known): readonly Known[] => {
  const { also } = one.recipe;
  return also === undefined ? [one] : [one, { ...one, recipe: { ...one.recipe, input: also } }];
};

export interface MutationFigures {
  readonly covered: readonly string[];
  readonly gaps: readonly Gap[];
}

/**
 * Every mutation but the unmade has succeeded at theirs; it is tried at ours with ids of theirs and of nobody's, then succeeds at ours: so at each attempt everything but
 * the one id is in order.
 */
export async function attemptMutations(ledger: Ledger, unmade: readonly Gap[]): Promise<MutationFigures> {
  const { schema, recipes } = ledger.subject;
  const fields = rootFields(schema, "mutation");
  const known = knownMutations(ledger);
  const gaps: Gap[] = fields
    .filter(({ name }) => recipes[name] === undefined)
    .map(({ name }) => ({ place: name, why: "has no recipe" }));
  gaps.push(...unmade);
  gaps.push(...Object.keys(recipes).filter((name) => !fields.some((field) => field.name === name)).map((name) => ({ place: name, why: "a recipe for a mutation that is not there" }))); // prettier-ignore
  const covered: string[] = [];
  await whileOursAsk(ledger, async () => {
    for (const one of known) {
      const { gaps: missed, input } = await attempt(ledger, one);
      const stillRefused = input === undefined || (await performWith(ledger, "ours", { ...one, input })) !== undefined;
      const refused = stillRefused ? await perform(ledger, "ours", one) : undefined;
      if (refused !== undefined) missed.push({ place: one.field.name, why: refused });
      else if (missed.length === 0) covered.push(one.field.name);
      gaps.push(...missed);
    }
  });
  const failed = new Set(gaps.map(({ place }) => place));
  return { covered: covered.filter((name) => !failed.has(name)), gaps };
}

/** Tries each place that takes an id, as everybody of our side, with all else in order. */
async function attempt(ledger: Ledger, known: Known): Promise<Attempted> {
  const { field, recipe } = known;
  const gaps: Gap[] = [];
  const callers = [...new Set([callerOf(ledger, "ours", recipe), ...ledger.subject.callers.ours])].filter((caller) =>
    ledger.subject.callers.ours.includes(caller),
  );
  const { input, failed } = await prepare(recipe, "ours");
  if (failed !== undefined)
    return { gaps: [{ place: field.name, why: `its recipe fails: ${failed}` }], input: undefined };
  const places = inputPlaces(field).filter(({ scalar }) => scalar === "ID");
  for (const place of places) {
    const name = `${field.name}(${place.path.join(".")})`;
    const own = valueAt({ input }, place.path);
    const found = foreignOf(ledger, own, place);
    const foreign = found.length > 0 ? found : await theirOwn(recipe, place);
    if (typeof own !== "string") gaps.push({ place: name, why: "its recipe gives no value there" });
    else if (foreign.length === 0) gaps.push({ place: name, why: `nothing like ${own} is theirs alone` });
    for (const theirs of foreign.slice(0, 1))
      await together(callers, (caller) => compareAt(ledger, { field, input, place, theirs, caller }));
  }
  if (places.length === 0) await askAsAll(ledger, known, callers);
  return { gaps, input: places.length === 0 ? undefined : input };
}

interface Attempted {
  readonly gaps: Gap[];
  /** What is in order but for the ids that were tried; it may still succeed. */
  readonly input: Input;
}

/** Ids of their kind; of an id that was made for this attempt alone, whose place no answer has shown yet, those with its prefix. */
function foreignOf(ledger: Ledger, own: unknown, place: InputPlace): readonly string[] {
  const found = foreignFor(ledger, own, place);
  if (found.length > 0 || typeof own !== "string" || !isIdLike(own)) return found;
  const prefix = /^([a-z]{3})_/.exec(own)?.[1];
  if (prefix !== undefined) return idsOfKind(ledger.private(), prefix).slice(-1);
  const field = place.path.at(-1) ?? "";
  return [...ledger.books.theirs.at]
    .filter(([at]) => at.endsWith(`.${field}`))
    .flatMap(([, values]) => [...values])
    .slice(-1);
}

/** What theirs would give in the same place. */
async function theirOwn(recipe: Recipe, place: InputPlace): Promise<readonly string[]> {
  const { input } = await prepare(recipe, "theirs");
  const value = valueAt({ input }, place.path);
  return typeof value === "string" ? [value] : [];
}

interface At {
  readonly field: RootField;
  readonly input: Input;
  readonly place: InputPlace;
  readonly theirs: string;
  readonly caller: string;
}

type Input = Awaited<ReturnType<Recipe["input"]>>;

/** A repeat under the same key would be answered from what is kept. */
function afresh(ledger: Ledger, input: Input): Input {
  return input?.["idempotencyKey"] === undefined
    ? input
    : { ...input, idempotencyKey: `again:${String(ledger.attempts()).padStart(9, "0")}` };
}

async function compareAt(ledger: Ledger, { field, input, place, theirs, caller }: At): Promise<void> {
  const what = `${field.name}(${place.path.join(".")})`;
  await compareTwins(ledger, {
    what,
    caller,
    theirs,
    nobodys: neverLike(theirs),
    byId: field.name,
    ask: async (value): Promise<Observed> => {
      const args = withValue({ input: afresh(ledger, input) }, place.path, value) as Arguments;
      return ledger.ask(caller, asking("mutation", field, args, deep), {
        what,
        root: "Mutation",
        named: [value, ...namedIn(args)],
      });
    },
  });
}

/** A mutation that names no id: nobody of our side learns of theirs by asking for it. */
async function askAsAll(ledger: Ledger, { field, recipe }: Known, callers: readonly string[]): Promise<void> {
  const own = callerOf(ledger, "ours", recipe);
  const { input } = await prepare(recipe, "ours");
  const args = input === undefined ? {} : { input };
  await together(
    callers.filter((one) => one !== own),
    (caller) =>
      ledger.ask(caller, asking("mutation", field, args, deep), {
        what: field.name,
        root: "Mutation",
        named: namedIn(args),
      }),
  );
}
