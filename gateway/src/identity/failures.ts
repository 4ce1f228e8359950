import { type Standing } from "@greentick/contracts";
import { type FailureBudget } from "@greentick/graphql";
import { AppError } from "@greentick/kernel";

/** Keys remembered at once as ones that somebody made; the one used longest ago is forgotten first. Strangers cannot push any out. */
const mostKnown = 20_000;

/** Bounds what callers cost who cannot be identified, without harming those who can. */
export interface Failures extends FailureBudget {
  /**
   * What `ask` says of a key. One that is not known here yet pays from its address first, and gets it back when the key exists: keys that nobody
   * made are looked for no more often than an address may fail. @throws RateLimitedError, and whatever `ask` throws.
   */
  readonly askAboutKey: (ip: string | undefined, hash: string, ask: () => Promise<Standing>) => Promise<Standing>;
}

export function failures(budget: FailureBudget, most: number = mostKnown): Failures {
  const known = new Set<string>();
  const remember = (hash: string): void => {
    known.delete(hash);
    known.add(hash);
    const [oldest] = known;
    if (known.size > most && oldest !== undefined) known.delete(oldest);
  };
  return {
    ...budget,
    askAboutKey: async (ip, hash, ask) => {
      const takeBack = known.has(hash) ? undefined : budget.ofAddress(ip);
      const answer = await ask().catch((error: unknown) => {
        takeBack?.();
        throw error;
      });
      if (isUnknown(answer)) known.delete(hash);
      else {
        takeBack?.();
        remember(hash);
      }
      return answer;
    },
  };
}

export const isUnknown = (answer: Standing): boolean => !answer.good && answer.ended === "api_key_unknown";

/** Does the work; when that tells that the caller is nobody, or nobody any more, it is counted. @throws RateLimitedError instead, when too often. */
export async function counted<T>(work: () => T | Promise<T>, count: () => void): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError && error.code === "UNAUTHENTICATED") count();
    throw error;
  }
}
