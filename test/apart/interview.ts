import { type GraphQLSchema } from "graphql";
import { type Answer, graphql, type GraphqlBody } from "../asking/answers.js";
import { type Asking, needsArguments, type Question, queryFields, questionOf } from "../asking/questions.js";
import { type Plain } from "./same.js";

/** Somebody who asks: a token, or nobody's. */
export type Callers = Readonly<Record<string, string | undefined>>;

export interface Deployment {
  readonly url: string;
  readonly callers: Callers;
  readonly settle: () => Promise<void>;
}

/** What was asked and what came back: an answer, or the items of a list from its first page to its last. */
export interface Exchange {
  readonly what: string;
  readonly answer: Answer | readonly Item[];
}
type Item = Readonly<Record<string, unknown>>;

/**
 * Lists in which several items share the instant that orders them, so that their order among each other is chance: between two handlers that run at
 * once, and between two ids. They are compared whole and sorted by what they say; where `by` is business time, its sequence is compared, too.
 */
const chanceOrder: Readonly<Record<string, { readonly by?: string }>> = {
  auditTrail: {},
  ledgerEntries: { by: "deliveredAt" },
  allLedgerEntries: { by: "deliveredAt" },
  // A month's invoices are made for all clients at the same instant.
  allInvoices: { by: "month" },
};

interface Page {
  readonly nodes: readonly Item[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const largestPage = 50;
const isTooLarge = ({ body }: Answer): boolean =>
  (body as GraphqlBody).errors?.some(({ extensions }) => extensions?.["reason"] === "limit_exceeded") ?? false;

const pageIn = ({ body }: Answer, field: string): Page | undefined =>
  (body as GraphqlBody).data?.[field] as Page | undefined;

const nextOf = (page: Page | undefined): string | null =>
  page?.pageInfo.hasNextPage === true ? page.pageInfo.endCursor : null;

interface Asker {
  readonly deployment: Deployment;
  readonly exchanges: Exchange[];
}

/** Asks a list from its first page to its last, with pages as large as the limits let them be. */
async function askPages({ deployment, exchanges }: Asker, caller: string, question: Question): Promise<void> {
  const { field, query, what } = question;
  const items: Item[] = [];
  let first = largestPage;
  let after: string | null = null;
  for (let page = 1; ;) {
    const answer = await graphql(deployment.url, deployment.callers[caller], { query, variables: { first, after } });
    const found = pageIn(answer, field);
    items.push(...(found?.nodes ?? []));
    if (found === undefined || chanceOrder[field] === undefined)
      exchanges.push({ what: `${caller}: ${what} page ${String(page)} of ${String(first)}`, answer });
    if (isTooLarge(answer) && first > 1) {
      first = Math.floor(first / 2);
      continue;
    }
    after = nextOf(found);
    if (after === null) break;
    page += 1;
  }
  if (chanceOrder[field] !== undefined) exchanges.push(...wholeList(`${caller}: ${what}`, field, items));
}

function wholeList(what: string, field: string, items: readonly Item[]): readonly Exchange[] {
  const by = chanceOrder[field]?.by;
  const sequence = by === undefined ? [] : items.map((item) => ({ [by]: item[by] ?? null }));
  return [
    { what, answer: items },
    { what: `${what} in its order`, answer: sequence },
  ];
}

async function ask(asker: Asker, caller: string, question: Question): Promise<void> {
  if (question.paged) return askPages(asker, caller, question);
  const { url, callers } = asker.deployment;
  const answer = await graphql(url, callers[caller], { query: question.query });
  asker.exchanges.push({ what: `${caller}: ${question.what}`, answer });
}

/** Values for the arguments of a field of Query: each is asked once with each. */
export type Arguments = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

export interface Interview {
  readonly schema: GraphQLSchema;
  /** Who may see the most, and is shown everything there is below each field. */
  readonly everythingTo: readonly string[];
  /** What those ask with arguments, in this deployment. */
  readonly arguments: (caller: string) => Promise<Arguments>;
  /** Filters and the like, asked beside the plain question. */
  readonly filters: Arguments;
  /** Collects what was asked with everything below it, as `Type.field`. */
  readonly asked: Set<string>;
}

/** The trail also tells of this interview's own refusals, and the door of their events on the way there: they are asked last, each when all has arrived. */
const last = ["webhookDoor", "auditTrail"];

/** Asks a deployment all that can be asked: every field of Query by everybody, and everything below it by those who may see it. */
export async function interview(deployment: Deployment, parts: Interview): Promise<readonly Exchange[]> {
  const asker: Asker = { deployment, exchanges: [] };
  const { schema, asked, everythingTo } = parts;
  const deep: Asking = { schema, deep: 9, asked };
  const shallow: Asking = { schema, deep: 2, asked: new Set() };
  for (const caller of everythingTo) await askEverything(asker, deep, { ...parts, caller });
  for (const caller of Object.keys(deployment.callers))
    for (const field of queryFields(schema))
      if (!needsArguments(field) && !last.includes(field.name))
        await ask(asker, caller, questionOf(shallow, field.name));
  for (const caller of Object.keys(deployment.callers))
    for (const field of last) {
      const isTold = everythingTo.includes(caller);
      for (const some of isTold ? [{}, ...(parts.filters[field] ?? [])] : [{}]) {
        await deployment.settle();
        await ask(asker, caller, questionOf(isTold ? deep : shallow, field, some));
      }
    }
  return asker.exchanges;
}

async function askEverything(
  asker: Asker,
  asking: Asking,
  parts: Interview & { readonly caller: string },
): Promise<void> {
  const known = await parts.arguments(parts.caller);
  for (const field of queryFields(asking.schema)) {
    if (last.includes(field.name)) continue;
    const all = [
      ...(needsArguments(field) ? [] : [{}]),
      ...(known[field.name] ?? []),
      ...(parts.filters[field.name] ?? []),
    ];
    for (const some of all) await ask(asker, parts.caller, questionOf(asking, field.name, some));
  }
}

/** An exchange without what may differ between deployments. */
export function plainExchange(
  plain: Plain,
  { what, answer }: Exchange,
): { readonly what: string; readonly answer: unknown } {
  const sorted =
    Array.isArray(answer) && !what.endsWith("in its order") ? byContent(plain, answer as readonly Item[]) : answer;
  return { what: String(plain.of(what)), answer: plain.of(byPath(sorted)) };
}

/** Fields fail in the order in which they are answered, which is chance; GraphQL gives errors no order. */
function byPath(answer: unknown): unknown {
  const { body } = answer as { readonly body?: GraphqlBody };
  if (body?.errors === undefined) return answer;
  const errors = body.errors.toSorted((a, b) => (JSON.stringify(a.path) < JSON.stringify(b.path) ? -1 : 1));
  return { ...(answer as object), body: { ...body, errors } };
}

/** In the order of what they say; those that say the same in the order of all that came of the same request. */
export function byContent<T extends Item>(plain: Plain, items: readonly T[]): readonly T[] {
  const contents = new Map(items.map((item) => [item, plain.content(item)]));
  const together = new Map<unknown, string[]>();
  for (const [item, content] of contents)
    together.set(item["requestId"], [...(together.get(item["requestId"]) ?? []), content]);
  const keyOf = (item: T): string => {
    const mates = item["requestId"] === undefined ? [] : (together.get(item["requestId"]) ?? []);
    return [contents.get(item), ...mates.toSorted()].join("\n");
  };
  const keyed = items.map((item) => ({ item, key: keyOf(item) }));
  return keyed.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ item }) => item);
}
