/** Throws what failed, and nothing when nothing did: one failure as it is, several together, so that none is lost to the log. */
export function throwFailures(failures: readonly unknown[]): void {
  if (failures.length > 1)
    throw new AggregateError(failures, `${failures.length} pieces of work failed, each for itself`);
  if (failures.length === 1) throw failures[0];
}
