import { after, dayMs, hourMs, minuteMs } from "@greentick/kernel";

/**
 * Gaps between the tries of one delivery, after Standard Webhooks ("exponential backoff with jitter over days"): ten tries in three days. What
 * was not taken by then is given up and can be sent again by hand.
 */
const gaps = [
  5_000,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  20 * hourMs + 25 * minuteMs - 5_000,
] as const;

export const giveUpAfterMs = 3 * dayMs;
export const mostTries = gaps.length + 1;
/** A receiver may ask for a pause, but not for the end. */
const longestAskedMs = dayMs;
const jitterShare = 1 / 10;

export interface Tried {
  /** Tries of this round so far, the last one included; 1 at least. */
  readonly tries: number;
  readonly firstTriedAt: Date;
  readonly now: Date;
  /** From 0 to 1. */
  readonly random: number;
  /** How long the receiver asked to be left alone. */
  readonly askedMs?: number;
}

/**
 * When to try again; undefined when it was the last time. A receiver that asks for a pause gets it; the very last try comes at the
 * end of the three days, never after them.
 */
export function nextTryAt({ tries, firstTriedAt, now, random, askedMs = 0 }: Tried): Date | undefined {
  const end = after(firstTriedAt, giveUpAfterMs);
  const gap = gaps[tries - 1];
  if (gap === undefined || now >= end) return undefined;
  const spread = gap * (1 + jitterShare * (2 * random - 1));
  const wanted = after(now, Math.round(Math.max(spread, Math.min(askedMs, longestAskedMs))));
  return wanted < end ? wanted : end;
}

/** `Retry-After` as milliseconds: seconds or a date (RFC 9110 §10.2.3). Undefined for anything else, and for what is past. */
export function retryAfterMs(header: string | undefined, systemNow: Date): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const date = /[A-Za-z]{3}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) || date <= systemNow.getTime() ? undefined : date - systemNow.getTime();
}
