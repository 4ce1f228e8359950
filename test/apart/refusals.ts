import {
  getNamedType,
  getNullableType,
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredInputField,
} from "graphql";
import { type Asked, graphql, send } from "../asking/answers.js";
import { type Deployment, type Exchange } from "./interview.js";
import { type Ids, knownTo, idsIn } from "./known.js";

/** A request that has to be refused, or that changes nothing. */
export interface Refusal {
  readonly what: string;
  readonly caller: string;
  readonly asked: Asked;
}

const nobodys: Ids = {
  tenantId: "ten_00000000000000000000000000",
  templateId: "tpl_00000000000000000000000000",
  caseId: "sig_00000000000000000000000000",
  badgeRequestId: "bdg_00000000000000000000000000",
  phoneNumberId: "num_00000000000000000000000000",
  wabaId: "100000000000000",
  endpointId: "whe_00000000000000000000000000",
  deliveryId: "dlv_00000000000000000000000000",
};

/** Something that fits the type, and means nothing. */
function filler(type: GraphQLInputType, name: string, ids: Ids): unknown {
  const inner = getNullableType(type);
  if (isListType(inner)) return [filler(inner.ofType, name, ids)];
  if (isEnumType(inner)) return inner.getValues()[0]?.name;
  if (isInputObjectType(inner)) {
    const needed = Object.values(inner.getFields()).filter((field) => isRequiredInputField(field) || field.name in ids);
    return Object.fromEntries(needed.map((field) => [field.name, filler(field.type, field.name, ids)]));
  }
  const scalar = getNamedType(type).name;
  if (scalar === "Boolean") return true;
  if (scalar === "Int" || scalar === "Float") return 1;
  return ids[name] ?? "x";
}

interface Mutation {
  readonly name: string;
  readonly ask: (input: unknown) => Asked;
  readonly filled: (ids: Ids) => Asked;
}

/** Every mutation with an input, as it can be asked with any. */
function mutationsOf(schema: GraphQLSchema): readonly Mutation[] {
  return Object.values(schema.getMutationType()?.getFields() ?? {}).flatMap(({ name, args: [argument] }) => {
    if (argument === undefined) return [];
    const ask = (input: unknown): Asked => ({
      query: `mutation Ask($input: ${String(argument.type)}) { ${name}(input: $input) { __typename } }`,
      variables: { input },
    });
    return [{ name, ask, filled: (ids: Ids): Asked => ask(filler(argument.type, "input", ids)) }];
  });
}

/** Every mutation, asked by those who may not, about things that are not theirs, and in a shape it does not have. */
function mutationRefusals(schema: GraphQLSchema, foreign: Ids): readonly Refusal[] {
  return mutationsOf(schema).flatMap(({ name, ask, filled }) => [
    { what: `${name} without a token`, caller: "nobody", asked: filled(nobodys) },
    { what: `${name} without the permission`, caller: "auditor", asked: filled(foreign) },
    { what: `${name} without the permission`, caller: "billing_viewer", asked: filled(foreign) },
    { what: `${name} about another tenant's`, caller: "andes", asked: filled(foreign) },
    { what: `${name} about nobody's`, caller: "lumen", asked: filled(nobodys) },
    {
      what: `${name} with a field it does not have`,
      caller: "lumen",
      asked: ask({ ...inputOf(filled(nobodys)), colour: "red" }),
    },
    { what: `${name} without anything`, caller: "platform_admin", asked: ask({}) },
    { what: `${name} without input`, caller: "platform_admin", asked: ask(null) },
  ]);
}

const inputOf = ({ variables }: Asked): object => variables?.["input"] as object;

/** Every field of Query that takes an id, asked for another tenant's, for nobody's, and for what is no id. */
function idRefusals(schema: GraphQLSchema, foreign: Readonly<Record<string, readonly string[]>>): readonly Refusal[] {
  return Object.values(schema.getQueryType()?.getFields() ?? {}).flatMap((field) => {
    const argument = field.args.find(({ type }) => String(type) === "ID!");
    if (argument === undefined) return [];
    const query = `query Ask($id: ID!) { ${field.name}(${argument.name}: $id) { __typename } }`;
    const bad = ["", "nonsense", "ten_00000000000000000000000000", "__proto__", "$ne", "x".repeat(2_000)];
    return [...(foreign[field.name] ?? []), ...bad].map((id) => ({
      what: `${field.name} of somebody else`,
      caller: "andes",
      asked: { query, variables: { id } },
    }));
  });
}

const templates = `{ templates { totalCount } }`;
const plainRefusals: readonly Refusal[] = [
  ["a page that is too large", `{ templates(first: 101) { totalCount } }`],
  ["a page of nothing", `{ templates(first: 0) { totalCount } }`],
  ["a cursor that is none", `{ templates(after: "nonsense") { totalCount } }`],
  ["a query that is too deep", `{ templates { nodes ${"{ family { nodes ".repeat(8)} { id } ${"} }".repeat(8)} } }`],
  ["a query that costs too much", `{ templates(first: 100) { nodes { family(first: 100) { nodes { family(first: 100) { nodes { id } } } } } } }`],
  ["too many aliases", `{ ${Array.from({ length: 60 }, (_, at) => `a${String(at)}: __typename`).join(" ")} }`],
  ["too many words", `{ ${"__typename ".repeat(2_000)} }`],
  ["a field that does not exist", `{ templates { colour } }`],
  ["an argument that does not exist", `{ templates(colour: "red") { totalCount } }`],
  ["a month that is none", `{ monthSummary(month: "2026-13") { month } }`],
  ["an enum that is none", `{ templates(status: RED) { totalCount } }`],
  ["a query that does not parse", `{ templates {`],
  ["an empty query", ``],
  ["two operations without a choice", `query A { me { permissions } } query B { me { permissions } }`],
  ["a subscription", `subscription { templates { totalCount } }`],
  ["entities of the federation", `{ _entities(representations: []) { __typename } }`],
  ["a service's own text", `{ _service { sdl } }`],
].map(([what = "", query = ""]) => ({ what, caller: "andes", asked: { query } })); // prettier-ignore

const unsigned = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");

/** Requests that fail before anybody looks at the question. */
function httpRequests(
  token: string,
): readonly { readonly what: string; readonly path: string; readonly init: RequestInit }[] {
  const body = JSON.stringify({ query: templates });
  const json = { "content-type": "application/json" };
  const bearer = { authorization: `Bearer ${token}` };
  const post = (headers: Readonly<Record<string, string>>, text: string = body): RequestInit => ({
    method: "POST",
    headers,
    body: text,
  });
  const [, payload = "", signature = ""] = token.split(".");
  const signed = (authorization: string): RequestInit => post({ ...json, authorization });
  const search = `?query=${encodeURIComponent(templates)}`;
  const cases: readonly (readonly [string, RequestInit, string?])[] = [
    ["no token", post(json)],
    ["an empty authorization", signed("")],
    ["a token that is none", signed("Bearer nonsense")],
    ["another scheme", signed(`Basic ${token}`)],
    ["a token with another signature", signed(`Bearer ${token.slice(0, -6)}AAAAAA`)],
    ["a token without a signature", signed(`Bearer ${unsigned}.${payload}.`)],
    ["a token of the algorithm none", signed(`Bearer ${unsigned}.${payload}.${signature}`)],
    ["an older client", post({ ...json, ...bearer, accept: "application/json" }, JSON.stringify({ query: "{ nothing }" }))],
    ["no content type", post({ ...bearer, "content-type": "text/plain" })],
    ["no body", { method: "POST", headers: { ...json, ...bearer } }],
    ["a body that is not JSON", post({ ...json, ...bearer }, "{")],
    ["a list of queries", post({ ...json, ...bearer }, JSON.stringify([{ query: templates }]))],
    ["a word", post({ ...json, ...bearer }, JSON.stringify("query"))],
    ["no query", post({ ...json, ...bearer }, JSON.stringify({ variables: {} }))],
    ["a persisted query", post({ ...json, ...bearer }, JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: "0".repeat(64) } } }))],
    ["a body that is too large", post({ ...json, ...bearer }, JSON.stringify({ query: templates, variables: { x: "x".repeat(1_100_000) } }))],
    ["a simple GET that a page elsewhere could make", { headers: bearer }, search],
    ["a GET", { headers: { ...bearer, "apollo-require-preflight": "1" } }, search],
    ["a GET without a token", { headers: { "apollo-require-preflight": "1" } }, search],
    ["a mutation by GET", { headers: { ...bearer, "apollo-require-preflight": "1" } }, `?query=${encodeURIComponent("mutation { rotateSigningKey { kid } }")}`],
    ["another method", { method: "DELETE", headers: bearer }],
  ]; // prettier-ignore
  const pages = ["/nothing/here", "/", "/explorer"].map((path) => ({ what: path, path, init: {} }));
  return [...cases.map(([what, init, query = ""]) => ({ what, path: `/graphql${query}`, init })), ...pages];
}

/** Asks a deployment for everything that it has to refuse. Nothing is changed by it. */
export async function refusals(deployment: Deployment, schema: GraphQLSchema): Promise<readonly Exchange[]> {
  const { url, callers } = deployment;
  const foreign = idsIn(await knownTo(deployment, "lumen"));
  const all = [...mutationRefusals(schema, foreign.inputs), ...idRefusals(schema, foreign.queries), ...plainRefusals];
  const exchanges: Exchange[] = [];
  for (const { what, caller, asked } of all)
    exchanges.push({ what: `${caller}: ${what}`, answer: await graphql(url, callers[caller], asked) });
  for (const { what, path, init } of httpRequests(callers["andes"] ?? ""))
    exchanges.push({ what, answer: await send(new URL(path, url).href, init) });
  return exchanges;
}
