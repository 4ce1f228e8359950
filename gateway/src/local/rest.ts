import { setTimeout as sleep } from "node:timers/promises";
import { type Platform } from "../all-in-one.js";

const lookEveryMs = 50;
const longestMs = 120_000;

/**
 * Settles once handlers have no event in hand, looking seldom until then. A platform that settles looks at everything again and again, and with many
 * calls to providers under way those looks take the time that the handlers need. @throws Error naming what still moves after two minutes.
 */
export async function comeToRest({ bus, settle }: Pick<Platform, "bus" | "settle">): Promise<void> {
  const until = performance.now() + longestMs;
  while (performance.now() < until) {
    const lag = await bus.lag();
    if (!lag.some(({ running, behind }) => running && behind > 0)) break;
    await sleep(lookEveryMs);
  }
  await settle();
}
