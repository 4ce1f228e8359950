import { isRequiredArgument } from "graphql";
import { parting } from "./compare.js";
import { asking, isPaged } from "./documents.js";
import { type Ledger } from "./ledger.js";
import { rootFields } from "./schema-places.js";
import { isAnswered } from "./survey.js";
import { type Observed } from "./subject.js";
import { together } from "./together.js";

/** What our side is told without naming anything, by question. */
type Standing = ReadonlyMap<string, string>;

interface Question {
  readonly field: ReturnType<typeof rootFields>[number];
  readonly caller: string;
  /** Levels of objects that are answered whole: a part that is refused would stand in the trail and change it. */
  readonly deep: number;
}
const depths = [3, 2, 1] as const;

const ask = (ledger: Ledger, { field, caller, deep }: Question): Promise<Observed> =>
  ledger.ask(caller, asking("query", field, isPaged(field) ? { first: 20 } : {}, deep), {
    what: field.name,
    root: "Query",
  });

/** Everything that can be asked without a value, with the first of our side who is answered, as deep as nothing is refused. */
async function questionsOf(ledger: Ledger): Promise<readonly Question[]> {
  const fields = rootFields(ledger.subject.schema, "query").filter((field) => !field.args.some(isRequiredArgument));
  const found = await together(fields, async (field): Promise<readonly Question[]> => {
    for (const caller of ledger.subject.callers.ours) {
      if (!isAnswered(await ask(ledger, { field, caller, deep: 1 }), field)) continue;
      for (const deep of depths)
        if (isAnswered(await ask(ledger, { field, caller, deep }), field)) return [{ field, caller, deep }];
    }
    return [];
  });
  return found.flat();
}

async function standing(ledger: Ledger, questions: readonly Question[]): Promise<Standing> {
  const told = await together(questions, async (question) => {
    const { body } = await ask(ledger, question);
    return [`${question.field.name} ${question.caller}`, JSON.stringify(body.data)] as const;
  });
  return new Map(told);
}

/** Lets theirs act, and compares what our side is told before and after: counts, sums and orders included. */
export async function whileTheirsAct<T>(ledger: Ledger, act: () => Promise<T>): Promise<T> {
  const { settle } = ledger.subject;
  const questions = await questionsOf(ledger);
  await settle();
  const before = await standing(ledger, questions);
  const done = await act();
  await settle();
  compareStanding(ledger, before, await standing(ledger, questions));
  return done;
}

function compareStanding(ledger: Ledger, before: Standing, after: Standing): void {
  for (const [question, told] of before) {
    const now = after.get(question) ?? "";
    const [at = "", caller = ""] = question.split(" ");
    if (now !== told)
      ledger.report({ kind: "answer", at, caller, found: `changed with what theirs did: ${parting(now, told)}` });
  }
}

/** Lets ours ask, after which every document of theirs must be what it was. */
export async function whileOursAsk<T>(ledger: Ledger, ask: () => Promise<T>): Promise<T> {
  const { settle, theirDocuments } = ledger.subject;
  await settle();
  const before = await theirDocuments();
  const asked = await ask();
  await settle();
  const after = await theirDocuments();
  for (const place of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(place) === after.get(place)) continue;
    const what = after.has(place) ? (before.has(place) ? "changed" : "came to be") : "is gone";
    const found = `a document of theirs ${what} while our side asked`;
    ledger.report({ kind: "document", at: place, caller: "ours", found });
  }
  return asked;
}
