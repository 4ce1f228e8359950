import { isRequiredArgument } from "graphql";
import { parting } from "./compare.js";
import { asking, isPaged } from "./documents.js";
import { type Ledger } from "./ledger.js";
import { rootFields } from "./schema-places.js";
import { isAnswered } from "./survey.js";
import { type Observed } from "./subject.js";

/** What our side is told without naming anything, by question. */
type Standing = ReadonlyMap<string, string>;

interface Question {
  readonly field: ReturnType<typeof rootFields>[number];
  readonly caller: string;
}

const ask = (ledger: Ledger, { field, caller }: Question): Promise<Observed> =>
  ledger.ask(caller, asking("query", field, isPaged(field) ? { first: 20 } : {}, 3), {
    what: field.name,
    root: "Query",
  });

/** Everything that can be asked without a value, with the first of our side who is answered: a refusal would stand in the trail and change it. */
async function questionsOf(ledger: Ledger): Promise<readonly Question[]> {
  const fields = rootFields(ledger.subject.schema, "query").filter((field) => !field.args.some(isRequiredArgument));
  const found: Question[] = [];
  for (const field of fields)
    for (const caller of ledger.subject.callers.ours)
      if (isAnswered(await ask(ledger, { field, caller }), field)) {
        found.push({ field, caller });
        break;
      }
  return found;
}

async function standing(ledger: Ledger, questions: readonly Question[]): Promise<Standing> {
  const told = new Map<string, string>();
  for (const question of questions) {
    const { body } = await ask(ledger, question);
    told.set(`${question.field.name} ${question.caller}`, JSON.stringify(body.data));
  }
  return told;
}

/** Lets theirs act, and compares what our side is told before and after: counts, sums and orders included. */
export async function whileTheirsAct(ledger: Ledger, act: () => Promise<void>): Promise<void> {
  const { settle } = ledger.subject;
  const questions = await questionsOf(ledger);
  await settle();
  const before = await standing(ledger, questions);
  await act();
  await settle();
  compareStanding(ledger, before, await standing(ledger, questions));
}

function compareStanding(ledger: Ledger, before: Standing, after: Standing): void {
  for (const [question, told] of before) {
    const now = after.get(question) ?? "";
    const [at = "", caller = ""] = question.split(" ");
    if (now !== told)
      ledger.report({ kind: "answer", at, caller, found: `changed with what theirs did: ${parting(now, told)}` });
  }
}
