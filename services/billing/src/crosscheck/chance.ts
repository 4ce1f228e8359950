/** Draws that are the same for the same seed, for ever and on every machine. */
export interface Chance {
  /** A whole number from 0 to below `limit`. */
  readonly below: (limit: number) => number;
  readonly pick: <T>(from: readonly T[]) => T;
  /** True this often in a hundred. */
  readonly percent: (often: number) => boolean;
  readonly digits: (count: number) => string;
}

const stepOf = (state: number): number => (state + 0x6d2b79f5) | 0;

/** Mulberry32 (Tommy Ettinger): small, fast, and good enough to draw test cases with. */
function mixed(state: number): number {
  let bits = Math.imul(state ^ (state >>> 15), state | 1);
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
  return (bits ^ (bits >>> 14)) >>> 0;
}

export function chanceOf(seed: number): Chance {
  let state = seed | 0;
  const below = (limit: number): number => {
    state = stepOf(state);
    return Math.floor((mixed(state) / 0x1_0000_0000) * limit);
  };
  return {
    below,
    pick: (from) => {
      const one = from[below(from.length)];
      if (one === undefined) throw new RangeError("there is nothing to pick from");
      return one;
    },
    percent: (often) => below(100) < often,
    digits: (count) => Array.from({ length: count }, () => String(below(10))).join(""),
  };
}
