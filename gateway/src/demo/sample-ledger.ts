import { microsFromDecimal } from "@greentick/kernel";
import { actFor } from "../story/clients.js";
import { type LiveClient } from "../story/provider.js";
import { ask, type Target } from "../story/target.js";

/** Months in which something of the story was delivered: the samples reach back to conversations of early 2025. */
export const storyMonths = ["2025-01", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11", "2026-12"] as const;

const document = `query SampleLedger($after: String) { ledgerEntries(first: 100, after: $after) {
  nodes { kind cost { amount } } pageInfo { hasNextPage endCursor }
} }`;

interface Page {
  readonly ledgerEntries: {
    readonly nodes: readonly { readonly kind: string; readonly cost: { readonly amount: string } }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

/** What the sample clients' messages cost at Meta according to our ledger, in micros. */
export async function sampleLedgerMicros(target: Target, clients: readonly LiveClient[]): Promise<bigint> {
  let micros = 0n;
  for (const client of clients) {
    const token = await actFor(target, client.tenantId, "Checking the samples");
    for (let after: string | null = null, more = true; more;) {
      const page: Page = await ask<Page>(target, token, document, { after });
      for (const entry of page.ledgerEntries.nodes) micros += microsFromDecimal(entry.cost.amount);
      more = page.ledgerEntries.pageInfo.hasNextPage;
      after = page.ledgerEntries.pageInfo.endCursor;
    }
  }
  return micros;
}
