import { actFor, ask, type LiveClient, type Target } from "@greentick/gateway";

export interface Amount {
  readonly amount: string;
  readonly currency: string;
}

/** A line of the ledger as staff who act for the client see it, without what names it. */
export interface Entry {
  readonly kind: "USAGE" | "CORRECTION" | "PLATFORM_FEE" | "CARRY";
  readonly messages: number;
  readonly free: boolean;
  readonly bucket: string;
  readonly day: string;
  readonly market: string | null;
  readonly category: string | null;
  readonly priceDate: string | null;
  readonly deliveredAt: string | null;
  readonly late: boolean | null;
  readonly cost: Amount;
  readonly charge: Amount;
}

const document = `query Entries($after: String) { ledgerEntries(first: 100, after: $after) {
  nodes { kind messages free bucket day market category priceDate deliveredAt late cost { amount currency } charge { amount currency } }
  pageInfo { hasNextPage endCursor }
} }`;

interface Page {
  readonly ledgerEntries: {
    readonly nodes: readonly Entry[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

/** A client's whole ledger, page by page. */
export async function entriesOf(target: Target, client: LiveClient): Promise<readonly Entry[]> {
  const token = await actFor(target, client.tenantId, "Reading the ledger");
  const entries: Entry[] = [];
  let after: string | null = null;
  do {
    const { ledgerEntries }: Page = await ask<Page>(target, token, document, { after });
    entries.push(...ledgerEntries.nodes);
    after = ledgerEntries.pageInfo.hasNextPage ? ledgerEntries.pageInfo.endCursor : null;
  } while (after !== null);
  return entries;
}
