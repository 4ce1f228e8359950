import { systemScope, utcMonthOf } from "@greentick/kernel";
import { messageFactId, type Sighting } from "../domain/fact.js";
import { type Move } from "../domain/spending-moves.js";
import { plainWord } from "../domain/words.js";
import { type BusinessNow } from "../ports.js";
import { type ReservationStore, type SpendingStore } from "../ports/spending.js";
import { byClient } from "./by-client.js";
import { eachAlone } from "./each-alone.js";
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
    for (const mine of byClient(failures.filter(({ tenantId }) => known.has(tenantId))).values())
      if (mine[0] !== undefined) await desk.move(mine[0], mine.map(toMove));
  };

const toMove = (failure: Failure): Move => ({
  kind: "end",
  reservationId: failure.reservationId,
  message: { factId: messageFactId(failure), as: "failed" },
  month: utcMonthOf(failure.receivedAt),
});

/** Releases reservations of which nothing was heard for thirty days of business time. Returns how many. Safe to repeat. */
export const expireReservations =
  ({ desk, reservations, businessNow }: EndingPorts) =>
  async (): Promise<number> => {
    const now = { live: businessNow(true), sandbox: businessNow(false) };
    const due = await Promise.all([
      reservations.due(scope, { livemode: true, now: now.live, limit: atOnce }),
      reservations.due(scope, { livemode: false, now: now.sandbox, limit: atOnce }),
    ]);
    return eachAlone([...byClient(due.flat()).values()], async (mine) => {
      const [owner] = mine;
      if (owner === undefined) return 0;
      const month = utcMonthOf(owner.livemode ? now.live : now.sandbox);
      await desk.move(
        owner,
        mine.map(({ id }) => ({ kind: "close", reservationId: id, as: "expired", month })),
      );
      return mine.length;
    });
  };
