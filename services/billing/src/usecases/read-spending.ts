import { allow, type Call, tenantScope } from "@greentick/kernel";
import { type Reservation } from "../domain/reservation.js";
import { type Spending, type TopUp } from "../domain/spending.js";
import { type Page, type PageRequest } from "../ports.js";
import { type ReservationStore, type SpendingStore, type TopUpStore } from "../ports/spending.js";

export interface ReadSpending {
  readonly spending: (call: Call) => Promise<Spending | undefined>;
  readonly reservations: (call: Call, ask: { page: PageRequest; openOnly: boolean }) => Promise<Page<Reservation>>;
  readonly topUps: (call: Call, page: PageRequest) => Promise<Page<TopUp>>;
}

export interface ReadSpendingPorts {
  readonly spending: SpendingStore;
  readonly reservations: ReservationStore;
  readonly topUps: TopUpStore;
}

/** What a client has spent, reserved and paid in. */
export const readSpending = ({ spending, reservations, topUps }: ReadSpendingPorts): ReadSpending => ({
  spending: (call) => {
    allow(call, "billing:read");
    return spending.find(tenantScope(call), call.tenantId);
  },
  reservations: (call, { page, openOnly }) => {
    allow(call, "billing:read");
    return reservations.list(tenantScope(call), page, { openOnly });
  },
  topUps: (call, page) => {
    allow(call, "billing:read");
    return topUps.list(tenantScope(call), page);
  },
});
