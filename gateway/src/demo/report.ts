import Table from "cli-table3";
import { decimalFromMicros, microsFromDecimal, microsPerMinor } from "@greentick/kernel";
import { type Check, holds } from "./checks.js";
import { type DemoOutcome } from "./story.js";

/** The demo's figures as one object. Micros are decimal strings of whole millionths of the currency unit. */
export function figuresOf(outcome: DemoOutcome, checks: readonly Check[]): Readonly<Record<string, unknown>> {
  const { all, door, reconciliation, clients, traffic, november } = outcome;
  return {
    messagesIn: all.messages,
    charged: all.charged,
    free: all.free,
    duplicatesIgnored: all.duplicatesIgnored + door.repeatedUpdates,
    late: all.late,
    unrated: all.unrated,
    quarantined: door.quarantined.length,
    deadLettered: door.deadLetters.length,
    clients: Object.fromEntries(
      clients.map(({ client, month }) => [
        client.name,
        {
          currency: month.currency,
          costMicros: String(month.costMicros),
          ledgerMicros: String(month.ledgerMicros),
          stripeInvoiceMinor: Number(month.invoiceMinor),
          carryMicros: String(month.carryMicros),
        },
      ]),
    ),
    unexplained: reconciliation.unexplained,
    explanations: {
      unrated: all.unratedReasons,
      quarantined: door.quarantined.map(({ field, reason, explanation }) => ({ field, reason, explanation })),
      deadLettered: door.deadLetters,
      differences: reconciliation.differences,
    },
    generated: { injected: traffic, counted: november },
    failedChecks: checks.filter((one) => !holds(one)),
  };
}

const plain = { head: [], border: [] };

/** The same for people. */
export function tablesOf(outcome: DemoOutcome, checks: readonly Check[]): string {
  const money = new Table({
    style: plain,
    head: ["client", "currency", "Meta's price", "charged to the client", "invoice", "carried on"],
  });
  for (const { client, month } of outcome.clients)
    money.push([
      client.name,
      month.currency,
      decimalFromMicros(month.costMicros),
      decimalFromMicros(month.ledgerMicros),
      decimalFromMicros(month.invoiceMinor * microsPerMinor(month.currency)),
      decimalFromMicros(month.carryMicros),
    ]);
  const compared = new Table({
    style: plain,
    head: ["", "compared", "expected", "found"],
    colWidths: [4, 58, 30, 30],
    wordWrap: true,
  });
  for (const one of checks) compared.push([holds(one) ? "ok" : "NO", one.what, one.expected, one.found]);
  return [
    `\nNovember 2026`,
    money.toString(),
    differencesOf(outcome),
    explanationOf(outcome),
    compared.toString(),
    "",
  ].join("\n");
}

function differencesOf({ reconciliation, all, door }: DemoOutcome): string {
  const table = new Table({
    style: plain,
    head: ["", "level", "key", "expected", "found", "cause"],
    colWidths: [13, 22, 44, 18, 18, 18],
    wordWrap: true,
  });
  for (const one of reconciliation.differences)
    table.push([one.explained ? "explained" : "UNEXPLAINED", one.level, one.key, one.expected, one.found, one.cause]);
  const rest = [
    ...all.unratedReasons.map(({ reason, count }) => `${String(count)} unrated: ${reason}`),
    ...door.quarantined.map(({ field, explanation }) => `quarantined ${field}: ${explanation}`),
  ];
  const unexplained = `Reconciliation: ${String(reconciliation.unexplained)} unexplained, ${String(reconciliation.differences.length)} differences in all.`;
  return [unexplained, ...(reconciliation.differences.length > 0 ? [table.toString()] : []), ...rest].join("\n");
}

function explanationOf({ explanation: { entry, line, invoice, reasons, rerated, webhook } }: DemoOutcome): string {
  return [
    `One charge explained (${entry.id}):`,
    `  invoice ${invoice?.number ?? invoice?.stripeInvoiceId ?? "not yet"}, line "${line?.description ?? ""}" ${line?.amount.amount ?? ""} ${line?.amount.currency ?? ""}`,
    `  charge ${entry.charge.amount} ${entry.charge.currency} on ${entry.day}`,
    ...reasons.map(({ rule, says }) => `    ${rule}: ${says}`),
    `  rated again: ${decimalFromMicros(microsFromDecimal(rerated?.amount.amount ?? "0"))}, ${rerated?.matches === true ? "the same" : "DIFFERENT"}`,
    `  webhook ${webhook?.bodySha256 ?? ""} received ${webhook?.receivedAt ?? ""}`,
    `    ${webhook?.fragment ?? ""}`,
    "",
  ].join("\n");
}
