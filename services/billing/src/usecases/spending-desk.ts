import { balanceLow, budgetReached, event } from "@greentick/contracts";
import { AppError, type Call, type DomainEvent, faultPoint, type TenantId, utcMonthOf } from "@greentick/kernel";
import { type Once } from "../domain/reservation.js";
import { emptyJournal, newSpending, type Spending, type TopUp } from "../domain/spending.js";
import { type SpendingAlert, withAlerts } from "../domain/spending-alerts.js";
import { type Answer, applyMoves, type KnownDocuments, type Move } from "../domain/spending-moves.js";
import { type SameRequest } from "../ports.js";
import { type ReservationStore, type SpendingStore, type SpentEntryStore, type TopUpStore } from "../ports/spending.js";

export interface DeskPorts {
  readonly spending: SpendingStore;
  readonly reservations: ReservationStore;
  readonly topUps: TopUpStore;
  readonly spentEntries: SpentEntryStore;
  readonly sameRequest: SameRequest;
  /** The service's own call in a client. */
  readonly callFor: (owner: Pick<Call, "tenantId" | "ancestorIds" | "livemode">) => Call;
}

/** A change of the settings: limits, budgets, the balance's terms. */
export interface Setting<R> {
  readonly spending: Spending;
  readonly events: readonly DomainEvent[];
  readonly answer: R;
  /** Kept with it. */
  readonly topUp?: TopUp;
}

/** Everything that changes a client's spending passes here, in one line per client: what waits is written together. */
export interface SpendingDesk {
  /** Answers in the order of the moves. Safe to repeat. @throws CONFLICT/version_conflict after losing to other processes again and again. */
  readonly move: (owner: SpendingOwner, moves: readonly Move[]) => Promise<readonly Answer[]>;
  /** A write of its own, by the caller. `change` may be asked again with a newer state. */
  readonly set: <R>(call: Call, change: (before: Spending) => Promise<Setting<R>>) => Promise<R>;
  /** The client's spending; begins one in that currency when there is none. */
  readonly begin: (call: Call, currency: string) => Promise<Spending>;
}
export type SpendingOwner = Pick<Call, "tenantId" | "ancestorIds" | "livemode">;

const attempts = 60;
/** Moves in one write: their journal stays far below what a document can hold. */
const mostTogether = 200;

interface Waiting {
  readonly moves: readonly Move[];
  readonly resolve: (answers: readonly Answer[]) => void;
  readonly reject: (error: unknown) => void;
}
type Work = (() => Promise<void>) | Waiting;
interface Lane {
  readonly queue: Work[];
  /** The version whose journal this process has carried out. */
  carriedOut: number;
}

interface Serving {
  readonly lane: Lane;
  readonly leave: () => void;
}

const scopeOf = ({ tenantId, ancestorIds }: SpendingOwner): { tenant: TenantId; ancestors: readonly TenantId[] } => ({
  tenant: tenantId,
  ancestors: ancestorIds,
});
const isConflict = (error: unknown): boolean => error instanceof AppError && error.reason === "version_conflict";
const isDuplicate = (error: unknown): boolean => error instanceof AppError && error.reason === "duplicate";

export function spendingDesk(ports: DeskPorts): SpendingDesk {
  const lanes = new Map<TenantId, Lane>();
  const enter = (owner: SpendingOwner, work: Work): void => {
    const lane = lanes.get(owner.tenantId);
    if (lane !== undefined) {
      lane.queue.push(work);
      return;
    }
    const fresh: Lane = { queue: [work], carriedOut: -1 };
    lanes.set(owner.tenantId, fresh);
    void serve(ports, owner, { lane: fresh, leave: () => lanes.delete(owner.tenantId) });
  };
  return {
    move: (owner, moves) =>
      moves.length === 0
        ? Promise.resolve([])
        : new Promise((resolve, reject) => {
            enter(owner, { moves, resolve, reject });
          }),
    set: (call, change) =>
      new Promise((resolve, reject) => {
        enter(call, () => setting(ports, call, change).then(resolve, reject));
      }),
    begin: (call, currency) => begin(ports, call, currency),
  };
}

/** Serves the line until nobody waits; who comes after that begins a new one, so `leave` is called before anything else can happen. */
async function serve(ports: DeskPorts, owner: SpendingOwner, { lane, leave }: Serving): Promise<void> {
  for (let first = lane.queue.shift(); first !== undefined; first = lane.queue.shift())
    await (typeof first === "function"
      ? first()
      : together(ports, owner, { lane, batch: [first, ...others(lane.queue, first)] }));
  leave();
}

/** Never fails: who waits is told. */
async function together(
  ports: DeskPorts,
  owner: SpendingOwner,
  { lane, batch }: { readonly lane: Lane; readonly batch: readonly Waiting[] },
): Promise<void> {
  try {
    const answers = await written(ports, owner, { lane, moves: batch.flatMap(({ moves }) => moves) });
    let at = 0;
    for (const one of batch) one.resolve(answers.slice(at, (at += one.moves.length)));
  } catch (error) {
    for (const one of batch) one.reject(error);
  }
}

const onceOf = (move: Move): Once | undefined => (move.kind === "reserve" ? move.reservation.once : undefined);
const nameOf = ({ scope, key }: Once): string => `${scope} ${key}`;

/** Those who wait right behind, as long as they fit. The same request twice goes into two writes: the second finds what the first made. */
function others(queue: Work[], first: Waiting): readonly Waiting[] {
  const taken: Waiting[] = [];
  const names = new Set(first.moves.flatMap((move) => onceOf(move) ?? []).map(nameOf));
  let size = first.moves.length;
  for (let next = queue[0]; next !== undefined && typeof next !== "function"; next = queue[0]) {
    const asked = next.moves.flatMap((move) => onceOf(move) ?? []).map(nameOf);
    size += next.moves.length;
    if (size > mostTogether || asked.some((name) => names.has(name))) break;
    for (const name of asked) names.add(name);
    taken.push(next);
    queue.shift();
  }
  return taken;
}

interface Batch {
  readonly lane: Lane;
  readonly moves: readonly Move[];
}

/** Reads, decides, writes with the version that was read; reads again when another process was first. */
async function written(ports: DeskPorts, owner: SpendingOwner, { lane, moves }: Batch): Promise<readonly Answer[]> {
  for (let attempt = 1; ; attempt++) {
    const before = await ports.spending.get(scopeOf(owner), owner.tenantId);
    if (lane.carriedOut !== before.version) await carryOut(ports, before);
    lane.carriedOut = before.version;
    const { repeats, rest } = await withoutRepeats(ports, owner, moves);
    const outcome = applyMoves(before, rest, await knownTo(ports, owner, rest));
    const answers = moves.map((move) => repeats.get(move) ?? outcome.answers[rest.indexOf(move)] ?? { kind: "done" });
    if (!outcome.changed) return answers as readonly Answer[];
    const { spending, alerts } = withAlerts(outcome.spending, outcome.months);
    try {
      const next = { ...spending, journal: outcome.journal };
      const events = alerts.map((alert) => alertEvent(spending, alert));
      const saved = await ports.spending.save(ports.callFor(owner), next, events);
      await faultPoint("billing.spending-written");
      await carryOut(ports, saved);
      lane.carriedOut = saved.version;
      return answers as readonly Answer[];
    } catch (error) {
      if (!isConflict(error) || attempt === attempts) throw error;
    }
  }
}

/** Requests that were granted before are answered with what they made then. */
async function withoutRepeats(
  ports: DeskPorts,
  owner: SpendingOwner,
  moves: readonly Move[],
): Promise<{ readonly repeats: ReadonlyMap<Move, Answer>; readonly rest: readonly Move[] }> {
  const scope = scopeOf(owner);
  const asked = moves.flatMap((move) => onceOf(move) ?? []);
  const made = asked.length === 0 ? [] : await ports.reservations.madeBy(scope, asked);
  const repeats = new Map<Move, Answer>();
  for (const move of moves) {
    const once = onceOf(move);
    const reservation = once && made.find((one) => nameOf(one.once) === nameOf(once));
    if (once !== undefined && reservation !== undefined)
      repeats.set(move, mismatch(ports, once, reservation.once) ?? { kind: "reservation", reservation });
  }
  return { repeats, rest: moves.filter((move) => !repeats.has(move)) };
}

function mismatch({ sameRequest }: DeskPorts, asked: Once, first: Once): Answer | undefined {
  try {
    sameRequest(asked, [first]);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return { kind: "refused", error };
    throw error;
  }
}

async function knownTo(ports: DeskPorts, owner: SpendingOwner, moves: readonly Move[]): Promise<KnownDocuments> {
  const scope = scopeOf(owner);
  const ids = moves.flatMap((move) => {
    if (move.kind === "end" || move.kind === "close") return [move.reservationId];
    return move.kind === "count" && move.entry.reservationId !== undefined ? [move.entry.reservationId] : [];
  });
  const entries = moves.flatMap((move) => (move.kind === "count" ? [move.entry.id] : []));
  const [reservations, counted] = await Promise.all([
    ids.length === 0 ? [] : ports.reservations.getMany(scope, [...new Set(ids)]),
    entries.length === 0 ? new Set<string>() : ports.spentEntries.counted(scope, entries),
  ]);
  return { reservations: new Map(reservations.flatMap((one) => (one ? [[one.id, one] as const] : []))), counted };
}

/** What the last write decided about other documents. Safe to repeat, also long after somebody else did it. */
async function carryOut(ports: DeskPorts, { tenantId, ancestorIds, journal }: Spending): Promise<void> {
  const scope = { tenant: tenantId, ancestors: ancestorIds };
  await Promise.all([
    journal.reservations.length > 0 && ports.reservations.keep(scope, journal.reservations),
    journal.counted.length > 0 && ports.spentEntries.mark(scope, journal.counted),
    journal.topUps.length > 0 && ports.topUps.keep(scope, journal.topUps),
  ]);
}

async function setting<R>(ports: DeskPorts, call: Call, change: (before: Spending) => Promise<Setting<R>>): Promise<R> {
  for (let attempt = 1; ; attempt++) {
    const before = await ports.spending.get(scopeOf(call), call.tenantId);
    await carryOut(ports, before);
    const { spending: changed, events, answer, topUp } = await change(before);
    if (changed === before) return answer;
    const { spending, alerts } = withAlerts(changed, [utcMonthOf(call.now())]);
    try {
      const told = [...events, ...alerts.map((alert) => alertEvent(spending, alert))];
      const journal = topUp === undefined ? emptyJournal : { ...emptyJournal, topUps: [topUp] };
      await carryOut(ports, await ports.spending.save(call, { ...spending, journal }, told));
      return answer;
    } catch (error) {
      if (!isConflict(error) || attempt === attempts) throw error;
    }
  }
}

async function begin(ports: DeskPorts, call: Call, currency: string): Promise<Spending> {
  const scope = scopeOf(call);
  const before = await ports.spending.find(scope, call.tenantId);
  if (before !== undefined) return before;
  try {
    return await ports.spending.insert(call, newSpending(call, currency), []);
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    return ports.spending.get(scope, call.tenantId);
  }
}

function alertEvent({ currency }: Spending, alert: SpendingAlert): DomainEvent {
  if (alert.kind === "balance") {
    const { belowMicros, availableMicros } = alert;
    return event(balanceLow, { currency, belowMicros, availableMicros });
  }
  const { budget, period, of, percent, limitMicros, usedMicros } = alert;
  const data = {
    budgetId: budget.id,
    name: budget.name,
    period,
    limit: of,
    percent,
    currency,
    limitMicros,
    usedMicros,
  };
  return event(budgetReached, data);
}
