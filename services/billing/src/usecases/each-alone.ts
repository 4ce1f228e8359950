/**
 * Does the work for each item, so that the failure of one client holds up no other. Returns the sum of what was done. @throws the first
 * failure, after all had their turn.
 */
export async function eachAlone<T>(items: readonly T[], work: (item: T) => Promise<number>): Promise<number> {
  let done = 0;
  const failures: unknown[] = [];
  for (const item of items)
    done += await work(item).catch((error: unknown) => {
      failures.push(error);
      return 0;
    });
  if (failures.length > 0) throw failures[0];
  return done;
}
