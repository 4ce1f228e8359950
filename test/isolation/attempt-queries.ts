import { getNamedType } from "graphql";
import { asking, type Arguments, isPaged } from "./documents.js";
import { isIdLike, kindOf, neverLike } from "./ids.js";
import { idsOfKind, type Ledger } from "./ledger.js";
import { type InputPlace, rootFields, valueAt, withValue } from "./schema-places.js";
import { type Answerable, type Fitting } from "./survey.js";
import { together } from "./together.js";
import { compareTwins } from "./twins.js";

/** Places of arguments that could not be tried, with the reason. */
export interface Gap {
  readonly place: string;
  readonly why: string;
}

const nameOf = ({ field }: Answerable, { path }: InputPlace): string => `${field.name}(${path.join(".")})`;
const mostForeign = 2;

/** Values of theirs that could stand where a value of ours did. */
export function foreignFor(ledger: Ledger, own: unknown, place: InputPlace): readonly string[] {
  if (typeof own !== "string") return [];
  const { ours, theirs } = ledger.books;
  const where = ours.placesOf(own);
  const kinds = new Set(where.map((at) => kindOf(own, at)));
  if (isIdLike(own)) {
    const secret = ledger.private();
    const found = [...kinds].flatMap((kind) => idsOfKind(secret, kind));
    return [...new Set(found)].slice(-mostForeign);
  }
  if (place.words.length > 0) return [];
  // A word of ours, such as an action's name, may be theirs today and ours a moment later: only what carries their mark is theirs alone.
  const isMarked = (value: string): boolean => ledger.subject.canaries.some((mark) => value.includes(mark));
  const same = where.flatMap((at) =>
    [...(theirs.at.get(at) ?? [])].filter((value) => isMarked(value) && ours.at.get(at)?.has(value) !== true),
  );
  return [...new Set(same)].slice(0, mostForeign);
}

/** A value that both sides may know: there is nothing to find out with it. */
const isCommon = ({ books, subject: { common } }: Ledger, own: unknown): boolean =>
  typeof own === "string" && (own in common || (books.ours.ids.get(own) ?? "") in common);

/** Asks every field that takes a value for what is theirs and for what is nobody's, as everybody of our side. */
export async function attemptQueries(ledger: Ledger, answerable: readonly Answerable[]): Promise<readonly Gap[]> {
  const gaps: Gap[] = [];
  for (const one of answerable) await attemptShut(ledger, one);
  for (const one of answerable)
    for (const place of new Set(one.fitting.map((fitting) => fitting.place)))
      if (place !== undefined) gaps.push(...(await attemptPlace(ledger, one, place)));
  return gaps;
}

/** What only those above may ask for: to our side a real id of theirs is as good as none. */
async function attemptShut(ledger: Ledger, one: Answerable): Promise<void> {
  for (const fitting of one.shut) {
    const { place } = fitting;
    const theirs = place && valueAt(fitting.args, place.path);
    if (place?.scalar !== "ID" || typeof theirs !== "string") continue;
    await together(ledger.subject.callers.ours, (caller) => attempt(ledger, { one, place, fitting, theirs, caller }));
    ledger.tried.add(`Query.${one.field.name}`);
  }
}

async function attemptPlace(ledger: Ledger, one: Answerable, place: InputPlace): Promise<readonly Gap[]> {
  const name = nameOf(one, place);
  const fitting = one.fitting.find((some) => some.place === place);
  if (fitting === undefined) return place.scalar === "ID" ? [{ place: name, why: "no value of ours is answered" }] : [];
  const foreign = foreignFor(ledger, valueAt(fitting.args, place.path), place);
  if (foreign.length === 0 && isCommon(ledger, valueAt(fitting.args, place.path))) return [];
  if (foreign.length === 0)
    return place.scalar === "ID" ? [{ place: name, why: "nothing of that kind is theirs alone" }] : [];
  const attempts = foreign.flatMap((theirs, at) =>
    (at === 0 ? ledger.subject.callers.ours : [fitting.caller]).map((caller) => ({ theirs, caller })),
  );
  await together(attempts, (who) => attempt(ledger, { one, place, fitting, ...who }));
  ledger.tried.add(`Query.${one.field.name}`);
  return [];
}

interface Attempt {
  readonly one: Answerable;
  readonly place: InputPlace;
  readonly fitting: Fitting;
  readonly theirs: string;
  readonly caller: string;
}

const attempt = (ledger: Ledger, { one, place, fitting, theirs, caller }: Attempt): Promise<void> =>
  compareTwins(ledger, {
    what: nameOf(one, place),
    caller,
    theirs,
    nobodys: neverLike(theirs),
    ...(place.scalar === "ID" && place.required && { byId: one.field.name }),
    ask: (value) => {
      const args = {
        ...(withValue(fitting.args, place.path, value) as Arguments),
        ...(isPaged(one.field) && { first: 3 }),
      };
      return ledger.ask(caller, asking("query", one.field, args, 4), {
        what: nameOf(one, place),
        root: "Query",
        named: [value],
      });
    },
  });

/** Their place in a list is no way into it: a cursor of theirs shows our side nothing but its own. */
export async function attemptCursors(ledger: Ledger): Promise<void> {
  const fields = rootFields(ledger.subject.schema, "query").filter(isPaged);
  for (const field of fields) {
    const edge = getNamedType(field.type).name.replace(/Connection$/, "Edge");
    const cursor =
      [...(ledger.books.theirs.at.get(`${edge}.cursor`) ?? [])].at(-1) ??
      [...(ledger.books.theirs.at.get("PageInfo.endCursor") ?? [])].at(-1);
    if (cursor === undefined) continue;
    await together(ledger.subject.callers.ours, (caller) =>
      ledger.ask(caller, asking("query", field, { first: 3, after: cursor }, 4), {
        what: `${field.name}(after)`,
        root: "Query",
      }),
    );
  }
}

/** Every entity by its key alone, through the doors that services have for each other. */
export async function attemptEntities(ledger: Ledger): Promise<readonly Gap[]> {
  const gaps: Gap[] = [];
  const secret = ledger.private();
  for (const door of ledger.subject.entities) {
    const place = `${door.service}:_entities(${door.type})`;
    const own = [...(ledger.books.ours.at.get(`${door.type}.id`) ?? [])].at(-1);
    const theirs = [...(ledger.books.theirs.at.get(`${door.type}.id`) ?? [])]
      .filter((id) => secret.has(id))
      .slice(-mostForeign);
    if (own === undefined || theirs.length === 0) {
      gaps.push({ place, why: own === undefined ? "no key of ours" : "no key of theirs" });
      continue;
    }
    const attempts = door.callers.flatMap((caller) => theirs.map((id) => ({ caller, id })));
    await together(attempts, ({ caller, id }) =>
      compareTwins(ledger, {
        what: place,
        caller,
        theirs: id,
        nobodys: neverLike(id),
        ask: (value) => door.ask(caller, value),
      }),
    );
  }
  return gaps;
}
