import { getNamedType, isRequiredArgument } from "graphql";
import { type Arguments, asking, isPaged } from "./documents.js";
import { isIdLike } from "./ids.js";
import { type Group, type Ledger } from "./ledger.js";
import { type InputPlace, inputPlaces, rootFields, withValue } from "./schema-places.js";
import { type Body, type Observed } from "./subject.js";

type RootField = ReturnType<typeof rootFields>[number];

/** A field of Query as a side can ask it: arguments that were answered with something. */
export interface Answerable {
  readonly field: RootField;
  /** Each with another value at one place. */
  readonly fitting: readonly Fitting[];
}

export interface Fitting {
  readonly place: InputPlace | undefined;
  readonly args: Arguments;
  /** Who was answered. */
  readonly caller: string;
}

const pages = [50, 20, 8, 3, 1] as const;
const mostPages = 2;
const mostValues = 12;

const reasonOf = ({ errors }: Body): unknown => errors?.[0]?.extensions?.["reason"];

interface Page {
  readonly totalCount?: number;
  readonly nodes?: readonly unknown[];
  readonly pageInfo?: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const pageIn = ({ body }: Observed, field: RootField): Page | undefined => body.data?.[field.name] ?? undefined;

/** Levels of objects: all of them, or enough to see whose they are. */
const everything = 9;
const enough = 3;

interface Asked {
  readonly field: RootField;
  readonly args: Arguments;
  readonly deep: number;
}

/** Asks a field as deep as the limits let it, a list for some of its pages. Answers the last answer. */
export async function askDeep(ledger: Ledger, caller: string, { field, args, deep }: Asked): Promise<Observed> {
  const what = `${field.name}(${JSON.stringify(args)})`;
  const ask = (more: Arguments): Promise<Observed> =>
    ledger.ask(caller, asking("query", field, { ...args, ...more }, deep), {
      what,
      root: "Query",
      named: namedIn(args),
    });
  if (!isPaged(field)) return ask({});
  let size = 0;
  let observed = await ask({ first: pages[0] });
  while (reasonOf(observed.body) === "limit_exceeded" && size < pages.length - 1)
    observed = await ask({ first: pages[++size] });
  const first = observed;
  for (let page = 1; page < mostPages && deep === everything; page++) {
    const { pageInfo } = pageIn(observed, field) ?? {};
    if (pageInfo?.hasNextPage !== true) break;
    observed = await ask({ first: pages[size], after: pageInfo.endCursor });
  }
  return first;
}

/** Ids among the values of arguments: an answer may repeat them. */
export function namedIn(value: unknown): readonly string[] {
  if (typeof value === "string") return isIdLike(value) ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(namedIn);
}

/** Something came that is neither nothing nor an empty list nor a refusal. */
export function isAnswered(observed: Observed, field: RootField): boolean {
  const value = observed.body.data?.[field.name];
  if (observed.body.errors !== undefined || value == null) return false;
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

/** Finds for each place of a field's arguments values with which the side is answered. */
export async function fit(ledger: Ledger, side: Group, field: RootField): Promise<Answerable> {
  const places = inputPlaces(field);
  const needed = neededPlaces(field, places);
  const fitting: Fitting[] = needed.length > 1 ? [...(await fitTogether(ledger, { side, field, needed }))] : [];
  for (const place of needed.length > 1 ? places.filter((one) => !needed.includes(one)) : places) {
    const base = needed.includes(place) ? {} : (fitting.find((one) => one.place === needed[0])?.args ?? {});
    fitting.push(...(await fitPlace(ledger, { side, field, place, base })));
  }
  return { field, fitting };
}

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
  for (const caller of ledger.subject.callers[side])
    for (const args of all.slice(0, mostTogether)) {
      const observed = await askDeep(ledger, caller, { field, args, deep: everything });
      if (isAnswered(observed, field)) return needed.map((place) => ({ place, args, caller }));
      if (isShut(observed)) break;
    }
  return [];
}

/** Refused for who asks, whatever is asked. */
const isShut = ({ body }: Observed): boolean =>
  ["permission_missing", "staff_only", "token_required"].includes(String(reasonOf(body)));

interface Fit {
  readonly side: Group;
  readonly field: RootField;
  readonly place: InputPlace;
  readonly base: Arguments;
}

async function fitPlace(ledger: Ledger, { side, field, place, base }: Fit): Promise<readonly Fitting[]> {
  const found: Fitting[] = [];
  const most = place.required ? mostValues : 1;
  for (const caller of ledger.subject.callers[side]) {
    let misses = 0;
    for (const value of candidates(ledger, side, field, place)) {
      const args = withValue(base, place.path, value) as Arguments;
      const observed = await askDeep(ledger, caller, { field, args, deep: everything });
      if (isAnswered(observed, field)) found.push({ place, args, caller });
      else misses += 1;
      if (found.length >= most || isShut(observed) || misses > 25) break;
    }
    if (found.length > 0) break;
  }
  return found;
}

/** Everything to whoever is answered first, enough to the others. Says whether anybody was answered. */
async function askAll(ledger: Ledger, callers: readonly string[], field: RootField): Promise<boolean> {
  let answered = false;
  for (const caller of callers) {
    const observed = await askDeep(ledger, caller, { field, args: {}, deep: answered ? enough : everything });
    answered ||= isAnswered(observed, field);
  }
  return answered;
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
  const answerable: Answerable[] = [];
  for (const field of fields.filter((one) => inputPlaces(one).length > 0)) {
    const own = await fit(ledger, "ours", field);
    answerable.push(own);
    if (!field.args.some(isRequiredArgument)) continue;
    await fit(ledger, "theirs", field);
    if (own.fitting.length === 0) await fit(ledger, "above", field);
    for (const { args } of own.fitting.slice(0, 2))
      for (const caller of callers.above) await askDeep(ledger, caller, { field, args, deep: everything });
  }
  return answerable;
}
