import { dayMs } from "@greentick/kernel";
import { type Target } from "@greentick/gateway";

/** Where all clocks start; the end is far enough for Meta to refuse a badge and for a month to be invoiced. */
export const start = new Date("2026-10-20T00:00:00Z");
export const traffic = { from: new Date("2026-11-23T00:00:00Z"), to: new Date("2026-11-25T00:00:00Z") };
export const end = new Date("2026-12-03T12:00:00Z");

/** The story's own hand on the clock: it only goes on. */
export interface Hand {
  now: Date;
}

export async function passDays(target: Target, hand: Hand, days: number): Promise<void> {
  hand.now = new Date(hand.now.getTime() + days * dayMs);
  await target.moveClock(hand.now);
}
