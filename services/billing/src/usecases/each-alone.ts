import { throwFailures } from "./failures.js";

/**
 * Does the work for each item, so that the failure of one client holds up no other. Returns the sum of what was done. @throws every failure,
 * after all had their turn.
 */
export async function eachAlone<T>(items: readonly T[], work: (item: T) => Promise<number>): Promise<number> {
  let done = 0;
  const failures: unknown[] = [];
  for (const item of items)
    done += await work(item).catch((error: unknown) => {
      failures.push(error);
      return 0;
    });
  throwFailures(failures);
  return done;
}
