import { after, dayMs, type Month, type TenantId, type UtcDay } from "@greentick/kernel";
import { longestDeliveryDays } from "./estimate.js";
import { type LedgerEntry } from "./ledger-entry.js";
import { type CardCategory } from "./words.js";

/** How a request is known again: who asked for what under which key, and the hash of the input. */
export interface Once {
  readonly scope: string;
  readonly key: string;
  readonly inputHash: string;
}

/** What a reservation holds back in one place for each of its messages. */
export interface Hold {
  /** A budget's id, or `prepaid`. */
  readonly in: string;
  readonly unitMicros: bigint;
}
export const prepaidHold = "prepaid";

/** What became of one message of a reservation. */
export interface EndedMessage {
  /** The fact of the message. */
  readonly factId: string;
  readonly as: "settled" | "failed";
}

/**
 * Money held back for messages that are about to be sent. It is `open` until each message was delivered or has failed, and `closed` then,
 * or when it is released by hand or after thirty days. Its id travels with the message (`biz_opaque_callback_data`), so that Meta's status
 * says which reservation it ends.
 */
export interface Reservation {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  /** Raised with each change; an older one never replaces a newer one. */
  readonly revision: number;
  readonly status: "open" | "closed";
  /** `used`: every message was delivered or has failed. */
  readonly closedAs?: "used" | "released" | "expired";
  readonly openedAt: Date;
  readonly expiresAt: Date;
  readonly wabaId: string;
  readonly categories: readonly CardCategory[];
  readonly templateId?: string;
  readonly apiKeyId?: string;
  readonly currency: string;
  /** Most that one message can cost. */
  readonly unitMicros: bigint;
  readonly messages: number;
  readonly holds: readonly Hold[];
  /** Budgets whose soft limit is passed with it. */
  readonly overSoftLimit: readonly string[];
  readonly ended: readonly EndedMessage[];
  readonly once: Once;
}

export const expiryOf = (openedAt: Date): Date => after(openedAt, longestDeliveryDays * dayMs);

/** Messages of which nothing was heard. */
const messagesLeft = ({ status, messages, ended }: Reservation): number =>
  status === "closed" ? 0 : Math.max(0, messages - ended.length);

/** A reservation after something happened, and how many messages' money it gives back by that. */
export interface Ending {
  readonly reservation: Reservation;
  readonly freed: number;
}

/**
 * One message was delivered or has failed. The first word about a message gives its money back; a delivery after a failure, a redelivered
 * status, and anything after the reservation was closed give back nothing.
 */
export function endMessage(reservation: Reservation, message: EndedMessage): Ending {
  const known = reservation.ended.find(({ factId }) => factId === message.factId);
  if (known !== undefined && (known.as === message.as || message.as === "failed")) return { reservation, freed: 0 };
  const others = reservation.ended.filter(({ factId }) => factId !== message.factId);
  if (known === undefined && reservation.ended.length >= reservation.messages) return { reservation, freed: 0 };
  const ended = [...others, message];
  const full = reservation.status === "open" && ended.length >= reservation.messages;
  return {
    reservation: raised({ ...reservation, ended, ...(full && { status: "closed", closedAs: "used" }) }),
    freed: known === undefined && reservation.status === "open" ? 1 : 0,
  };
}

/** Gives back what is left. A closed reservation stays as it is. */
export function closeReservation(reservation: Reservation, closedAs: "released" | "expired"): Ending {
  if (reservation.status === "closed") return { reservation, freed: 0 };
  return {
    reservation: raised({ ...reservation, status: "closed", closedAs }),
    freed: messagesLeft(reservation),
  };
}

const raised = (reservation: Reservation): Reservation => ({ ...reservation, revision: reservation.revision + 1 });

/** An entry of the ledger as budgets and balance count it. */
export interface SpentEntry {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  /** The fact, for entries about messages. */
  readonly factId?: string;
  readonly category?: CardCategory;
  /** Reservation that the message was sent under, as Meta's status named it. */
  readonly reservationId?: string;
  readonly units: number;
  readonly currency: string;
  readonly chargeMicros: bigint;
  /** Accounting day and month, UTC. */
  readonly day: UtcDay;
  readonly month: Month;
  /** From the reservation, once it is counted. */
  readonly templateId?: string;
  readonly apiKeyId?: string;
}

export const spentEntryOf = (entry: LedgerEntry): SpentEntry => ({
  id: entry.id,
  tenantId: entry.tenantId,
  ancestorIds: entry.ancestorIds,
  livemode: entry.livemode,
  ...(entry.service && { factId: entry.key, category: entry.service.category }),
  ...(entry.service?.reservationId !== undefined && { reservationId: entry.service.reservationId }),
  units: entry.units,
  currency: entry.charge.currency,
  chargeMicros: entry.charge.amountMicros,
  day: entry.day,
  month: entry.month,
});
