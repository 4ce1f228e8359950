/** Bytes that come in pieces of any size, held in memory that follows from the bytes and not from the number of the pieces. */
export interface Blocks {
  readonly add: (piece: Buffer) => void;
  /** All of them in order, in one buffer. */
  readonly joined: () => Buffer;
  /** Lets go of them. */
  readonly clear: () => void;
}

/** What of a piece is at least so long is kept as it came; less is copied, since a Buffer of its own costs some two hundred bytes beside its content. */
const large = 4_096;
const smallestBlock = 512;
const largestBlock = 65_536;
const none = Buffer.alloc(0);

/**
 * Small pieces are written one behind the other into blocks as large as all that came before: each byte is copied once, and what is held is at most
 * twice the bytes and `smallestBlock`.
 */
export function blocks(): Blocks {
  const full: Buffer[] = [];
  let open = none;
  let used = 0;
  let size = 0;
  /** The open block has no room left. */
  const goOnWith = (rest: Buffer): void => {
    if (used > 0) full.push(open);
    if (rest.length >= large) {
      full.push(rest);
      [open, used] = [none, 0];
      return;
    }
    open = Buffer.allocUnsafeSlow(Math.max(Math.min(size, largestBlock), smallestBlock, rest.length));
    used = rest.copy(open);
  };
  return {
    add: (piece) => {
      const copied = piece.copy(open, used);
      used += copied;
      size += piece.length;
      if (copied < piece.length) goOnWith(piece.subarray(copied));
    },
    joined: () => {
      const all = used === 0 ? full : [...full, open.subarray(0, used)];
      return all.length === 1 && all[0] !== undefined ? all[0] : Buffer.concat(all);
    },
    clear: () => {
      full.length = 0;
      [open, used] = [none, 0];
    },
  };
}
