import { getNamedType, isObjectType, isRequiredArgument } from "graphql";
import { writer } from "../asking/questions.js";
import { type Arguments, asking, isPaged } from "./documents.js";
import { isIdLike } from "./ids.js";
import { type Group, type Ledger } from "./ledger.js";
import { type InputPlace, inputPlaces, rootFields, withValue } from "./schema-places.js";
import { type Body, type Observed } from "./subject.js";
import { together } from "./together.js";

type RootField = ReturnType<typeof rootFields>[number];

/** A field of Query as a side can ask it: arguments that were answered with something. */
export interface Answerable {
  readonly field: RootField;
  /** Each with another value at one place. */
  readonly fitting: readonly Fitting[];
  /** With which nobody of the side is answered, but whoever stands above. */
  readonly shut: readonly Fitting[];
}

export interface Fitting {
  readonly place: InputPlace | undefined;
  readonly args: Arguments;
  /** Who was answered. */
  readonly caller: string;
}

const pages = [50, 20, 8, 3, 1] as const;
const mostValues = 12;

const reasonOf = ({ errors }: Body): unknown => errors?.[0]?.extensions?.["reason"];

interface Page {
  readonly totalCount?: number;
  readonly nodes?: readonly unknown[];
  readonly pageInfo?: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const pageIn = ({ body }: Observed, field: RootField): Page | undefined => body.data?.[field.name] ?? undefined;

/** Levels of objects: all of them, enough to see whose they are, or no more than whether there is an answer. */
const everything = 9;
const enough = 3;
const little = 1;

interface Asked {
  readonly field: RootField;
  readonly args: Arguments;
  readonly deep: number;
}

/** Asks a field as deep as the limits let it, a list for its first two pages. Answers the first. */
async function askDeep(ledger: Ledger, caller: string, { field, args, deep }: Asked): Promise<Observed> {
  const what = `${field.name}(${JSON.stringify(args)})`;
  const ask = (more: Arguments): Promise<Observed> =>
    ledger.ask(caller, asking("query", field, { ...args, ...more }, deep), {
      what,
      root: "Query",
      named: namedIn(args),
    });
  if (!isPaged(field)) return ask({});
  if (deep === little) return ask({ first: 1 });
  if (deep === enough) return ask({ first: pages[2] });
  let size = 0;
  let observed = await ask({ first: pages[0] });
  while (reasonOf(observed.body) === "limit_exceeded" && size < pages.length - 1)
    observed = await ask({ first: pages[++size] });
  const { pageInfo } = pageIn(observed, field) ?? {};
  if (pageInfo?.hasNextPage === true) await ask({ first: pages[size], after: pageInfo.endCursor });
  return observed;
}

/** Ids among the values of arguments: an answer may repeat them. */
export function namedIn(value: unknown): readonly string[] {
  if (typeof value === "string") return isIdLike(value) ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(namedIn);
}

/** Something came that is neither nothing nor an empty list nor a refusal. */
export function isAnswered(observed: Observed | undefined, field: RootField): boolean {
  const value = observed?.body.data?.[field.name];
  if (observed === undefined || observed.body.errors !== undefined || value == null) return false;
  if (Array.isArray(value)) return value.length > 0;
  return !isPaged(field) || (pageIn(observed, field)?.nodes?.length ?? 0) > 0;
}

/** How likely what stands at a place of answers fits an argument: 0 is the very same field, 4 nothing but an id. */
function ranking(field: RootField, { scalar }: InputPlace, name: string): (where: string) => number {
  const home = getNamedType(field.type).name.replace(/Connection$/, "");
  const word = name.replace(/Ids?$/, "").toLowerCase();
  return (where) => {
    const [type = "", own = ""] = where.split(".");
    if (own === name) return type === home ? 0 : 1;
    const isNamed = type === home || (word !== "" && type.toLowerCase().endsWith(word));
    if (own === "id" && isNamed) return 2;
    return own === "id" || scalar !== "ID" ? 4 : 3;
  };
}

/** Values that could stand at a place: of an id its kinds, by name the likeliest first; of a text what stands under its name elsewhere. */
function candidates(ledger: Ledger, side: Group, field: RootField, place: InputPlace): readonly unknown[] {
  const { at, richness } = ledger.books[side];
  if (place.words.length > 0) return place.words;
  if (place.scalar === "Boolean") return [true, false];
  if (place.scalar === "Int") return [1];
  const name = place.path.findLast((part) => part !== "[]") ?? "";
  const rank = ranking(field, place, name);
  const places = [...at.keys()].filter((where) => place.scalar === "ID" || rank(where) < 3);
  const values = places
    .toSorted((a, b) => rank(a) - rank(b))
    .map((where) => someOf([...(at.get(where) ?? [])], richness));
  const usable = place.scalar === "ID" ? values.map((some) => some.filter(isIdLike)) : values;
  const hinted = ledger.subject.hints[name] ?? [];
  return [...new Set([...hinted, ...usable.flatMap((some, at) => some.slice(0, at === 0 ? mostValues : 2))])].slice(
    0,
    40,
  );
}

/** A few of many: those of which the most is known, and some from all over the list. */
function someOf(items: readonly string[], richness: (id: string) => number): readonly string[] {
  const richest = items.toSorted((a, b) => richness(b) - richness(a)).slice(0, mostValues / 2);
  const spread = items.filter((_, at) => at % Math.ceil((items.length * 2) / mostValues) === 0);
  return [...new Set([...richest, ...spread])];
}

/** Leaves without which a field cannot be asked: of a required argument those it requires itself, or else any one of its own. */
function neededPlaces(field: RootField, places: readonly InputPlace[]): readonly InputPlace[] {
  return field.args.filter(isRequiredArgument).flatMap(({ name }) => {
    const own = places.filter(({ path }) => path[0] === name);
    const required = own.filter((place) => place.required);
    return required.length > 0 ? required : own.slice(0, 1);
  });
}

/**
 * Finds for each place of a field's arguments values with which the side is answered, and reads as deep as something new comes. What is required may not
 * be enough: then each of the others is tried with it.
 */
async function fit(ledger: Ledger, side: Group, field: RootField): Promise<readonly Fitting[]> {
  const places = inputPlaces(field);
  const needed = neededPlaces(field, places);
  const fitting: Fitting[] = needed.length > 1 ? [...(await fitTogether(ledger, { side, field, needed }))] : [];
  for (const place of needed.length > 1 ? places.filter((one) => !needed.includes(one)) : places) {
    const base = needed.includes(place) ? {} : (fitting.find((one) => one.place === needed[0])?.args ?? {});
    fitting.push(...(await fitPlace(ledger, { side, field, place, base })));
  }
  if (fitting.length === 0 && needed.length > 0)
    for (const more of places.filter((place) => !needed.includes(place)))
      fitting.push(...(await fitTogether(ledger, { side, field, needed: [...needed, more] })));
  await readDeep(ledger, { field, fitting });
  return fitting;
}

const mostWithoutNews = 2;

/** Everything below the fitting answers, until some in a row have shown nothing new. */
async function readDeep(ledger: Ledger, { field, fitting }: Pick<Answerable, "field" | "fitting">): Promise<void> {
  let without = 0;
  for (const { place, args, caller } of fitting) {
    // Which page is asked for is said by the asking itself.
    if (["first", "after"].includes(place?.path[0] ?? "")) continue;
    const before = seenBy(ledger);
    await askDeep(ledger, caller, { field, args, deep: everything });
    without = seenBy(ledger) > before ? 0 : without + 1;
    if (without >= mostWithoutNews) return;
  }
}

const seenBy = ({ books }: Ledger): number => Object.values(books).reduce((sum, { seen }) => sum + seen.size, 0);

interface FitTogether {
  readonly side: Group;
  readonly field: RootField;
  readonly needed: readonly InputPlace[];
}
const mostTogether = 60;

/** Values for several places at once, the first with which somebody is answered. */
async function fitTogether(ledger: Ledger, { side, field, needed }: FitTogether): Promise<readonly Fitting[]> {
  let all: readonly Arguments[] = [{}];
  for (const place of needed) {
    const values = candidates(ledger, side, field, place).slice(0, mostValues);
    all = all.flatMap((args) => values.map((value) => withValue(args, place.path, value) as Arguments));
  }
  for (const caller of ledger.subject.callers[side]) {
    const [args] = await answered(ledger, { field, caller, most: 1, misses: mostTogether }, all);
    if (args !== undefined) return needed.map((place) => ({ place, args, caller }));
  }
  return [];
}

/** Refused for who asks, whatever is asked. */
const isShut = ({ body }: Observed): boolean =>
  ["permission_missing", "staff_only", "token_required"].includes(String(reasonOf(body)));

interface Trial {
  readonly field: RootField;
  readonly caller: string;
  /** Enough answers, and enough refusals. */
  readonly most: number;
  readonly misses: number;
}
const atOnce = 8;

/** Those of some arguments that are answered: asked for little, as only the answer counts, the likeliest first. */
async function answered(
  ledger: Ledger,
  { field, caller, most, misses }: Trial,
  all: readonly Arguments[],
): Promise<readonly Arguments[]> {
  const found: Arguments[] = [];
  for (let from = 0; from < all.length && found.length < most && from - found.length < misses;) {
    const some = all.slice(from, from + (from === 0 ? 1 : atOnce));
    from += some.length;
    const observed = await together(some, (args) => askDeep(ledger, caller, { field, args, deep: little }));
    if (observed.some(isShut)) break;
    found.push(...some.filter((_, at) => isAnswered(observed[at], field)));
  }
  return found.slice(0, most);
}

interface Fit {
  readonly side: Group;
  readonly field: RootField;
  readonly place: InputPlace;
  readonly base: Arguments;
}

async function fitPlace(ledger: Ledger, { side, field, place, base }: Fit): Promise<readonly Fitting[]> {
  const all = candidates(ledger, side, field, place).map((value) => withValue(base, place.path, value) as Arguments);
  const most = place.required ? mostValues : 1;
  for (const caller of ledger.subject.callers[side]) {
    const found = await answered(ledger, { field, caller, most, misses: 26 }, all);
    if (found.length > 0) return found.map((args) => ({ place, args, caller }));
  }
  return [];
}

/** Everything to whoever is answered first, enough to the others. Says whether anybody was answered. */
async function askAll(ledger: Ledger, callers: readonly string[], field: RootField): Promise<boolean> {
  const asked = await together(callers, (caller) => askDeep(ledger, caller, { field, args: {}, deep: enough }));
  const first = callers.find((_, at) => isAnswered(asked[at], field));
  if (first === undefined) return false;
  await askDeep(ledger, first, { field, args: {}, deep: everything });
  return true;
}

/** Reads all that everybody can read, and finds out with which arguments. */
export async function survey(ledger: Ledger): Promise<readonly Answerable[]> {
  const { schema, callers } = ledger.subject;
  const fields = rootFields(schema, "query");
  const plain = fields.filter((field) => !field.args.some(isRequiredArgument));
  for (const field of plain) {
    const ours = await askAll(ledger, callers.ours, field);
    const theirs = await askAll(ledger, callers.theirs, field);
    if (!ours || !theirs) await askAll(ledger, callers.above, field);
  }
  // Before ids are tried: each of those leaves a line in the trail, in front of what happened.
  await lookFurther(ledger, plain);
  const answerable: Answerable[] = [];
  for (const field of fields.filter((one) => inputPlaces(one).length > 0)) {
    const own = await fit(ledger, "ours", field);
    const { ours, theirs } = ledger.books;
    const isOursAlone = (place: string): boolean => ours.seen.has(place) && !theirs.seen.has(place);
    const needsMore = field.args.some(isRequiredArgument) || placesBelow(field).some(isOursAlone);
    if (needsMore) await fit(ledger, "theirs", field);
    const shut = needsMore && own.length === 0 ? await fit(ledger, "above", field) : [];
    answerable.push({ field, fitting: own, shut });
    if (!needsMore) continue;
    for (const { args } of own.slice(0, 2))
      for (const caller of callers.above) await askDeep(ledger, caller, { field, args, deep: everything });
  }
  return answerable;
}

const mostPagesFurther = 12;

/**
 * Goes on in lists in which something may stand that nobody has been told yet, page after page: of what is listed, and of its parts that no list has of
 * their own.
 */
async function lookFurther(ledger: Ledger, fields: readonly RootField[]): Promise<void> {
  const { ours, above } = ledger.books;
  const lists = fields.filter(isPaged);
  const listed = new Set(lists.map(listedIn));
  const isMissing = (place: string): boolean => !ours.seen.has(place) && !above.seen.has(place);
  for (const field of lists) {
    const places = placesBelow(field).filter((place) => {
      const [type = ""] = place.split(".");
      return type === listedIn(field) || !listed.has(type);
    });
    for (const caller of ledger.subject.callers.ours) await readOn(ledger, caller, field, () => places.some(isMissing));
  }
}

const listedIn = (field: RootField): string => getNamedType(field.type).name.replace(/Connection$/, "");

function placesBelow(field: RootField): readonly string[] {
  const { below, written } = writer(enough);
  const to = getNamedType(field.type);
  if (isObjectType(to)) below(to);
  return [...written];
}

/** Reads a list's pages while somebody wants to go on. */
async function readOn(ledger: Ledger, caller: string, field: RootField, goesOn: () => boolean): Promise<void> {
  let after: string | null = null;
  for (let page = 0; page < mostPagesFurther && goesOn(); page++) {
    const args: Arguments = { first: pages[0], ...(after !== null && { after }) };
    const about = { what: field.name, root: "Query" } as const;
    const { pageInfo } = pageIn(await ledger.ask(caller, asking("query", field, args, enough), about), field) ?? {};
    if (pageInfo?.hasNextPage !== true) return;
    after = pageInfo.endCursor;
  }
}
