import { Agent, request } from "node:http";

/** One GraphQL request. */
export interface Question {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Answered {
  readonly status: number;
  /** From when it was due to the last byte of the answer. */
  readonly ms: number;
  /** Of the first error in the answer. */
  readonly reason?: string;
}

export interface Asking {
  readonly query: string;
  readonly input?: object;
  readonly token?: string;
  /** Where it says to come from; believed when the platform trusts this machine as a proxy. */
  readonly from?: string;
}

export const question = (url: string, { query, input, token, from }: Asking): Question => ({
  url: `${url}/graphql`,
  headers: {
    "content-type": "application/json",
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(from !== undefined && { "x-forwarded-for": from }),
  },
  body: JSON.stringify({ query, ...(input && { variables: { input } }) }),
});

/** On a kept-alive connection, timed from `since` (milliseconds of `performance.now`). */
function ask({ url, headers, body }: Question, agent: Agent, since: number): Promise<Answered> {
  const length = { "content-length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: "POST", agent, headers: { ...headers, ...length } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const ms = performance.now() - since;
        const reason = /"reason":"(\w+)"/.exec(Buffer.concat(chunks).toString("utf8"))?.[1];
        resolve({ status: answer.statusCode ?? 0, ms, ...(reason !== undefined && { reason }) });
      });
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

async function withAgent<T>(connections: number, work: (agent: Agent) => Promise<T>): Promise<T> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  try {
    return await work(agent);
  } finally {
    agent.destroy();
  }
}

/** So many a second until told to stop, each sent when it is due whether or not earlier ones are answered (open loop). */
export const steady = (what: Question, perSecond: number, until: () => boolean): Promise<readonly Answered[]> =>
  withAgent(Number.POSITIVE_INFINITY, async (agent) => {
    const start = performance.now();
    const all: Promise<Answered>[] = [];
    for (let at = 0; ; at++) {
      const due = start + (at * 1_000) / perSecond;
      await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
      if (until()) return Promise.all(all);
      all.push(ask(what, agent, due));
    }
  });

/** All at once, each on a connection of its own. */
export const burst = (all: readonly Question[]): Promise<readonly Answered[]> =>
  withAgent(all.length, (agent) => {
    const since = performance.now();
    return Promise.all(all.map((one) => ask(one, agent, since)));
  });

/** The value below which this share of the times lies. */
export function percentile(answers: readonly Answered[], share: number): number {
  const times = answers.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
