import { systemScope, type TenantId, utcMonthOf } from "@greentick/kernel";
import { factKeyOf, type Sighting } from "../domain/fact.js";
import { type Reservation } from "../domain/reservation.js";
import { type Move } from "../domain/spending-moves.js";
import { plainWord } from "../domain/words.js";
import { type BusinessNow, type ReservationStore, type SpendingStore } from "../ports.js";
import { type SpendingDesk } from "./spending-desk.js";

export interface EndingPorts {
  readonly desk: SpendingDesk;
  readonly spending: SpendingStore;
  readonly reservations: ReservationStore;
  readonly businessNow: BusinessNow;
}

const scope = systemScope("spending");
const atOnce = 200;

type Failure = Sighting & { readonly reservationId: string };

/**
 * Frees what is held for messages that Meta says have failed. Meta may deliver one nevertheless: its charge is counted then, and nothing is
 * freed twice. Safe to repeat and in any order with deliveries.
 */
export const endFailed =
  ({ desk, spending }: EndingPorts) =>
  async (sightings: readonly Sighting[]): Promise<void> => {
    const failures = sightings.filter(
      (one): one is Failure => one.reservationId !== undefined && plainWord(one.status) === "failed",
    );
    if (failures.length === 0) return;
    const known = await spending.which([...new Set(failures.map(({ tenantId }) => tenantId))]);
    for (const [tenantId, mine] of byTenant(failures))
      if (known.has(tenantId) && mine[0] !== undefined) await desk.move(mine[0], mine.map(toMove));
  };

const toMove = (failure: Failure): Move => ({
  kind: "end",
  reservationId: failure.reservationId,
  message: { factId: factKeyOf(failure).id, as: "failed" },
  month: utcMonthOf(failure.receivedAt),
});

function byTenant<T extends { readonly tenantId: TenantId }>(items: readonly T[]): ReadonlyMap<TenantId, readonly T[]> {
  const groups = new Map<TenantId, T[]>();
  for (const item of items) groups.set(item.tenantId, [...(groups.get(item.tenantId) ?? []), item]);
  return groups;
}

/** Releases reservations of which nothing was heard for thirty days of business time. Returns how many. Safe to repeat. */
export const expireReservations =
  ({ desk, reservations, businessNow }: EndingPorts) =>
  async (): Promise<number> => {
    let count = 0;
    for (const livemode of [true, false]) {
      const now = businessNow(livemode);
      const due = await reservations.due(scope, { livemode, now, limit: atOnce });
      for (const mine of byTenant<Reservation>(due).values())
        if (mine[0] !== undefined)
          await desk.move(
            mine[0],
            mine.map(({ id }) => ({ kind: "close", reservationId: id, as: "expired", month: utcMonthOf(now) })),
          );
      count += due.length;
    }
    return count;
  };
