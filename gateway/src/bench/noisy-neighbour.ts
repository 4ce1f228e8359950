import { type LocalPlatform } from "../local/local-platform.js";
import { createClient } from "../story/clients.js";
import { type Asker, asker, seconds } from "./asker.js";
import { type Bench, ms, type Outcome, rounded } from "./bench.js";
import { type Answered, median, percentile, question } from "./load.js";

const query = "{ me { tenant { name } permissions } templates(first: 10) { nodes { name } } }";
const place = { country: "BR", currency: "USD", timeZone: "America/Sao_Paulo" };
const rounds = 5;
const roundSeconds = 8;
const perSecond = 25;

/** So little that the noisy tenant meets its limit on any machine, and enough for the quiet one. */
const allowed = { perSecond: 60, burst: 120 };
const noisyPerSecond = 10 * allowed.perSecond;

const how = `A quiet tenant asks ${perSecond} times a second, each request when it is due. ${rounds} rounds of ${roundSeconds} s alone and
${roundSeconds} s beside another tenant that asks ${noisyPerSecond} times a second in the same way, ten times what it may: each tenant
may ask ${allowed.perSecond} times a second, ${allowed.burst} at once, and each of its people half as often. Both ask over HTTP from processes of
their own on this machine, so their work is in the figures too. Medians over the rounds after one round that only warms up.`;

interface Measured {
  readonly alone: (readonly Answered[])[];
  readonly beside: (readonly Answered[])[];
  readonly noise: Answered[];
}

/** What a quiet tenant feels of one that asks ten times as often as it may. */
export const noisyNeighbour: Bench = {
  what: "what one tenant feels of another that asks ten times as often as it may",
  env: { RATE_LIMITS: `requests=${allowed.perSecond}:${allowed.burst}` },
  run: async (local) => {
    const [one, other] = [asker(), asker()];
    try {
      return outcomeOf(await measured(local, one, other));
    } finally {
      one.close();
      other.close();
    }
  },
};

async function measured({ target, url }: LocalPlatform, one: Asker, other: Asker): Promise<Measured> {
  const quiet = await createClient(target, { name: "Quiet", legalName: "Quiet Ltda.", ...place });
  const noisy = await createClient(target, { name: "Noisy", legalName: "Noisy Ltda.", ...place });
  const calm = { kind: "steady", question: question(url, { query, token: quiet.token }), perSecond } as const;
  const loud = {
    kind: "steady",
    question: question(url, { query, token: noisy.token }),
    perSecond: noisyPerSecond,
  } as const;
  const steady = (): Promise<readonly Answered[]> => one.ask(calm, seconds(roundSeconds));
  await steady();
  const found: Measured = { alone: [], beside: [], noise: [] };
  for (let round = 0; round < rounds; round++) {
    found.alone.push(await steady());
    const beside = steady();
    found.noise.push(...(await other.ask(loud, beside)));
    found.beside.push(await beside);
  }
  return found;
}

function outcomeOf({ alone, beside, noise }: Measured): Outcome {
  const of = (runs: readonly (readonly Answered[])[]): { readonly p50: number; readonly p99: number } => ({
    p50: rounded(median(runs.map((run) => percentile(run, 0.5)))),
    p99: rounded(median(runs.map((run) => percentile(run, 0.99)))),
  });
  const ratios = beside.map((run, at) => percentile(run, 0.99) / percentile(alone[at] ?? [], 0.99));
  const count = (answers: readonly Answered[], status: number): number =>
    answers.filter((one) => one.status === status).length;
  const quiet = [...alone, ...beside].flat();
  const figures = {
    quietPerSecond: perSecond,
    noisyPerSecond,
    aloneMs: of(alone),
    besideMs: of(beside),
    p99Ratio: rounded(median(ratios)),
    quiet: { answered: count(quiet, 200), refused: quiet.length - count(quiet, 200) },
    noisy: { answered: count(noise, 200), refused: count(noise, 429) },
  };
  return {
    figures,
    how,
    rows: [
      ["quiet tenant alone, p50 / p99", `${ms(figures.aloneMs.p50)} / ${ms(figures.aloneMs.p99)}`],
      ["quiet tenant beside the noisy one, p50 / p99", `${ms(figures.besideMs.p50)} / ${ms(figures.besideMs.p99)}`],
      ["p99 beside against p99 alone", `${figures.p99Ratio} times`],
      ["quiet requests answered / refused", `${figures.quiet.answered} / ${figures.quiet.refused}`],
      ["noisy requests answered / refused (429)", `${figures.noisy.answered} / ${figures.noisy.refused}`],
    ],
    broken: figures.quiet.refused === 0 ? [] : [`${figures.quiet.refused} requests of the quiet tenant were refused.`],
  };
}
