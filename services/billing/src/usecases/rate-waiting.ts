import { after, dayMs, hourMs, type Scope, systemScope } from "@greentick/kernel";
import { type UnratedReason, unratedReasons } from "../domain/rate.js";
import { eachAlone } from "./each-alone.js";
import { bookNoted, type RatingPorts, settleFacts } from "./settle-facts.js";

const scope = systemScope("price-facts");
const pageSize = 500;

/** What a newer version with newer cards or words can resolve. */
export const resolvedByRelease: readonly UnratedReason[] = (Object.keys(unratedReasons) as UnratedReason[]).filter(
  (reason) => reason !== "awaiting_pricing",
);

export interface WaitingFor {
  readonly scope: Scope;
  readonly reasons: readonly UnratedReason[];
  readonly wabaId?: string;
}

/** Rates again what waited for something that may be here now. Returns how many facts changed. Safe to repeat. */
export const rateWaiting =
  (ports: RatingPorts) =>
  async ({ scope, reasons, wabaId }: WaitingFor): Promise<number> => {
    let moved = 0;
    let after: string | undefined;
    for (;;) {
      const facts = await ports.facts.waiting(scope, {
        reasons,
        limit: pageSize,
        ...(wabaId !== undefined && { wabaId }),
        ...(after !== undefined && { after }),
      });
      moved += await settleFacts(ports)(facts.map((fact) => ({ before: fact, after: fact })));
      after = facts.at(-1)?.id;
      if (facts.length < pageSize) return moved;
    }
  };

/**
 * Books what a process that died had decided and not booked. A note that names facts which were never written with it may be ahead of a
 * write that is still under way: it is looked at again until it is a day old. Returns how many notes were closed.
 */
export const bookUnbooked = (ports: RatingPorts) => async (): Promise<number> => {
  const now = ports.systemNow();
  const open = await ports.facts.leftOpen(scope, { now, limit: pageSize });
  return eachAlone(open, async ({ id, since }) => {
    const complete = await bookNoted(ports)(id);
    if (!complete && now.getTime() - since.getTime() < dayMs) {
      await ports.facts.putOff(scope, id, after(now, hourMs));
      return 0;
    }
    await ports.facts.booked(scope, [id]);
    return 1;
  });
};
