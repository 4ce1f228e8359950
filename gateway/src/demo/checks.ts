import { decimalFromMicros } from "@greentick/kernel";
import { type DemoOutcome, invoicedMicros } from "./story.js";

/** One thing that must hold at the end of the story. */
export interface Check {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

const check = (what: string, expected: unknown, found: unknown): Check => ({
  what,
  expected: String(expected),
  found: String(found),
});

/** Everything the story compares: what was injected with what was counted, and every sum of money with its other side. */
export function checksOf(outcome: DemoOutcome): readonly Check[] {
  const { traffic, november, samples, clients, reconciliation, explanation } = outcome;
  return [
    check("generated messages", traffic.messages, november.messages),
    check("charged", traffic.charged, november.charged),
    check("free", traffic.free, november.free),
    check("failed", traffic.failed, november.failed),
    check("never delivered", traffic.undelivered, november.undelivered),
    check("duplicate status updates", traffic.duplicates, november.duplicatesIgnored + outcome.door.repeatedUpdates),
    check("late deliveries", traffic.late, november.late),
    check("reordered messages", traffic.reordered, november.reordered),
    check("generated deliveries left unrated", 0, november.unrated),
    check(
      "sample payloads' charges (USD)",
      decimalFromMicros(samples.expected.amountMicros),
      decimalFromMicros(samples.ledger.amountMicros),
    ),
    check("messages of samples and traffic", traffic.messages + samples.messages, outcome.all.messages),
    check("dead letters", 0, outcome.door.deadLetters.length),
    ...clients.flatMap(({ client, month }) => [
      check(
        `${client.name}: what Meta counted as its price = our cost side, late ones included (micros)`,
        client.numbers.reduce((sum, { wabaId }) => sum + BigInt(traffic.perWaba[wabaId]?.costMicros ?? "0"), 0n),
        month.costMicros + month.laterCostMicros,
      ),
      check(
        `${client.name}: ledger = invoice + carry (micros)`,
        month.ledgerMicros,
        invoicedMicros(month) + month.carryMicros,
      ),
      check(`${client.name}: invoice is final`, true, ["open", "paid"].includes(month.invoiceStatus)),
    ]),
    check(
      "templates decided: approved, moved to marketing, refused",
      "APPROVED UTILITY, APPROVED MARKETING, REJECTED MARKETING",
      outcome.templates.map((one) => `${one.status} ${one.category}`).join(", "),
    ),
    check("badge request", "APPROVED", outcome.badge.status),
    check("explained charge rated again gives the same", true, explanation.rerated?.matches),
    check("explained charge leads to the webhook's bytes", true, (explanation.webhook?.fragment.length ?? 0) > 0),
    check("unexplained differences of the month", 0, reconciliation.unexplained),
  ];
}

export const holds = ({ expected, found }: Check): boolean => expected === found;
