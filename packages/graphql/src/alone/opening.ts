type Close = () => Promise<void>;

/**
 * Opens several things one after the other. When one fails, those before it are closed again, newest first, and the failure is thrown;
 * else what `open` returns gets a `close` that does the same. Closing goes on after a failure and then throws an AggregateError.
 */
export async function opening<T extends object>(
  open: (andLater: (close: Close) => void) => Promise<T>,
): Promise<T & { readonly close: Close }> {
  const closes: Close[] = [];
  const close = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (let next = closes.pop(); next !== undefined; next = closes.pop())
      await next().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, "not everything could be closed");
  };
  try {
    return {
      ...(await open((later) => {
        closes.push(later);
      })),
      close,
    };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}
