import { setTimeout as sleep } from "node:timers/promises";
import { type Bus } from "@greentick/runtime";

const lookEveryMs = 50;
const longestMs = 120_000;

/**
 * Waits while handlers have events in hand, looking seldom. A platform that settles looks at everything again and again, which takes from the handlers
 * the time they need: with many calls to providers under way this halves the wait. Gives up after two minutes; settling says what still moves.
 */
export async function handlersAtRest(bus: Pick<Bus, "lag">): Promise<void> {
  const until = performance.now() + longestMs;
  while (performance.now() < until) {
    const lag = await bus.lag();
    if (!lag.some(({ running, behind }) => running && behind > 0)) return;
    await sleep(lookEveryMs);
  }
}
