import { type Call, type Month, type Scope, systemScope, tenantScope, utcMonthOf } from "@greentick/kernel";
import { spentEntryOf, type SpentEntry } from "../domain/reservation.js";
import { type Spending } from "../domain/spending.js";
import { type EntryStore } from "../ports.js";
import { type ReservationStore, type SpendingStore, type SpentEntryStore, type TopUpStore } from "../ports/spending.js";
import { byClient } from "./by-client.js";
import { eachAlone } from "./each-alone.js";
import { throwFailures } from "./failures.js";
import { type SpendingDesk, type SpendingOwner } from "./spending-desk.js";

export interface CountingPorts {
  readonly desk: SpendingDesk;
  readonly spending: SpendingStore;
  readonly spentEntries: SpentEntryStore;
  readonly reservations: ReservationStore;
  readonly topUps: TopUpStore;
}

const scope = systemScope("spending");
const atOnce = 200;

/**
 * The ledger, which notes what budgets and balances have to count: after the entries and before their booker knows that they are in, so that
 * whoever dies in between notes them with the repeat. Costs one look-up a batch for clients of which nothing is counted.
 */
export function notedEntries(
  entries: EntryStore,
  { spending, spentEntries }: Pick<CountingPorts, "spending" | "spentEntries">,
  wake: () => void,
): EntryStore {
  return {
    ...entries,
    insert: async (within, added) => {
      await entries.insert(within, added);
      if (added.length === 0) return;
      const known = await spending.which([...new Set(added.map(({ tenantId }) => tenantId))]);
      // A carry brings again what the month before has counted already.
      const counting = added.filter(({ tenantId, kind }) => kind !== "carry" && known.has(tenantId));
      if (counting.length === 0) return;
      await spentEntries.note(scope, counting.map(spentEntryOf));
      wake();
    },
  };
}

/**
 * Counts what is noted and not counted yet, each client for itself. Returns how many entries. Safe to repeat. @throws what failed, after every
 * client had its turn.
 */
export const countSpending =
  ({ desk, spentEntries }: Pick<CountingPorts, "desk" | "spentEntries">) =>
  async (within: Scope = scope): Promise<number> => {
    const failures: unknown[] = [];
    let counted = 0;
    let after: string | undefined;
    for (;;) {
      const waiting = await spentEntries.uncounted(within, { limit: atOnce, ...(after !== undefined && { after }) });
      counted += await eachAlone([...byClient(waiting).values()], (mine) => count(desk, mine)).catch(
        (error: unknown) => {
          failures.push(error);
          return 0;
        },
      );
      after = waiting.at(-1)?.id;
      if (waiting.length < atOnce) break;
    }
    throwFailures(failures);
    return counted;
  };

async function count(desk: SpendingDesk, entries: readonly SpentEntry[]): Promise<number> {
  const [owner] = entries;
  if (owner === undefined) return 0;
  await desk.move(
    owner,
    entries.map((entry) => ({ kind: "count", entry })),
  );
  return entries.length;
}

/**
 * Makes sure that the client's spending has counted the running month when this returns: the entries that were booked before anybody counted
 * are noted from the ledger first. A process that dies in between leaves the month to the next who asks.
 */
export async function beginCounting(ports: CountingPorts, call: Call, currency: string): Promise<Spending> {
  const begun = await ports.desk.begin(call, currency);
  const month = utcMonthOf(call.now());
  if (begun.countedFrom !== undefined && begun.countedFrom <= month) {
    await countAll(ports, call);
    return begun;
  }
  await ports.spentEntries.noteLedger(tenantScope(call), month);
  await countAll(ports, call);
  return ports.desk.set(call, (before) => {
    const spending = { ...before, countedFrom: earlier(before.countedFrom, month) };
    return Promise.resolve({ spending, events: [], answer: spending });
  });
}

const earlier = (a: Month | undefined, b: Month): Month => (a !== undefined && a < b ? a : b);

async function countAll(ports: CountingPorts, call: SpendingOwner): Promise<void> {
  while ((await countSpending(ports)(tenantScope(call))) > 0);
}
