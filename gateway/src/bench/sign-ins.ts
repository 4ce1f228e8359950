import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type LocalPlatform } from "../local/local-platform.js";
import { createClient } from "../story/clients.js";
import { ask } from "../story/target.js";
import { type Asker, asker } from "./asker.js";
import { type Bench, ms, type Outcome, rounded } from "./bench.js";
import { type Answered, percentile, type Question, question } from "./load.js";

const password = "seven quiet lanterns drift";
const place = { country: "BR", currency: "USD", timeZone: "America/Sao_Paulo" };
const people = 10;
const addresses = 20;
const attempts = 200;
const waves = 5;
const perSecond = 25;
const mostMiB = 256;
const MiB = 2 ** 20;

const how = `${waves} waves of ${attempts} sign-ins at once, the next one when the last of the wave before is answered: half with the right password of
${people} people, a quarter with a wrong one, a quarter for addresses that belong to nobody, from ${addresses} addresses. All the while somebody who is signed in
asks ${perSecond} times a second. Both ask over HTTP from processes of their own. Memory is the highest resident set of the platform's process, its local Meta
and Stripe included, looked at every 20 ms, against the one just before the first wave: in that wave, which the bound is for, and in all of them.`;

const invite = `mutation ($input: InvitePersonInput!) { invitePerson(input: $input) { invitation { id } } }`;
const accept = `mutation ($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { personId } }`;
const enter = `mutation ($input: SignInInput!) { signIn(input: $input) { signedIn { accessToken } } }`;
const emailOf = (at: number): string => `person${at}@busy.example`;

/** Two hundred who try to come in at once, and somebody who is in. */
export const signIns: Bench = {
  what: "200 sign-in attempts at once: outcomes, memory, and what somebody who is signed in feels of them",
  env: { TRUSTED_PROXIES: "127.0.0.1" },
  run: async (local, dataDir) => {
    const [crowd, inside] = [asker(), asker()];
    try {
      await welcome(local, join(dataDir, "mail"));
      return await measured(local, crowd, inside);
    } finally {
      crowd.close();
      inside.close();
    }
  },
};

/** People of a client, each with a password. */
async function welcome({ target }: LocalPlatform, mail: string): Promise<void> {
  const { tenantId } = await createClient(target, { name: "Busy", legalName: "Busy Ltda.", ...place });
  for (let at = 0; at < people; at++) {
    const input = { email: emailOf(at), name: `Person ${at}`, roles: ["DEVELOPER"], tenantId };
    await ask(target, target.tokens.platform_admin, invite, { input });
  }
  await target.settle();
  const letters = readdirSync(mail).map((file) => readFileSync(join(mail, file), "utf8"));
  for (let at = 0; at < people; at++) {
    const letter = letters.find((text) => text.includes(`To: ${emailOf(at)}`)) ?? "";
    const token = /#token=([\w.-]+)/.exec(letter.replaceAll("=\n", "").replaceAll("=3D", "="))?.[1] ?? "";
    await entering(target.graphqlUrl, { token, password });
  }
}

async function entering(url: string, input: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ query: accept, variables: { input } });
  const answer = await (await fetch(url, { method: "POST", headers, body })).text();
  if (!answer.includes("personId")) throw new Error(`An invitation could not be accepted: ${answer}`);
}

/** Every fourth is wrong, every fourth is nobody's; each address brings all kinds. */
function attempt(url: string, at: number): Question {
  const group = Math.floor(at / 4);
  const email = at % 4 === 3 ? `nobody${at}@busy.example` : emailOf((group + at) % people);
  const input = { email, password: at % 4 === 2 ? "not this one, though" : password };
  return question(url, { query: enter, input, from: `198.51.100.${(group % addresses) + 1}` });
}

async function measured({ url, target }: LocalPlatform, crowd: Asker, inside: Asker): Promise<Outcome> {
  const query = { query: "{ me { tenant { name } person { name } } }", token: target.tokens.platform_admin };
  const job = { kind: "steady", question: question(url, query), perSecond } as const;
  await inside.ask(job, new Promise((resolve) => setTimeout(resolve, 2_000)));
  const memory = watchMemory();
  const questions = Array.from({ length: attempts }, (_, at) => attempt(url, at));
  const all = everyWave(crowd, questions, memory.grownMiB);
  const queries = await inside.ask(job, all);
  const { answers, firstMiB } = await all;
  memory.stop();
  return outcomeOf(answers, queries, { first: firstMiB, all: memory.grownMiB() });
}

/** How far the resident set of this process has risen at most since now. */
function watchMemory(): { readonly grownMiB: () => number; readonly stop: () => void } {
  const before = process.memoryUsage().rss;
  let peak = before;
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage().rss);
  };
  const timer = setInterval(look, 20);
  return {
    grownMiB: () => {
      look();
      return rounded((peak - before) / MiB);
    },
    stop: () => {
      clearInterval(timer);
    },
  };
}

async function everyWave(
  crowd: Asker,
  questions: readonly Question[],
  grownMiB: () => number,
): Promise<{ readonly answers: readonly Answered[]; readonly firstMiB: number }> {
  const answers = [...(await crowd.ask({ kind: "burst", questions }))];
  const firstMiB = grownMiB();
  for (let wave = 1; wave < waves; wave++) answers.push(...(await crowd.ask({ kind: "burst", questions })));
  return { answers, firstMiB };
}

function outcomeOf(tries: readonly Answered[], queries: readonly Answered[], memoryGrownMiB: Grown): Outcome {
  const outcomes: Record<string, number> = {};
  for (const { status, reason = "signed_in" } of tries) {
    const name = status >= 500 ? "server_error" : reason;
    outcomes[name] = (outcomes[name] ?? 0) + 1;
  }
  const errors = queries.filter(({ status, reason }) => status !== 200 || reason !== undefined).length;
  const figures = {
    attempts: tries.length,
    outcomes,
    serverErrors: outcomes["server_error"] ?? 0,
    signInMs: { p50: rounded(percentile(tries, 0.5)), p99: rounded(percentile(tries, 0.99)) },
    memoryGrownMiB,
    queries: {
      asked: queries.length,
      errors,
      p50Ms: rounded(percentile(queries, 0.5)),
      p99Ms: rounded(percentile(queries, 0.99)),
    },
  };
  return { figures, how, rows: rowsOf(figures), broken: brokenOf(figures) };
}

interface Grown {
  readonly first: number;
  readonly all: number;
}

interface Figures {
  readonly attempts: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly serverErrors: number;
  readonly signInMs: { readonly p50: number; readonly p99: number };
  readonly memoryGrownMiB: Grown;
  readonly queries: { readonly asked: number; readonly errors: number; readonly p50Ms: number; readonly p99Ms: number };
}

const rowsOf = ({
  attempts: tried,
  outcomes,
  serverErrors,
  signInMs,
  memoryGrownMiB,
  queries,
}: Figures): Outcome["rows"] => [
  ["sign-in attempts", String(tried)],
  ...Object.entries(outcomes).map(([name, count]) => [`  ${name}`, String(count)] as const),
  ["answers 5xx", String(serverErrors)],
  ["answer to an attempt, p50 / p99", `${ms(signInMs.p50)} / ${ms(signInMs.p99)}`],
  ["memory grown by the first wave", `${memoryGrownMiB.first.toFixed(0)} MiB of at most ${mostMiB}`],
  ["memory grown by all waves", `${memoryGrownMiB.all.toFixed(0)} MiB`],
  ["signed-in queries / errors", `${queries.asked} / ${queries.errors}`],
  ["answer to a signed-in query, p50 / p99", `${ms(queries.p50Ms)} / ${ms(queries.p99Ms)}`],
];

const brokenOf = ({ serverErrors, memoryGrownMiB, queries }: Figures): readonly string[] => [
  ...(serverErrors > 0 ? [`${serverErrors} attempts were answered with 5xx.`] : []),
  ...(memoryGrownMiB.first > mostMiB
    ? [`Memory grew by ${memoryGrownMiB.first} MiB in the first wave; at most ${mostMiB} are allowed.`]
    : []),
  ...(queries.errors > 0 ? [`${queries.errors} signed-in queries were not answered.`] : []),
];
