import { type TenantId, type UtcDay } from "@greentick/kernel";
import { type UnratedReason } from "./rate.js";

/** Deliveries of one client and UTC day that have no price for one reason. */
export interface UnratedGroup {
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly reason: UnratedReason;
  readonly day: UtcDay;
  readonly count: number;
  /** One of them. */
  readonly factId: string;
  /** Meta's word for its category. */
  readonly category?: string;
}

/**
 * That deliveries of a client and day could not be priced, for a reason that goes away only when somebody does something. Raised once for each
 * client, reason and day; `unratedFacts` shows what still waits.
 */
export interface UnratedAlarm extends UnratedGroup {
  readonly id: string;
  readonly version: number;
  readonly raisedAt: Date;
}

/** Reasons that do not pass by themselves: a card, a word or a rule is missing. */
export const alarmingReasons: readonly UnratedReason[] = [
  "unknown_category",
  "unknown_type",
  "unknown_model",
  "model_mismatch",
  "group_without_card",
  "recipient_unknown",
  "no_card_in_force",
  "no_rate_in_card",
  "cost_unreadable",
  "cost_currency_differs",
];

export const alarmId = ({ tenantId, reason, day }: Pick<UnratedGroup, "tenantId" | "reason" | "day">): string =>
  `${tenantId}:${reason}:${day}`;

export const raise = (group: UnratedGroup, now: Date): UnratedAlarm => ({
  ...group,
  id: alarmId(group),
  version: 0,
  raisedAt: now,
});
