/** How many bytes of request bodies a server holds at a time, all connections together. */
export interface BodiesInHand {
  /** Whether so much may come in beside what is held; it is not set aside, so that a slow sender takes no room for what it has not sent. */
  readonly hasRoomFor: (bytes: number) => boolean;
  /** Holds so much more. False, and nothing is held, when it would be too much. */
  readonly take: (bytes: number) => boolean;
  readonly release: (bytes: number) => void;
}

/**
 * One bound for bodies that are still uploading and those that wait for their answer: what is in memory follows from it, not from who sends, nor from the
 * pieces in which it comes (`blocks`).
 */
export function bodiesInHand(mostBytes: number): BodiesInHand {
  let held = 0;
  const hasRoomFor = (bytes: number): boolean => held + bytes <= mostBytes;
  return {
    hasRoomFor,
    take: (bytes) => {
      if (!hasRoomFor(bytes)) return false;
      held += bytes;
      return true;
    },
    release: (bytes) => {
      held -= bytes;
    },
  };
}
