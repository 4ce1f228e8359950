import { getNamedType, type GraphQLSchema, isObjectType } from "graphql";

const ours = /^([a-z]{3})_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const idLike = /^(?:\d{9,}|[0-9a-f]{16,}|[A-Za-z]{2,8}_[0-9A-Za-z]{10,}|[0-9a-f]{64}:\d+)$/;

/** Where a value stood: `Type.field`. */
export type Place = string;

/** What names a kind of ids: our prefix, or for an id of somebody else's the place where it stands. */
export const kindOf = (id: string, place: Place): string => ours.exec(id)?.[1] ?? place;

/** Texts that name one object; words such as `billing` do not. */
export const isIdLike = (text: string): boolean =>
  /^(?:[a-z.]+:)?[a-z]{3}_[0-7][0-9A-HJKMNP-TV-Z]{25}/.test(text) || idLike.test(text);

/** The values that were seen at the places of a schema. */
export interface Book {
  /** By place, in the order seen. */
  readonly at: ReadonlyMap<Place, ReadonlySet<string>>;
  /** Places with a value. */
  readonly seen: ReadonlySet<Place>;
  readonly note: (type: string, value: unknown) => void;
  /** How many fields of the object of this id had a value. */
  readonly richness: (id: string) => number;
  /** Ids of all kinds with their kind: grows with what is noted. */
  readonly ids: ReadonlyMap<string, string>;
  /** Where a value stood. */
  readonly placesOf: (value: string) => readonly Place[];
}

/** Whether a place of a schema holds ids; asked once for each place. */
function idPlaces(schema: GraphQLSchema): (place: Place) => boolean {
  const known = new Map<Place, boolean>();
  const isId = (place: Place): boolean => {
    const [type = "", field = ""] = place.split(".");
    const owner = schema.getType(type);
    return isObjectType(owner) && getNamedType(owner.getFields()[field]?.type ?? owner).name === "ID";
  };
  return (place) => {
    const found = known.get(place) ?? isId(place);
    known.set(place, found);
    return found;
  };
}

/** Remembers what stands where in the answers of one side. */
export function bookOf(schema: GraphQLSchema): Book {
  const at = new Map<Place, Set<string>>();
  const seen = new Set<Place>();
  const rich = new Map<string, number>();
  const ids = new Map<string, string>();
  const isIdPlace = idPlaces(schema);
  const leaf = (place: Place, value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) leaf(place, one);
    if (typeof value !== "string") return;
    const values = at.get(place) ?? new Set();
    if (values.has(value)) return;
    at.set(place, values.add(value));
    if (isIdPlace(place) && isIdLike(value)) ids.set(value, kindOf(value, place));
  };
  const noteObject = (type: string, fields: Readonly<Record<string, unknown>>): void => {
    const { id, __typename: named } = fields;
    const given = Object.entries(fields).filter(([name, inner]) => inner !== null && name !== "__typename");
    if (typeof id === "string") rich.set(id, Math.max(rich.get(id) ?? 0, given.length));
    const own = typeof named === "string" ? named : type;
    for (const [name, inner] of given) {
      seen.add(`${own}.${name}`);
      leaf(`${own}.${name}`, inner);
      note("", inner);
    }
  };
  const note = (type: string, value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) note(type, one);
    else if (typeof value === "object" && value !== null) noteObject(type, value as Readonly<Record<string, unknown>>);
  };
  const placesOf = (value: string): readonly Place[] =>
    [...at].filter(([, values]) => values.has(value)).map(([place]) => place);
  return { at, seen, note, ids, placesOf, richness: (id) => rich.get(id) ?? 0 };
}

const classes: readonly (readonly [RegExp, string])[] = [
  [/\d/, "0123456789"],
  [/[a-f]/, "0123456789abcdef"],
  [/[A-Z]/, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"],
  [/[a-z]/, "abcdefghijklmnopqrstuvwxyz"],
];

/** A text of the same kind that names nothing: what follows the prefix is other letters of the same sort. The same id gives the same text. */
export function neverLike(id: string): string {
  const start = id.lastIndexOf("_") + 1;
  const isHex = /^[0-9a-f]{16,}/.test(id.slice(start));
  let state = 2_166_136_261;
  const next = (below: number): number => {
    state = Math.imul(state ^ (state >>> 15), 2_246_822_519) >>> 0;
    return state % below;
  };
  for (const char of Array.from(id)) state = Math.imul(state ^ char.charCodeAt(0), 16_777_619) >>> 0;
  // A place within an object, behind its name, stays: only the object is another one.
  const end = /[:/](?:\d+)$/.exec(id)?.index ?? id.length;
  const other = (char: string, at: number): string => {
    if (at <= start || at >= end) return char;
    const letters = isHex && /[0-9a-f]/.test(char) ? "0123456789abcdef" : classes.find(([is]) => is.test(char))?.[1];
    return letters?.charAt(next(letters.length)) ?? char;
  };
  return Array.from(id, other).join("");
}
