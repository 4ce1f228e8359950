import { asking, type Arguments } from "./documents.js";
import { type Gap } from "./attempt-queries.js";
import { type Ledger } from "./ledger.js";
import { type InputPlace, inputPlaces, rootFields, withValue } from "./schema-places.js";
import { type Answerable } from "./survey.js";
import { type Observed } from "./subject.js";
import { together } from "./together.js";

type RootField = ReturnType<typeof rootFields>[number];

/** Stands in every payload, so that it is found again wherever it gets to. */
const mark = "isolationMark";

/** Values that are no text: a query that took one up would ask something else. `raw` is JSON, for keys that JSON.stringify leaves out. */
const objects: readonly string[] = [
  `{"$ne":null}`, `{"$ne":"${mark}"}`, `{"$gt":""}`, `{"$gte":"${mark}"}`, `{"$in":["${mark}"]}`, `{"$nin":["${mark}"]}`, `{"$regex":".*"}`,
  `{"$regex":"(a+)+$","$options":"${mark}"}`, `{"$where":"${mark}"}`, `{"$expr":{"$eq":["${mark}","${mark}"]}}`, `{"$not":{"$eq":"${mark}"}}`,
  `{"$nor":[{"_id":"${mark}"}]}`, `{"$or":[{},{"_id":"${mark}"}]}`, `{"$exists":true}`, `{"$type":2}`,
  `{"$function":{"body":"${mark}","args":[],"lang":"js"}}`, `{"$lookup":{"from":"${mark}"}}`, `{"tenantId.$ne":"${mark}"}`, `{"a.b":"${mark}"}`,
  `{"__proto__":{"${mark}":true}}`, `{"constructor":{"prototype":{"${mark}":true}}}`, `["${mark}",{"$ne":null}]`,
]; // prettier-ignore
/** The same as texts: to be looked for as they are, or refused. */
const texts: readonly string[] = [
  `{"$ne":"${mark}"}`,
  `$where:${mark}`,
  `[$ne]=${mark}`,
  `a.$.${mark}`,
  `__proto__.${mark}`,
  `'||'${mark}'=='${mark}`,
  `(a+)+$${mark}`,
];

const nameOf = (field: RootField, { path }: InputPlace): string => `${field.name}(${path.join(".")})`;
const takesText = ({ scalar, words }: InputPlace): boolean =>
  words.length === 0 && !["Boolean", "Int", "Float"].includes(scalar);

/** The mark in a text that is neither the payload as a whole nor holds it whole: something took the payload apart. */
const isTakenApart = (text: string, payload: string): boolean =>
  text !== payload && text.startsWith(mark) && !text.includes(payload);

/** Every operator or key by which a payload got into what was sent. */
function operatorsAround(sent: unknown, payload: string): readonly string[] {
  const found: string[] = [];
  const visit = (value: unknown, operator: string | undefined): void => {
    if (typeof value === "string" && operator !== undefined && isTakenApart(value, payload)) found.push(operator);
    if (Array.isArray(value)) for (const inner of value as unknown[]) visit(inner, operator);
    else if (typeof value === "object" && value?.constructor === Object) into(value, operator);
  };
  const into = (value: object, operator: string | undefined): void => {
    for (const [key, inner] of Object.entries(value)) {
      if (key.includes(mark)) found.push(key);
      visit(inner, key.startsWith("$") && key !== "$db" ? key : operator);
    }
  };
  visit(sent, undefined);
  return found;
}

const isRefused = ({ status, body }: Observed): boolean =>
  status < 500 &&
  (body.errors ?? []).some(({ extensions }) =>
    ["BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "BAD_REQUEST"].includes(
      String(extensions?.["code"]),
    ),
  );

interface Injected {
  readonly what: string;
  readonly caller: string;
  readonly payload: string;
  readonly observed: Observed;
}

function judge(ledger: Ledger, { what, caller, payload, observed }: Injected, mustRefuse: boolean): void {
  const report = (found: string): void => {
    ledger.report({ kind: "operator", at: what, caller, found: `${payload}: ${found}` });
  };
  if (observed.status >= 500) report(`answered ${String(observed.status)}`);
  if (observed.body.errors?.some(({ extensions }) => extensions?.["code"] === "INTERNAL_SERVER_ERROR") === true)
    report("met a bug");
  if (mustRefuse && !isRefused(observed)) report(`was taken: ${JSON.stringify(observed.body).slice(0, 200)}`);
  const reached = observed.commands.flatMap(({ sent }) => operatorsAround(sent, payload));
  if (reached.length > 0) report(`reached the store as ${reached.join()}`);
  if (mark in {}) report("changed the prototype of everything");
}

/** A value that only this request carries, in place of which a payload is written into the body's text. */
const slot = "\u0001slot";

/** Of each field one place meets everything, its other places one of each sort: what refuses them is the scalar's, not the place's. */
const fewObjects = [0, 6, 8, 17, 19, 21].flatMap((at) => objects[at] ?? []);
const fewTexts = texts.slice(0, 3);

async function injectAt(
  ledger: Ledger,
  target: Target,
  [place, isFirst]: readonly [InputPlace, boolean],
): Promise<void> {
  const { field, kind, args, caller } = target;
  const what = nameOf(field, place);
  const asked = asking(kind, field, withValue(args, place.path, slot) as Arguments, 1);
  const body = JSON.stringify(asked);
  const inPlace = (payload: string): string => body.replace(JSON.stringify(slot), () => payload);
  const literal = literalOf(asked, place, field);
  const sent: readonly Sent[] = [
    ...(isFirst ? objects : fewObjects).map((payload) => ({ payload, text: inPlace(payload), mustRefuse: true })),
    ...(isFirst ? texts : fewTexts).map((payload) => ({
      payload,
      text: inPlace(JSON.stringify(payload)),
      mustRefuse: false,
    })),
    ...(isFirst ? literalObjects : literalObjects.slice(0, 1)).map((payload) => ({
      payload,
      text: literal(payload),
      mustRefuse: true,
    })),
  ];
  await together(sent, async ({ payload, text, mustRefuse }) => {
    judge(ledger, { what, caller, payload, observed: await ledger.raw(caller, text, what) }, mustRefuse);
  });
}

interface Sent {
  readonly payload: string;
  readonly text: string;
  readonly mustRefuse: boolean;
}

/** GraphQL's own notation, in the document instead of the variables. */
const literalObjects = [
  `{ ne: null }`,
  `{ regex: "${mark}" }`,
  `[{ ne: "${mark}" }]`,
  `{ __proto__: { ${mark}: true } }`,
] as const;

function literalOf(
  asked: ReturnType<typeof asking>,
  { path }: InputPlace,
  field: RootField,
): (payload: string) => string {
  const [argument = "", ...rest] = path;
  const inside = rest.reduceRight((inner, key) => (key === "[]" ? `[${inner}]` : `{ ${key}: ${inner} }`), slot);
  const type = field.args.find(({ name }) => name === argument)?.type;
  const query = asked.query
    .replace(`$${argument}: ${String(type)}`, "")
    .replace("Ask()", "Ask")
    .replace(/Ask\(, /, "Ask(")
    .replace(/\(([^()]*), \)/, "($1)")
    .replace(`${argument}: $${argument}`, () => `${argument}: ${inside}`);
  const variables = Object.fromEntries(Object.entries(asked.variables ?? {}).filter(([name]) => name !== argument));
  return (payload) => JSON.stringify({ query: query.replace(slot, () => payload), variables });
}

interface Target {
  readonly field: RootField;
  readonly kind: "query" | "mutation";
  readonly args: Arguments;
  readonly caller: string;
}

/** Operators, arrays and prototypes in every place that takes a text, as variables and as literals; then nothing of it may have got anywhere. */
export async function attemptInjection(ledger: Ledger, answerable: readonly Answerable[]): Promise<readonly Gap[]> {
  const targets: Target[] = answerable.flatMap(({ field, fitting }) => {
    const [first] = fitting;
    return first === undefined ? [] : [{ field, kind: "query" as const, args: first.args, caller: first.caller }];
  });
  for (const field of rootFields(ledger.subject.schema, "mutation")) {
    const recipe = ledger.subject.recipes[field.name];
    if (recipe === undefined || !inputPlaces(field).some(takesText)) continue;
    const input = await recipe.input("ours").catch(() => undefined);
    if (input === undefined) continue;
    const caller = ledger.subject.callers.above.includes(recipe.as) ? recipe.as : `ours.${recipe.as}`;
    targets.push({ field, kind: "mutation", args: { input }, caller });
  }
  for (const target of targets)
    for (const [at, place] of inputPlaces(target.field).filter(takesText).entries())
      await injectAt(ledger, target, [place, at === 0]);
  return [];
}
