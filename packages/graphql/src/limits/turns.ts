import { RateLimitedError } from "./charge.js";
import { turnRules } from "./table.js";

/** Gives up a turn; again does nothing. */
export type EndTurn = () => void;

export interface Turns {
  /**
   * Resolves when it is the tenant's turn. Tenants that wait take turns, however much each of them asks, and one of them alone never holds all places.
   * @throws RateLimitedError RATE_LIMITED/rate_limited when too many requests of the tenant wait already.
   */
  readonly take: (tenantId: string) => Promise<EndTurn>;
  readonly running: () => number;
  readonly waiting: () => number;
}

export interface TurnRules {
  /** Operations that run at once. */
  readonly atOnce: number;
  /** Of those, operations of one tenant. */
  readonly ofOne: number;
  /** Requests of one tenant that may wait. */
  readonly waiting: number;
}

interface Party {
  running: number;
  readonly queue: ((end: EndTurn) => void)[];
}

/** Who runs next among tenants that share a process: a place goes to the tenant that was served longest ago. */
export function turns(rules: TurnRules = turnRules): Turns {
  /** In the order in which they are served next. */
  const parties = new Map<string, Party>();
  let running = 0;
  const end = (tenantId: string, party: Party): EndTurn => {
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      running -= 1;
      party.running -= 1;
      if (party.running === 0 && party.queue.length === 0) parties.delete(tenantId);
      next();
    };
  };
  const begin = (tenantId: string, party: Party): EndTurn => {
    running += 1;
    party.running += 1;
    parties.delete(tenantId);
    parties.set(tenantId, party);
    return end(tenantId, party);
  };
  const hasRoom = (party: Party): boolean => running < rules.atOnce && party.running < rules.ofOne;
  const next = (): void => {
    for (const [tenantId, party] of parties) {
      if (!hasRoom(party)) continue;
      const run = party.queue.shift();
      if (run === undefined) continue;
      run(begin(tenantId, party));
      return;
    }
  };
  return {
    running: () => running,
    waiting: () => [...parties.values()].reduce((all, { queue }) => all + queue.length, 0),
    take: (tenantId) => {
      const party = parties.get(tenantId) ?? { running: 0, queue: [] };
      if (party.queue.length === 0 && hasRoom(party)) return Promise.resolve(begin(tenantId, party));
      if (party.queue.length >= rules.waiting) return Promise.reject(tooMany(rules.waiting));
      if (!parties.has(tenantId)) parties.set(tenantId, party);
      return new Promise((resolve) => party.queue.push(resolve));
    },
  };
}

const tooMany = (most: number): RateLimitedError =>
  new RateLimitedError(
    `${String(most)} requests of this tenant are waiting for their turn already. Come again in 1 s, and wait for answers before asking more.`,
    { limit: "waiting", of: "tenant", waiting: most, retryAfterSeconds: 1 },
    { "retry-after": "1" },
  );
