/*
 * What happened to one chargeable thing, as Meta tells it: plain data that both raters read, and nothing that either of them computes.
 */

/** One status of one message, as a webhook carries it. */
export interface Told {
  readonly message: string;
  readonly status: string;
  /** Unix seconds. */
  readonly at: number;
  /** The recipient's number, digits. */
  readonly number?: string;
  /** The recipient's business-scoped id, such as `MX.1398765`. */
  readonly userId?: string;
  /** In a group: whose delivery it is. */
  readonly participant?: string;
  readonly conversation?: string;
  readonly pricing?: ToldPricing;
  /** Names the webhook; of two statuses of one instant the one with the smaller name counts. */
  readonly webhook: string;
}

export interface ToldPricing {
  readonly model: string;
  readonly type?: string;
  readonly category: string;
  readonly subtype?: string;
  readonly cost?: { readonly amount: string; readonly currency: string };
}

/** Currency and zone of the account from an instant (Unix seconds) on. */
export interface AccountTerm {
  readonly from: number;
  readonly currency: string;
  readonly zone: string;
}

/** Meta's news that the account's portfolio reached a volume tier. */
export interface ToldTier {
  readonly at: number;
  readonly month: string;
  readonly region: string;
  readonly category: "UTILITY" | "AUTHENTICATION";
  /** `lower:upper`, both inclusive, `MAX` for the open end. */
  readonly tier: string;
}

/** What the client agreed to pay on top of Meta's list price. */
export type Agreed =
  | { readonly kind: "pass_through" }
  | { readonly kind: "percent"; readonly basisPoints: number }
  | { readonly kind: "fixed"; readonly micros: bigint; readonly freeToo: boolean };

export interface Story {
  /** In order of arrival. */
  readonly told: readonly Told[];
  /** In order of time, at least one. */
  readonly account: readonly AccountTerm[];
  readonly tiers: readonly ToldTier[];
  readonly agreed: Agreed;
}

/** What a rater makes of a story. Amounts in micros. */
export interface Verdict {
  readonly outcome: "charged" | "free" | "undelivered" | "not_ratable";
  readonly reason?: string;
  /** Price date, in the account's zone. */
  readonly day?: string;
  readonly market?: string;
  readonly category?: string;
  readonly cost?: bigint;
  readonly charge?: bigint;
}
export type Rater = (story: Story) => Verdict;
