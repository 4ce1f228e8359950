import { Agent, request } from "node:http";

export interface Target {
  readonly url: string;
  readonly token: string;
  readonly query: string;
}

export interface Asked {
  readonly status: number;
  readonly ms: number;
}

/** One GraphQL request on a kept-alive connection, timed from `since` (milliseconds of `performance.now`). */
function ask(target: Target, agent: Agent, since: number): Promise<Asked> {
  const body = JSON.stringify({ query: target.query });
  const headers = {
    authorization: `Bearer ${target.token}`,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const asked = request(`${target.url}/graphql`, { method: "POST", agent, headers }, (answer) => {
      answer.resume();
      answer.on("error", reject);
      answer.on("end", () => {
        resolve({ status: answer.statusCode ?? 0, ms: performance.now() - since });
      });
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

/** So many a second, each sent when it is due whether or not earlier ones are answered; timed from when it was due. */
export async function openLoop(target: Target, perSecond: number, seconds: number): Promise<readonly Asked[]> {
  const agent = new Agent({ keepAlive: true });
  const start = performance.now();
  const due = Array.from({ length: perSecond * seconds }, (_, at) => start + (at * 1_000) / perSecond);
  const asked = due.map(async (at) => {
    await new Promise((resolve) => setTimeout(resolve, at - performance.now()));
    return ask(target, agent, at);
  });
  const all = await Promise.all(asked);
  agent.destroy();
  return all;
}

/** As much as so many connections bring, until told to stop. */
export async function closedLoop(target: Target, connections: number, until: () => boolean): Promise<readonly Asked[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const all: Asked[] = [];
  const one = async (): Promise<void> => {
    while (!until()) all.push(await ask(target, agent, performance.now()));
  };
  await Promise.all(Array.from({ length: connections }, one));
  agent.destroy();
  return all;
}

/** The value below which this share of the times lies. */
export function percentile(asked: readonly Asked[], share: number): number {
  const times = asked.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
