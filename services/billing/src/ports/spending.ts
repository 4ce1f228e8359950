import { type Month, type Scope, type TenantId, type UtcDay } from "@greentick/kernel";
import { type Once, type Reservation, type SpentEntry } from "../domain/reservation.js";
import { type BudgetScope, type CountedMark, type Spending, type TopUp } from "../domain/spending.js";
import { type Aggregates, type Page, type PageRequest } from "../ports.js";

/** A client's budgets and prepaid balance; one document a client. */
export type SpendingStore = Aggregates<Spending> & {
  /** Which of these clients have one. */
  readonly which: (tenantIds: readonly TenantId[]) => Promise<ReadonlySet<TenantId>>;
};

export interface ReservationStore {
  /** @throws NOT_FOUND/reservation_not_found. */
  readonly get: (scope: Scope, id: string) => Promise<Reservation>;
  readonly getMany: (scope: Scope, ids: readonly string[]) => Promise<readonly (Reservation | undefined)[]>;
  /** Those that these requests made. */
  readonly madeBy: (scope: Scope, requests: readonly Once[]) => Promise<readonly Reservation[]>;
  /** Safe to repeat: an older revision never replaces a newer one. */
  readonly keep: (scope: Scope, reservations: readonly Reservation[]) => Promise<void>;
  /** Open ones whose time is over. */
  readonly due: (
    scope: Scope,
    ask: { readonly livemode: boolean; readonly now: Date; readonly limit: number },
  ) => Promise<readonly Reservation[]>;
  /** Newest first. */
  readonly list: (
    scope: Scope,
    page: PageRequest,
    filter: { readonly openOnly: boolean },
  ) => Promise<Page<Reservation>>;
}

export interface TopUpStore {
  readonly madeBy: (scope: Scope, requests: readonly Once[]) => Promise<readonly TopUp[]>;
  /** Safe to repeat. */
  readonly keep: (scope: Scope, topUps: readonly TopUp[]) => Promise<void>;
  /** Newest first. */
  readonly list: (scope: Scope, page: PageRequest) => Promise<Page<TopUp>>;
}

/** Which counted entries are added up. */
export interface SpentFilter {
  readonly currency: string;
  readonly month?: Month;
  /** Of this accounting day and later. */
  readonly sinceDay?: UtcDay;
  /** Entries about messages that a budget of this scope counts; absent: every entry. */
  readonly scope?: BudgetScope;
}

/** What of the ledger is to be counted in budgets and balances, and what is. */
export interface SpentEntryStore {
  /** Safe to repeat: what is noted already stays as it is. */
  readonly note: (scope: Scope, entries: readonly SpentEntry[]) => Promise<void>;
  /** Notes every entry that the ledger has from this month on. */
  readonly noteLedger: (scope: Scope, from: Month) => Promise<void>;
  /** In order of id after `after`. */
  readonly uncounted: (
    scope: Scope,
    ask: { readonly limit: number; readonly after?: string },
  ) => Promise<readonly SpentEntry[]>;
  /** Which of these are counted. */
  readonly counted: (scope: Scope, ids: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly mark: (scope: Scope, marks: readonly CountedMark[]) => Promise<void>;
  /** Micros of those that are counted. */
  readonly sum: (scope: Scope, filter: SpentFilter) => Promise<bigint>;
}
