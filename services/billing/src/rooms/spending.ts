import { type auditRefusals, type Database, type Job } from "@greentick/runtime";
import { SpendingResolver } from "../adapters/graphql/spending.resolver.js";
import { mongoReservationStore, mongoSpendingStore, mongoTopUpStore } from "../adapters/mongo/spending-store.js";
import { mongoSpentEntryStore } from "../adapters/mongo/spent-entry-store.js";
import { countSpending, type CountingPorts } from "../usecases/count-spending.js";
import { type EndingPorts, expireReservations } from "../usecases/end-reservations.js";
import { estimateCharge } from "../usecases/estimate-charge.js";
import { type PrepaidPorts, setPrepaid, topUpBalance } from "../usecases/prepaid.js";
import { readSpending, type ReadSpendingPorts } from "../usecases/read-spending.js";
import { releaseReservation, reserveCharge, type ReservePorts } from "../usecases/reserve-charge.js";
import { type BudgetPorts, removeBudget, setBudget } from "../usecases/set-budget.js";

interface Indexed {
  readonly ensureIndexes: () => Promise<void>;
}

type Stores = Pick<CountingPorts, "spending" | "reservations" | "topUps" | "spentEntries">;

/** What budgets, balances and reservations stand on. */
export const spendingStores = (database: Database): { readonly [K in keyof Stores]: Stores[K] & Indexed } => ({
  spending: mongoSpendingStore(database),
  reservations: mongoReservationStore(database),
  topUps: mongoTopUpStore(database),
  spentEntries: mongoSpentEntryStore(database),
});

/** The same work, done at a sandbox clock that is read right before: another process may have set it. */
export type Fresh = (run: () => Promise<number>) => () => Promise<number>;

/** Runs the counting soon; replaced once its job runs. */
export interface Counting {
  wake: () => void;
}

export interface SpendingParts {
  readonly ports: BudgetPorts &
    PrepaidPorts &
    ReservePorts &
    ReadSpendingPorts &
    EndingPorts & { readonly counting: Counting };
  readonly refusals: Pick<ReturnType<typeof auditRefusals>, "refusing">;
  readonly fresh: Fresh;
}

export interface SpendingRoom {
  readonly resolver: object;
  readonly jobs: readonly Job[];
}

/** Estimates before a send, budgets, prepaid balances, and what is reserved in them. */
export function spendingRoom({ ports, refusals: { refusing }, fresh }: SpendingParts): SpendingRoom {
  return {
    resolver: new SpendingResolver({
      read: readSpending(ports),
      estimateCharge: estimateCharge(ports),
      setBudget: refusing("setBudget", setBudget(ports)),
      removeBudget: refusing("removeBudget", removeBudget(ports)),
      setPrepaid: refusing("setPrepaid", setPrepaid(ports)),
      topUpBalance: refusing("topUpBalance", topUpBalance(ports)),
      reserveCharge: refusing("reserveCharge", reserveCharge(ports)),
      releaseReservation: refusing("releaseReservation", releaseReservation(ports)),
    }),
    jobs: [
      {
        name: "billing.spending-count",
        everyMs: 2_000,
        run: countSpending(ports),
        onWake: (wake) => {
          ports.counting.wake = wake;
        },
      },
      { name: "billing.reservations-expire", everyMs: 60_000, run: fresh(expireReservations(ports)) },
    ],
  };
}
