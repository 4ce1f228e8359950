import { after, type Clock, minuteMs, type Scope, systemScope } from "@greentick/kernel";
import { type Recheck, type RecheckBook } from "../ports.js";
import { eachAlone } from "./each-alone.js";
import { type RatingPorts, settleFacts } from "./settle-facts.js";

const scope = systemScope("price-facts");
const atOnce = 20;
const pageSize = 500;
/** A delivery that was being decided by what was known before is in the store by then. */
const secondPassAfterMs = 15 * minuteMs;

export interface RecheckPorts extends RatingPorts {
  readonly rechecks: RecheckBook;
  readonly systemNow: Clock;
}

/**
 * Decides deliveries again for which something was learnt late: a volume tier, another currency or zone. Each time twice, with a while between,
 * because a delivery may have been decided by the old knowledge and written after the first look. Returns how many facts changed. Safe to repeat.
 */
export const recheckDeliveries = (ports: RecheckPorts) => async (): Promise<number> => {
  const due = await ports.rechecks.due(scope, ports.systemNow(), atOnce);
  return eachAlone(due, (recheck) => recheckOne(ports, recheck));
};

async function recheckOne(ports: RecheckPorts, recheck: Recheck): Promise<number> {
  const owned: Scope = { tenant: recheck.tenantId, ancestors: recheck.ancestorIds };
  let moved = 0;
  let last: string | undefined;
  for (;;) {
    const ask = { wabaIds: recheck.wabaIds, since: recheck.since, limit: pageSize };
    const facts = await ports.facts.deliveredSince(owned, { ...ask, ...(last !== undefined && { after: last }) });
    moved += await settleFacts(ports)(facts.map((fact) => ({ before: fact, after: fact })));
    last = facts.at(-1)?.id;
    if (facts.length < pageSize) break;
  }
  if (recheck.passes === 0) await ports.rechecks.again(scope, recheck, after(ports.systemNow(), secondPassAfterMs));
  else await ports.rechecks.done(scope, recheck);
  return moved;
}
