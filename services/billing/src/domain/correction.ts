import { type EntryId } from "@greentick/kernel";
import { accountingDay } from "./calendar.js";
import { type NotCompared } from "./ledger-replay.js";
import { decide, type Surroundings } from "./decide.js";
import { type Fact, standingEntry } from "./fact.js";
import { type LedgerEntry, reversalOf } from "./ledger-entry.js";
import { type Reason, type UnratedReason } from "./rate.js";
import { without } from "./without.js";

/** Which side of the comparison has a charge. */
export type CorrectionKind = "changed" | "only_in_ledger" | "only_in_shadow";

/** In what two charges of one fact differ. */
export type Differing =
  "cost" | "charge" | "free" | "rate" | "price_date" | "utc_day" | "market" | "category" | "existence";

/** Why they differ, as far as the two sides show it; the first that fits. */
export const correctionCauses = {
  never_heard: "The ledger knows nothing of a delivery that the kept webhooks report.",
  unheard_status: "The kept webhooks hold statuses of it that never reached the ledger.",
  no_webhook: "No kept webhook of the range speaks for the charge, and none of the range is erased or held back.",
  no_proof: "As they are read today, its webhooks prove no delivery or carry no pricing.",
  not_priced: "Today it has no price; the proposal names the reason.",
  priced_now: "It had no price when it was rated, and has one today.",
  read_otherwise: "The same webhooks are read otherwise today: another time, pricing or recipient.",
  day_changed: "It falls on another day in the zone of the WhatsApp account as it is known today.",
  market_changed: "The recipient belongs to another market in the grouping that is in force today for that day.",
  category_changed: "Meta's word is read as another category of the card today.",
  rate_changed: "The card in force for that day has another rate today.",
  plan_changed: "Another price plan is in force for that day today.",
  rated_otherwise: "Everything it rests on is the same; the rules come to another price today.",
} as const;
export type CorrectionCause = keyof typeof correctionCauses;

/** What the replay makes of a fact, and what stands for it in the ledger. */
export interface FoundCorrection {
  readonly factId: string;
  readonly wabaId: string;
  readonly kind: CorrectionKind;
  readonly cause: CorrectionCause;
  readonly differs: readonly Differing[];
  readonly standing?: LedgerEntry;
  readonly proposed?: LedgerEntry;
  /** Why there is no price today. */
  readonly unrated?: UnratedReason;
  /** Of the ledger's fact as it was compared; zero where there is none. */
  readonly factVersion: number;
}

export type Comparison =
  | { readonly verdict: "same"; readonly standing?: LedgerEntry; readonly proposed?: LedgerEntry }
  | { readonly verdict: "differing"; readonly correction: FoundCorrection }
  | { readonly verdict: NotCompared["because"] };

/** A fact of the ledger, of the replay, or of both, and how complete the replay is for it. */
export interface Pair {
  /** As the ledger has it. */
  readonly fact?: Fact;
  /** As the kept webhooks give it; absent when none speaks of it. */
  readonly shadow?: Fact;
  /** Every webhook about the ledger's fact was received within the range. */
  readonly within: boolean;
  /** The range could be read as a whole. */
  readonly whole: boolean;
}

const webhooksOf = ({ seen }: Fact): readonly string[] => seen.flatMap(({ webhooks }) => webhooks);

/** The fact with the evidence of the replay and the ledger's history: what is decided again from today's reading. */
export function withEvidence(fact: Fact | undefined, shadow: Fact | undefined): Fact | undefined {
  if (shadow === undefined)
    return fact && { ...without(fact, "proof", "pricing", "provedReceivedAt", "pricedReceivedAt") };
  if (fact === undefined) return { ...shadow, version: 0, entries: [], booking: false };
  return { ...shadow, version: fact.version, entries: fact.entries, booking: fact.booking };
}

/** What today's code, cards and plans make of the fact as if nothing were booked. */
export function ratedAnew(fact: Fact, around: Surroundings): Fact {
  return decide({ ...without(fact, "unrated"), entries: [], booking: false }, around);
}

/**
 * Compares a fact of the ledger with what the replay makes of it. The accounting day is not compared: it depends on when something is booked.
 * Only facts all of whose webhooks the replay has read are compared.
 */
export function compareFact({ fact, shadow, within, whole }: Pair, around: Surroundings): Comparison {
  const standing = fact && standingEntry(fact);
  const read = new Set(shadow === undefined ? [] : webhooksOf(shadow));
  const unread = fact !== undefined && webhooksOf(fact).some((webhook) => !read.has(webhook));
  if (unread && !within) return { verdict: "partly_outside" };
  if (unread && !whole) return standing === undefined ? { verdict: "same" } : { verdict: "unproven" };
  const target = withEvidence(fact, shadow);
  const anew = target && ratedAnew(target, around);
  const proposed = anew && standingEntry(anew);
  const differs = differing(standing, proposed);
  if (differs.length === 0) return { verdict: "same", ...(standing && { standing }), ...(proposed && { proposed }) };
  const about = fact ?? shadow;
  const cause = causeOf({ fact, shadow, standing, proposed, anew });
  return {
    verdict: "differing",
    correction: {
      factId: about?.id ?? "",
      wabaId: about?.wabaId ?? "",
      kind: standing === undefined ? "only_in_shadow" : proposed === undefined ? "only_in_ledger" : "changed",
      cause,
      differs,
      ...(standing && { standing }),
      ...(proposed && { proposed }),
      ...(anew?.unrated !== undefined && { unrated: anew.unrated }),
      factVersion: fact?.version ?? 0,
    },
  };
}

/** In what two entries differ that a client or Meta would notice; another row of a card with the same rate is no difference. */
export function differing(a: LedgerEntry | undefined, b: LedgerEntry | undefined): readonly Differing[] {
  if (a === undefined && b === undefined) return [];
  if (a === undefined || b === undefined) return ["existence"];
  const cells: readonly [Differing, (entry: LedgerEntry) => unknown][] = [
    ["cost", ({ cost }) => `${cost.currency} ${cost.amountMicros}`],
    ["charge", ({ charge }) => `${charge.currency} ${charge.amountMicros}`],
    ["free", ({ free }) => free],
    ["rate", ({ service }) => service?.rate?.rateMicros],
    ["price_date", ({ service }) => service?.localDate],
    ["utc_day", ({ service }) => service?.utcDay],
    ["market", ({ service }) => service?.market],
    ["category", ({ service }) => service?.category],
  ];
  return cells.filter(([, cell]) => cell(a) !== cell(b)).map(([name]) => name);
}

interface Sides {
  readonly fact: Fact | undefined;
  readonly shadow: Fact | undefined;
  readonly standing: LedgerEntry | undefined;
  readonly proposed: LedgerEntry | undefined;
  readonly anew: Fact | undefined;
}

function causeOf({ fact, shadow, standing, proposed, anew }: Sides): CorrectionCause {
  if (fact === undefined) return "never_heard";
  if (shadow === undefined) return "no_webhook";
  const known = new Set(webhooksOf(fact));
  if (webhooksOf(shadow).some((webhook) => !known.has(webhook))) return "unheard_status";
  if (standing === undefined) return "priced_now";
  if (proposed === undefined)
    return anew?.unrated === undefined || anew.unrated === "awaiting_pricing" ? "no_proof" : "not_priced";
  return changeOf(standing, proposed);
}

const basisText = ({ service }: LedgerEntry): string =>
  JSON.stringify([service?.deliveredAt, service?.basis.pricing, service?.basis.recipient, service?.basis.group]);

function changeOf(a: LedgerEntry, b: LedgerEntry): CorrectionCause {
  if (basisText(a) !== basisText(b)) return "read_otherwise";
  const cells: readonly [CorrectionCause, (entry: LedgerEntry) => unknown][] = [
    ["day_changed", ({ service }) => service?.localDate],
    ["market_changed", ({ service }) => service?.market],
    ["category_changed", ({ service }) => service?.category],
    ["rate_changed", ({ service, cost }) => `${service?.rate?.rateMicros} ${cost.amountMicros}`],
    ["plan_changed", ({ service }) => service?.planId],
  ];
  return cells.find(([, cell]) => cell(a) !== cell(b))?.[0] ?? "rated_otherwise";
}

/** Why an accepted correction is booked, and under which proposal. */
export interface Acceptance {
  readonly proposalId: string;
  readonly replayId: string;
}

const accepted = ({ proposalId, replayId }: Acceptance, says: string): Reason => ({
  rule: "replay.accepted",
  says: `The replay ${replayId} of the kept webhooks: ${says} (proposal ${proposalId}).`,
});

/** Whether the correction is among the fact's entries already. */
export const isBooked = (fact: Fact, { proposalId }: Pick<Acceptance, "proposalId">): boolean =>
  fact.entries.some((entry) => entry.proposalId === proposalId);

/**
 * The fact with the correction decided: the standing entry taken back, and what today's rules make of the evidence in its place. Undefined when
 * today's rules would not propose the same any more, so that nothing is booked that nobody has seen.
 */
export function corrected(
  target: Fact,
  proposal: Pick<FoundCorrection, "proposed">,
  { around, acceptance }: { readonly around: Surroundings; readonly acceptance: Acceptance },
): Fact | undefined {
  const { client, now, entryId } = around;
  const anew = ratedAnew(target, around);
  const fresh = standingEntry(anew);
  if (client === undefined || differing(proposal.proposed, fresh).length > 0) return undefined;
  const standing = standingEntry(target);
  const place = (after: number, at: Date): { id: EntryId; key: string; seq: number; bookedAt: Date } => {
    const seq = target.entries.length + after;
    return { id: entryId(target.id, seq, at), key: target.id, seq, bookedAt: now };
  };
  const reversal = standing && {
    ...reversalOf(
      standing,
      {
        ...place(0, standing.service?.deliveredAt ?? target.firstAt),
        day: accountingDay(standing.day, now, client.billedFrom),
      },
      accepted(acceptance, `this takes back ${standing.id}`),
    ),
    proposalId: acceptance.proposalId,
  };
  const replacement = fresh && {
    ...fresh,
    ...place(reversal === undefined ? 0 : 1, fresh.service?.deliveredAt ?? target.firstAt),
    ...(standing && { kind: "correction" as const, corrects: standing.id }),
    reasons: [...fresh.reasons, accepted(acceptance, "booked as it is rated today")],
    proposalId: acceptance.proposalId,
  };
  return {
    ...anew,
    version: target.version,
    entries: [...target.entries, ...(reversal ? [reversal] : []), ...(replacement ? [replacement] : [])],
    booking: true,
  };
}
