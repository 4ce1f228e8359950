/** Requests that are under way at once: enough that neither the platform nor its store waits for the other. */
const most = 8;

/** Does the work for every item, several at once; the answers stand in the items' order. Whatever only reads, or is refused, may be done so. */
export async function together<T, R>(
  items: readonly T[],
  work: (item: T, at: number) => Promise<R>,
): Promise<readonly R[]> {
  const done: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) done[at] = await work(items[at] as T, at);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  return done;
}
