import { type LocalPlatform } from "../local/local-platform.js";
import { createClient } from "../story/clients.js";
import { type Asked, closedLoop, median, openLoop, percentile } from "./load.js";

const query = "{ me { tenant { name } permissions } templates(first: 10) { nodes { name } } }";
const place = { country: "BR", currency: "USD", timeZone: "America/Sao_Paulo" };
const rounds = 5;
const seconds = 8;
const perSecond = 25;
const connections = 32;

export interface NoisyNeighbour {
  readonly quietPerSecond: number;
  readonly noisyConnections: number;
  /** Milliseconds, medians over the rounds. */
  readonly alone: { readonly p50: number; readonly p99: number };
  readonly beside: { readonly p50: number; readonly p99: number };
  /** Median of the rounds' own ratios. */
  readonly p99Ratio: number;
  readonly quietRefused: number;
  readonly noisy: { readonly answered: number; readonly refused: number };
}

/** One tenant asks as fast as it can while another asks steadily: what the second one feels of it, against the same minute without the first. */
export async function noisyNeighbour({ target, url }: LocalPlatform): Promise<NoisyNeighbour> {
  const quiet = await createClient(target, { name: "Quiet", legalName: "Quiet Ltda.", ...place });
  const noisy = await createClient(target, { name: "Noisy", legalName: "Noisy Ltda.", ...place });
  const asked = (token: string): { url: string; token: string; query: string } => ({ url, token, query });
  const steady = (): Promise<readonly Asked[]> => openLoop(asked(quiet.token), perSecond, seconds);
  await steady();
  const alone: (readonly Asked[])[] = [];
  const beside: (readonly Asked[])[] = [];
  const noise: Asked[] = [];
  for (let round = 0; round < rounds; round++) {
    alone.push(await steady());
    let over = false;
    const loud = closedLoop(asked(noisy.token), connections, () => over);
    beside.push(await steady());
    over = true;
    noise.push(...(await loud));
  }
  const of = (runs: readonly (readonly Asked[])[], share: number): number =>
    median(runs.map((run) => percentile(run, share)));
  const ratios = beside.map((run, at) => percentile(run, 0.99) / percentile(alone[at] ?? [], 0.99));
  return {
    quietPerSecond: perSecond,
    noisyConnections: connections,
    alone: { p50: of(alone, 0.5), p99: of(alone, 0.99) },
    beside: { p50: of(beside, 0.5), p99: of(beside, 0.99) },
    p99Ratio: median(ratios),
    quietRefused: beside.flat().filter(({ status }) => status !== 200).length,
    noisy: {
      answered: noise.filter(({ status }) => status === 200).length,
      refused: noise.filter(({ status }) => status === 429).length,
    },
  };
}
