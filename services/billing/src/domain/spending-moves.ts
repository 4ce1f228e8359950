import { type AppError, type Month } from "@greentick/kernel";
import { spendingErrors } from "./spending-errors.js";
import {
  closeReservation,
  type EndedMessage,
  endMessage,
  type Ending,
  type Hold,
  prepaidHold,
  type Reservation,
  type SpentEntry,
} from "./reservation.js";
import { type CategoryPrice } from "./estimate.js";
import {
  availableIn,
  type Budget,
  countsEntry,
  countsFor,
  type CountedMark,
  type Journal,
  type Prepaid,
  type Spending,
  periodOf,
  usedIn,
  withSpent,
} from "./spending.js";

/** A reservation that is asked for; where it holds money back is decided when it is granted. */
export interface ReserveMove {
  readonly kind: "reserve";
  readonly reservation: Omit<Reservation, "holds" | "overSoftLimit">;
  /** Highest price of one message by category in doubt: a budget of one category holds that category's. */
  readonly prices: readonly CategoryPrice[];
  /** Business month (UTC) in which it is asked for. */
  readonly month: Month;
}
/** Something that changes what a client has spent, reserved or paid in. */
export type Move =
  | ReserveMove
  | { readonly kind: "end"; readonly reservationId: string; readonly message: EndedMessage; readonly month: Month }
  | {
      readonly kind: "close";
      readonly reservationId: string;
      readonly as: "released" | "expired";
      readonly month: Month;
    }
  | { readonly kind: "count"; readonly entry: SpentEntry };

/** What a move came to. */
export type Answer =
  | { readonly kind: "reservation"; readonly reservation: Reservation }
  | { readonly kind: "done" }
  | { readonly kind: "refused"; readonly error: AppError };

/** Other documents as they are before the moves. */
export interface KnownDocuments {
  readonly reservations: ReadonlyMap<string, Reservation>;
  /** Entries that are counted already. */
  readonly counted: ReadonlySet<string>;
}

/** Other documents as the moves so far leave them. It grows with each move, instead of being copied for it. */
interface Working {
  readonly reservations: Map<string, Reservation>;
  readonly counted: Map<string, CountedMark>;
}

export interface Outcome {
  readonly spending: Spending;
  readonly journal: Journal;
  readonly answers: readonly Answer[];
  /** Months in which an alert may be due. */
  readonly months: readonly Month[];
  /** False: nothing has to be written. */
  readonly changed: boolean;
}

const done: Answer = { kind: "done" };

/** Carries out moves in their order. A move that was carried out before changes nothing. */
export function applyMoves(before: Spending, moves: readonly Move[], known: KnownDocuments): Outcome {
  const working: Working = { reservations: new Map(), counted: new Map() };
  const answers: Answer[] = [];
  let spending = before;
  for (const move of moves) {
    const [next, answer] = applied(spending, move, { known, working });
    spending = next;
    answers.push(answer);
  }
  const journal = {
    reservations: [...working.reservations.values()],
    counted: [...working.counted.values()],
    topUps: [],
  };
  const months = moves.map((move) => (move.kind === "count" ? move.entry.month : move.month));
  const changed = journal.reservations.length + journal.counted.length > 0;
  return { spending, journal, answers, months, changed };
}

interface Documents {
  readonly known: KnownDocuments;
  readonly working: Working;
}

function applied(spending: Spending, move: Move, documents: Documents): readonly [Spending, Answer] {
  switch (move.kind) {
    case "reserve":
      return reserved(spending, move, documents);
    case "end":
      return ended(spending, documents, { id: move.reservationId, how: (one) => endMessage(one, move.message) });
    case "close":
      return ended(spending, documents, { id: move.reservationId, how: (one) => closeReservation(one, move.as) });
    case "count":
      return counted(spending, move.entry, documents);
  }
}

/** All or nothing: the first place without room refuses, and nothing is held anywhere. */
function reserved(
  spending: Spending,
  { reservation, prices, month }: ReserveMove,
  { working }: Documents,
): readonly [Spending, Answer] {
  if (reservation.currency !== spending.currency)
    return [
      spending,
      { kind: "refused", error: spendingErrors.reserveCurrency(reservation.currency, spending.currency) },
    ];
  const budgets = spending.budgets.filter((budget) => countsFor(budget, reservation));
  const holds: Hold[] = budgets.map((budget) => ({ in: budget.id, unitMicros: unitIn(budget, prices) }));
  const count = BigInt(reservation.messages);
  for (const [at, budget] of budgets.entries()) {
    const needed = (holds[at]?.unitMicros ?? 0n) * count;
    const used = usedIn(budget, month);
    if (budget.hardMicros !== undefined && used + needed > budget.hardMicros)
      return [spending, { kind: "refused", error: spendingErrors.budgetReached(spending, budget, { month, needed }) }];
  }
  const { prepaid } = spending;
  if (prepaid !== undefined) {
    const needed = reservation.unitMicros * count;
    if (availableIn(prepaid) < needed)
      return [spending, { kind: "refused", error: spendingErrors.balanceTooLow(spending.currency, prepaid, needed) }];
    holds.push({ in: prepaidHold, unitMicros: reservation.unitMicros });
  }
  const held = withHolds(spending, holds, count);
  const overSoftLimit = held.budgets
    .filter((one) => holds.some((hold) => hold.in === one.id))
    .filter(({ softMicros }) => softMicros !== undefined)
    .filter((one) => usedIn(one, month) > (one.softMicros ?? 0n))
    .map(({ id }) => id);
  const granted: Reservation = { ...reservation, holds, overSoftLimit };
  working.reservations.set(granted.id, granted);
  return [held, { kind: "reservation", reservation: granted }];
}

/** A budget of one category holds what that category can cost; any other the most of all. */
function unitIn({ scope }: Budget, prices: readonly CategoryPrice[]): bigint {
  const mine = scope.kind === "category" ? prices.filter(({ category }) => category === scope.category) : prices;
  return mine.reduce((most, { charge }) => (charge.amountMicros > most ? charge.amountMicros : most), 0n);
}

/** Holds so many messages' money more; a negative count gives it back. */
function withHolds(spending: Spending, holds: readonly Hold[], count: bigint): Spending {
  const unitOf = (place: string): bigint => holds.find((hold) => hold.in === place)?.unitMicros ?? 0n;
  const budgets = spending.budgets.map((budget) => {
    const unit = unitOf(budget.id);
    return unit === 0n ? budget : { ...budget, reservedMicros: budget.reservedMicros + unit * count };
  });
  const { prepaid } = spending;
  if (prepaid === undefined) return { ...spending, budgets };
  const reservedMicros = prepaid.reservedMicros + unitOf(prepaidHold) * count;
  return { ...spending, budgets, prepaid: { ...prepaid, reservedMicros } };
}

interface End {
  readonly id: string;
  readonly how: (reservation: Reservation) => Ending;
}

function ended(spending: Spending, { known, working }: Documents, { id, how }: End): readonly [Spending, Answer] {
  const before = working.reservations.get(id) ?? known.reservations.get(id);
  if (before === undefined) return [spending, done];
  const { reservation, freed } = how(before);
  const answer: Answer = { kind: "reservation", reservation };
  if (reservation === before) return [spending, answer];
  working.reservations.set(id, reservation);
  return [withHolds(spending, before.holds, BigInt(-freed)), answer];
}

/**
 * Counts an entry of the ledger once: in the budgets that count what was really delivered, which may be others than those that held money
 * for it, and in the balance. The reservation it was sent under gives back what it held for this message in the same write.
 */
function counted(spending: Spending, entry: SpentEntry, documents: Documents): readonly [Spending, Answer] {
  const { known, working } = documents;
  if (known.counted.has(entry.id) || working.counted.has(entry.id)) return [spending, done];
  const id = entry.reservationId;
  const under = id === undefined ? undefined : (working.reservations.get(id) ?? known.reservations.get(id));
  const { templateId, apiKeyId } = under ?? {};
  const named = { ...(templateId !== undefined && { templateId }), ...(apiKeyId !== undefined && { apiKeyId }) };
  working.counted.set(entry.id, { id: entry.id, ...named });
  const spent = withEntry(spending, { ...entry, ...named });
  if (under === undefined || entry.factId === undefined || entry.units <= 0) return [spent, done];
  const message = { factId: entry.factId, as: "settled" } as const;
  return [ended(spent, documents, { id: under.id, how: (one) => endMessage(one, message) })[0], done];
}

function withEntry(spending: Spending, entry: SpentEntry): Spending {
  if (entry.currency !== spending.currency) return { ...spending, otherCurrency: spending.otherCurrency + 1 };
  const budgets = spending.budgets.map((budget) =>
    countsEntry(budget, entry)
      ? withSpent(budget, periodOf(budget, entry.month), (one) => ({ ...one, micros: one.micros + entry.chargeMicros }))
      : budget,
  );
  const { prepaid } = spending;
  return { ...spending, budgets, ...(prepaid && { prepaid: withCharge(prepaid, entry) }) };
}

const withCharge = (prepaid: Prepaid, entry: Pick<SpentEntry, "day" | "chargeMicros">): Prepaid =>
  entry.day < prepaid.since ? prepaid : { ...prepaid, chargedMicros: prepaid.chargedMicros + entry.chargeMicros };
