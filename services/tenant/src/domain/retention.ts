import { after, dayMs } from "@greentick/kernel";

/** From when a period runs. */
export type RetentionStart = "receipt" | "closing" | "booking" | "answer";

/** How long one kind of data is kept, from when, why, and what happens then. */
export interface RetentionRule {
  readonly kind: RetentionKind;
  readonly days: number;
  readonly from: RetentionStart;
  /** The service that holds it. */
  readonly holder: string;
  /** Names, numbers, addresses or words of people. What is not personal stays for the books and names nobody. */
  readonly personal: boolean;
  /** The shortest period a deployment may set; a law asks for it. */
  readonly leastDays?: number;
  readonly why: string;
}

const years = (count: number): number => count * 365 + Math.ceil(count / 4);

/**
 * The table of periods. Sources: GDPR Art. 5(1)(e), 7(1), 12(3), 17(3); German Civil Code §§ 195, 199; German Fiscal Code § 147;
 * Colombian Law 962 of 2005, Art. 28; Meta, WhatsApp Business Messaging Policy (opt-in must be provable).
 */
const table = {
  raw_webhooks: {
    days: 30,
    from: "receipt",
    holder: "webhook",
    personal: true,
    why: "Message content and numbers, as they came. Needed to repeat and to prove a charge while it is fresh; afterwards their hash proves it.",
  },
  webhook_deliveries: {
    days: 30,
    from: "receipt",
    holder: "webhook",
    personal: false,
    leastDays: 7,
    why: "What was sent to the business's own endpoints and what they answered, to find a failure and to send again. It names nobody.",
  },
  contacts: {
    days: 365,
    from: "closing",
    holder: "tenant",
    personal: true,
    why: "People of the business, to reach them about its last invoices.",
  },
  consent: {
    days: years(3),
    from: "closing",
    holder: "tenant",
    personal: true,
    why: "Who sent must be able to prove the opt-in for as long as claims can be raised: three years from the end of the year (German Civil Code §§ 195, 199); GDPR Art. 7(1).",
  },
  people: {
    days: years(3),
    from: "closing",
    holder: "tenant",
    personal: true,
    why: "Accounts of the business's people, so that the trail of who agreed to what can be read while claims can be raised.",
  },
  data_exports: {
    days: 30,
    from: "answer",
    holder: "tenant",
    personal: true,
    why: "What a person asked to see, until it was fetched. GDPR Art. 12(3) gives a month.",
  },
  ledger: {
    days: years(10),
    from: "booking",
    holder: "billing",
    personal: false,
    leastDays: years(10),
    why: "Books are kept ten years (German Fiscal Code § 147; Colombian Law 962 of 2005, Art. 28). Entries name people by keyed hash only.",
  },
  invoices: {
    days: years(10),
    from: "booking",
    holder: "billing",
    personal: false,
    leastDays: years(10),
    why: "Invoices and the legal name and tax ids they bear are kept as long as the books.",
  },
  audit: {
    days: years(10),
    from: "booking",
    holder: "tenant",
    personal: false,
    leastDays: years(10),
    why: "Who did what, by id, without names. GDPR Art. 17(3)(b) and (e): it proves that duties were met.",
  },
} as const satisfies Record<string, Omit<RetentionRule, "kind"> & { leastDays?: number }>;

export type RetentionKind = keyof typeof table;
export const retentionKinds = Object.keys(table) as readonly RetentionKind[];

export type RetentionDays = Readonly<Partial<Record<RetentionKind, number>>>;
export type RetentionPolicy = readonly RetentionRule[];

/** The table with a deployment's own periods. @throws RangeError for a period that is shorter than a law allows, or no whole number of days. */
export function retentionPolicy(own: RetentionDays = {}): RetentionPolicy {
  return retentionKinds.map((kind) => {
    const rule: RetentionRule = { kind, ...table[kind] };
    const days = own[kind] ?? rule.days;
    if (!Number.isInteger(days) || days < 1)
      throw new RangeError(`the period of ${kind} must be a whole number of days`);
    if (days < (rule.leastDays ?? 1))
      throw new RangeError(`${kind} must be kept for ${rule.leastDays ?? 1} days at least`);
    return { ...rule, days };
  });
}

/** One kind of a closed tenant's data and until when it is kept. */
export interface RetentionRecord {
  readonly kind: RetentionKind;
  readonly until: Date;
  /** When it was erased. */
  readonly endedAt?: Date;
}

/** What of a tenant that closes now is erased when. */
export const retentionFrom = (policy: RetentionPolicy, closedAt: Date): readonly RetentionRecord[] =>
  policy
    .filter(({ from, personal }) => from === "closing" && personal)
    .map(({ kind, days }) => ({ kind, until: after(closedAt, days * dayMs) }));
