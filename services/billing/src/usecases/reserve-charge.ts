import { allow, badInput, type Call, tenantScope, utcMonthOf } from "@greentick/kernel";
import { worstCase } from "../domain/estimate.js";
import { expiryOf, type Once, type Reservation } from "../domain/reservation.js";
import { spendingErrors } from "../domain/spending-errors.js";
import { type Answer, type ReserveMove } from "../domain/spending-moves.js";
import { type CardCategory, readCategory } from "../domain/words.js";
import { type AccountStore, type OnceOf, type SameRequest } from "../ports.js";
import { type ReservationStore } from "../ports/spending.js";
import { type EstimatePorts, type EstimateRequest, intendedOf, placeOf } from "./estimate-charge.js";
import { type SpendingDesk } from "./spending-desk.js";

export interface ReserveRequest extends EstimateRequest {
  readonly templateId?: string;
  /** Alike ones; at most 100. */
  readonly messages: number;
}
export type ReserveCharge = (call: Call, input: ReserveRequest) => Promise<Reservation>;
export type ReleaseReservation = (call: Call, reservationId: string) => Promise<Reservation>;

export interface ReservePorts extends EstimatePorts {
  readonly desk: SpendingDesk;
  readonly accounts: AccountStore;
  readonly reservations: ReservationStore;
  readonly onceOf: OnceOf;
  readonly sameRequest: SameRequest;
}

const mostMessages = 100;

/**
 * Holds back the most that the messages can cost, in every budget that counts them and in the prepaid balance, or nowhere. The reservation's
 * id goes with the message as `biz_opaque_callback_data`: so its delivery counts the real charge and its failure frees the money. The same
 * request under the same key gives the first reservation.
 * @throws CONFLICT/budget_reached, CONFLICT/balance_too_low, CONFLICT/charge_not_ratable, CONFLICT/currency_differs, NOT_FOUND/waba_not_found,
 * NOT_FOUND/billing_account_not_found, BAD_USER_INPUT naming the field.
 */
export const reserveCharge =
  (ports: ReservePorts): ReserveCharge =>
  async (call, input) => {
    allow(call, "charge:reserve");
    const once = ports.onceOf(call, "reserveCharge", input);
    if (once === undefined) throw badInput("idempotencyKey", "is needed, so that a repeat holds no money twice");
    const [first] = await ports.reservations.madeBy(tenantScope(call), [once]);
    if (first !== undefined && ports.sameRequest(once, [first.once])) return first;
    const move = await moveOf(ports, call, { ...input, once });
    const { currency } = await ports.accounts.get(tenantScope(call), call.tenantId);
    await ports.desk.begin(call, currency);
    const [answer] = await ports.desk.move(call, [move]);
    return granted(answer);
  };

async function moveOf(
  ports: ReservePorts,
  call: Call,
  input: ReserveRequest & { readonly once: Once },
): Promise<ReserveMove> {
  const { messages, templateId, once } = input;
  const intended = intendedOf(input);
  if (!Number.isInteger(messages) || messages < 1 || messages > mostMessages)
    throw badInput("messages", `must be a whole number from 1 to ${mostMessages}`);
  if (templateId !== undefined && !/^[\w-]{1,64}$/.test(templateId))
    throw badInput("templateId", "must be an id of a template: 1 to 64 letters, digits, - and _");
  const worst = worstCase(intended, await placeOf(ports, call, input.wabaId));
  if (worst.kind === "not_ratable") throw spendingErrors.notEstimable(worst.reason);
  if (worst.kind === "not_sendable") throw spendingErrors.outsideWindow();
  const openedAt = call.now();
  const { tenantId, ancestorIds, livemode, keyId } = call;
  const reservation = {
    ...{ tenantId, ancestorIds, livemode, openedAt, messages, once },
    id: call.newId("reservation"),
    revision: 1,
    status: "open",
    expiresAt: expiryOf(openedAt),
    wabaId: input.wabaId,
    categories: cardCategoriesOf(intended.categories),
    ...(templateId !== undefined && { templateId }),
    ...(keyId !== undefined && { apiKeyId: keyId }),
    currency: worst.highest.currency,
    unitMicros: worst.highest.amountMicros,
    ended: [],
  } as const;
  return { kind: "reserve", reservation, prices: worst.byCategory, month: utcMonthOf(openedAt) };
}

const cardCategoriesOf = (words: readonly string[]): readonly CardCategory[] => [
  ...new Set(
    words.flatMap((word) => {
      const reading = readCategory(word);
      return reading.as === "card" ? [reading.category] : [];
    }),
  ),
];

function granted(answer: Answer | undefined): Reservation {
  if (answer?.kind === "refused") throw answer.error;
  if (answer?.kind === "reservation") return answer.reservation;
  throw new Error("a reservation was neither granted nor refused");
}

/**
 * Gives back what a reservation still holds, for messages that are not sent after all. One that is closed stays as it is; a message that is
 * delivered nevertheless is counted. @throws NOT_FOUND/reservation_not_found.
 */
export const releaseReservation =
  ({
    desk,
    reservations,
  }: {
    readonly desk: SpendingDesk;
    readonly reservations: ReservationStore;
  }): ReleaseReservation =>
  async (call, reservationId) => {
    allow(call, "charge:reserve");
    const before = await reservations.get(tenantScope(call), reservationId);
    const move = { kind: "close", reservationId: before.id, as: "released", month: utcMonthOf(call.now()) } as const;
    const [answer] = await desk.move(call, [move]);
    return answer?.kind === "reservation" ? answer.reservation : before;
  };
