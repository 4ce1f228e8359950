/** Tokens of one endpoint: `perSecond` come back each second, a second's worth at most is saved up. Times in ms. */
export interface Rate {
  readonly perSecond: number;
  /** How many may go now. */
  readonly ready: (now: number) => number;
  readonly spend: (count: number) => void;
  /** How long until one may go; 0 when one may. */
  readonly waitMs: (now: number) => number;
}

/** `now` may step back: that gives nothing back, and from there on tokens come back as before. */
export function rateOf(perSecond: number): Rate {
  let tokens = perSecond;
  let seen: number | undefined;
  const refill = (now: number): void => {
    const passed = Math.max(0, now - (seen ?? now));
    tokens = Math.min(perSecond, tokens + (passed * perSecond) / 1_000);
    seen = now;
  };
  return {
    perSecond,
    ready: (now) => {
      refill(now);
      return Math.floor(tokens);
    },
    spend: (count) => {
      tokens -= count;
    },
    waitMs: (now) => {
      refill(now);
      return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * 1_000) / perSecond);
    },
  };
}
