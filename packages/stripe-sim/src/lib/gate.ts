/** Orders requests: exclusive work runs alone, shared work runs together, both in order of arrival. */
export interface Gate {
  exclusive: <T>(work: () => Promise<T>) => Promise<T>;
  shared: <T>(work: () => Promise<T>) => Promise<T>;
}

const settled = (work: Promise<unknown>): Promise<void> =>
  work.then(
    () => undefined,
    () => undefined,
  );

export function createGate(): Gate {
  let barrier: Promise<unknown> = Promise.resolve();
  let readers: Promise<unknown>[] = [];
  const shared = <T>(work: () => Promise<T>): Promise<T> => {
    const running = barrier.then(work);
    const done = settled(running).then(() => {
      readers = readers.filter((one) => one !== done);
    });
    readers.push(done);
    return running;
  };
  const exclusive = <T>(work: () => Promise<T>): Promise<T> => {
    const running = Promise.all([barrier, ...readers]).then(work);
    barrier = settled(running);
    readers = [];
    return running;
  };
  return { exclusive, shared };
}
