import { type Priced } from "../charges/counting.js";
import { type Plan } from "./planned.js";

export interface AccountReport {
  readonly messages: number;
  readonly delivered: number;
  readonly charged: number;
  readonly free: number;
  readonly currency: string;
  /** What Meta charges for the delivered messages that are reported by webhook; millionths of the currency unit, as digits. */
  readonly costMicros: string;
  readonly withheldMicros: string;
}

/** What a traffic holds. Everything but `withheld` and `withheldMicros` is about messages of which at least one webhook is posted. */
export interface TrafficReport {
  /** Bodies posted, repeated ones included. */
  readonly webhooks: number;
  /** Status updates in them. */
  readonly updates: number;
  /** Distinct messages. */
  readonly messages: number;
  readonly delivered: number;
  readonly charged: number;
  readonly free: number;
  readonly failed: number;
  /** Sent, and nothing more was heard. */
  readonly undelivered: number;
  /** Updates (message, status, participant) that were posted before, in an identical body or in another one. */
  readonly duplicates: number;
  /** Of these, updates in a body that is byte for byte an earlier one. */
  readonly inRepeatedBodies: number;
  /** Messages whose first proof of delivery is posted more than 24 hours after the delivery. */
  readonly late: number;
  /** Messages whose updates are first posted in another order than sent, delivered, read. */
  readonly reordered: number;
  /** Delivered messages whose only webhook is never posted. */
  readonly withheld: number;
  /** Lines that Meta's invoice holds twice. */
  readonly doubledRows: number;
  /** SHA-256 over all bodies in order, each followed by a line feed. */
  readonly bodiesSha256: string;
  readonly perWaba: Readonly<Record<string, AccountReport>>;
}

export function reportOf(
  plan: Plan,
  priced: readonly Priced[],
  rest: Pick<TrafficReport, "doubledRows" | "bodiesSha256">,
): TrafficReport {
  const repeats = plan.bodies.filter((body) => body.repeats !== undefined);
  const updatesIn = (bodies: Plan["bodies"]): number => bodies.reduce((sum, body) => sum + body.updates.length, 0);
  const failed = new Set(
    plan.bodies
      .flatMap((body) => body.updates)
      .flatMap(({ status, message }) => (status === "failed" ? [message.place] : [])),
  );
  const reported = plan.messages.filter((message) => message.deliveredAt !== undefined);
  const charged = reported.filter((message) => message.type === "regular").length;
  return {
    webhooks: plan.bodies.length,
    updates: updatesIn(plan.bodies),
    messages: plan.messages.length,
    delivered: reported.length,
    charged,
    free: reported.length - charged,
    failed: failed.size,
    undelivered: plan.messages.length - reported.length - failed.size,
    duplicates: updatesIn(repeats),
    inRepeatedBodies: updatesIn(repeats.filter((body) => body.repeats === "again")),
    late: plan.late,
    reordered: plan.reordered,
    withheld: plan.withheld.length,
    ...rest,
    perWaba: perWaba(plan, priced),
  };
}

function perWaba(plan: Plan, priced: readonly Priced[]): Readonly<Record<string, AccountReport>> {
  const accounts = new Map(plan.messages.map(({ sender: { waba } }) => [waba._id, waba.currency]));
  const reported = priced.slice(0, priced.length - plan.withheld.length);
  const cost = (some: readonly Priced[], wabaId: string): string =>
    String(some.filter(({ row }) => row.wabaId === wabaId).reduce((sum, { row }) => sum + row.rateMicros, 0));
  const entries = [...accounts]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([wabaId, currency]) => {
      const ours = reported.filter(({ row }) => row.wabaId === wabaId);
      const charged = ours.filter(({ type }) => type === "regular").length;
      const messages = plan.messages.filter(({ sender }) => sender.waba._id === wabaId).length;
      const withheldMicros = cost(priced.slice(reported.length), wabaId);
      const counts = { messages, delivered: ours.length, charged, free: ours.length - charged };
      return [wabaId, { ...counts, currency, costMicros: cost(ours, wabaId), withheldMicros }] as const;
    });
  return Object.fromEntries(entries);
}
