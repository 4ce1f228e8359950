import { type UtcDay } from "@greentick/kernel";
import { accountingDay } from "./calendar.js";
import { type NotCompared } from "./ledger-replay.js";
import { decide, type Surroundings } from "./decide.js";
import { type Fact, standingEntry } from "./fact.js";
import { type Booking, type LedgerEntry, reversalOf } from "./ledger-entry.js";
import { type UnratedReason } from "./rate.js";
import { type Reason } from "./reason.js";
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
function ratedAnew(fact: Fact, around: Surroundings): Fact {
  return decide({ ...fact, entries: [] }, around);
}

/**
 * Compares a fact of the ledger with what the replay makes of it. The accounting day is not compared: it depends on when something is booked.
 * Only facts all of whose webhooks the replay has read are compared. @param around what is known around `withEvidence` of the two.
 */
export function compareFact(pair: Pair, around: Surroundings): Comparison {
  const sides = sidesOf(pair, around);
  const unknown = notComparable(pair, sides);
  if (unknown !== undefined) return { verdict: unknown };
  const { standing, proposed } = sides;
  const differs = differing(standing, proposed);
  if (differs.length > 0) return { verdict: "differing", correction: correctionOf(sides, differs) };
  return { verdict: "same", ...(standing && { standing }), ...(proposed && { proposed }) };
}

interface Sides {
  readonly fact: Fact | undefined;
  readonly shadow: Fact | undefined;
  readonly standing: LedgerEntry | undefined;
  readonly proposed: LedgerEntry | undefined;
  /** With the evidence of the replay, as it is rated today. */
  readonly anew: Fact | undefined;
}

function sidesOf({ fact, shadow }: Pair, around: Surroundings): Sides {
  const target = withEvidence(fact, shadow);
  const anew = target && ratedAnew(target, around);
  return { fact, shadow, standing: fact && standingEntry(fact), proposed: anew && standingEntry(anew), anew };
}

/** Why nothing can be said of the fact: the replay has not read every webhook that the ledger has of it. */
function notComparable({ within, whole }: Pair, { fact, shadow, standing }: Sides): NotCompared["because"] | undefined {
  const read = new Set(shadow === undefined ? [] : webhooksOf(shadow));
  if (fact === undefined || webhooksOf(fact).every((webhook) => read.has(webhook))) return undefined;
  if (!within) return "partly_outside";
  const isNothing = standing === undefined && shadow === undefined;
  return whole || isNothing ? undefined : "unproven";
}

function correctionOf(sides: Sides, differs: readonly Differing[]): FoundCorrection {
  const { fact, standing, proposed, anew } = sides;
  const { id = "", wabaId = "", unrated } = anew ?? {};
  return {
    ...{ factId: id, wabaId, factVersion: fact?.version ?? 0 },
    ...{ kind: kindOf(sides), cause: causeOf(sides), differs },
    ...(standing && { standing }),
    ...(proposed && { proposed }),
    ...(unrated !== undefined && { unrated }),
  };
}

/** In what two entries differ that a client or Meta would notice; another row of a card with the same rate is no difference. */
function differing(a: LedgerEntry | undefined, b: LedgerEntry | undefined): readonly Differing[] {
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

function kindOf({ standing, proposed }: Sides): CorrectionKind {
  if (standing === undefined) return "only_in_shadow";
  return proposed === undefined ? "only_in_ledger" : "changed";
}

function causeOf({ fact, shadow, standing, proposed, anew }: Sides): CorrectionCause {
  if (fact === undefined) return "never_heard";
  if (shadow === undefined) return "no_webhook";
  const known = new Set(webhooksOf(fact));
  if (webhooksOf(shadow).some((webhook) => !known.has(webhook))) return "unheard_status";
  if (standing === undefined) return "priced_now";
  if (proposed !== undefined) return changeOf(standing, proposed);
  const unrated = anew?.unrated;
  return unrated === undefined || unrated === "awaiting_pricing" ? "no_proof" : "not_priced";
}

/** Whatever order the fields of the two came in. */
function basisText({ service }: LedgerEntry): string {
  if (service === undefined) return "";
  const { pricing, recipient, group } = service.basis;
  const price = [pricing.model, pricing.type, pricing.category, pricing.subtype];
  const cost = [pricing.cost?.amount, pricing.cost?.currency];
  return JSON.stringify([service.deliveredAt, price, cost, recipient.dialPrefix, recipient.country, group]);
}

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
  const { client } = around;
  const anew = ratedAnew(target, around);
  const fresh = standingEntry(anew);
  if (client === undefined || differing(proposal.proposed, fresh).length > 0) return undefined;
  const standing = standingEntry(target);
  const how = { around, acceptance, billedFrom: client.billedFrom };
  const reversal = standing === undefined ? [] : [takenBack(target, standing, how)];
  const replacement = fresh === undefined ? [] : [bookedInstead(target, { fresh, standing }, how)];
  const entries = [...target.entries, ...reversal, ...replacement];
  return { ...anew, version: target.version, entries, booking: true };
}

interface How {
  readonly around: Surroundings;
  readonly acceptance: Acceptance;
  readonly billedFrom: UtcDay;
}

/** The place of the fact's next entry, or of the one behind it. */
function placeOf(
  target: Fact,
  { around: { now, entryId } }: How,
  next: { after: number; at: Date },
): Omit<Booking, "day"> {
  const seq = target.entries.length + next.after;
  return { id: entryId(target.id, seq, next.at), key: target.id, seq, bookedAt: now };
}

function takenBack(target: Fact, standing: LedgerEntry, how: How): LedgerEntry {
  const place = placeOf(target, how, { after: 0, at: standing.service?.deliveredAt ?? target.firstAt });
  const booking = { ...place, day: accountingDay(standing.day, how.around.now, how.billedFrom) };
  const why = accepted(how.acceptance, `this takes back ${standing.id}`);
  return { ...reversalOf(standing, booking, why), proposalId: how.acceptance.proposalId };
}

function bookedInstead(
  target: Fact,
  { fresh, standing }: { readonly fresh: LedgerEntry; readonly standing: LedgerEntry | undefined },
  how: How,
): LedgerEntry {
  const after = standing === undefined ? 0 : 1;
  return {
    ...fresh,
    ...placeOf(target, how, { after, at: fresh.service?.deliveredAt ?? target.firstAt }),
    ...(standing && { kind: "correction", corrects: standing.id }),
    reasons: [...fresh.reasons, accepted(how.acceptance, "booked as it is rated today")],
    proposalId: how.acceptance.proposalId,
  };
}
