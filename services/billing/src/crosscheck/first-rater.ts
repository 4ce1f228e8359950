import { type EntryId, type LocalDate, type TenantId, type UtcDay } from "@greentick/kernel";
import { priceRecipient } from "@greentick/meta";
import { decide, type Surroundings } from "../domain/decide.js";
import { type Fact, type Sighting, standingEntry } from "../domain/fact.js";
import { foldConversations, foldMessages } from "../domain/fold.js";
import { type PlanTerms, type PricePlan } from "../domain/price-plan.js";
import { type Tariffs } from "../domain/rate.js";
import { accountTerms } from "../domain/account-terms.js";
import { readTier, type TierNews } from "../domain/tier.js";
import {
  type AccountTerm,
  type Agreed,
  type Rater,
  type Story,
  type Told,
  type ToldTier,
  type Verdict,
} from "./story.js";

const tenantId = "ten_1" as TenantId;
const owner = { tenantId, ancestorIds: [], livemode: false };
const wabaId = "1";

/** What the rater stands on. A planted fault is another one of these, or another story. */
export interface FirstParts {
  readonly tariffs: Tariffs;
  readonly localDate: (instant: Date, zone: string) => LocalDate;
}

const instant = (seconds: number): Date => new Date(seconds * 1_000);

function sightingOf(told: Told): Sighting {
  const { message, status, at, number, userId, participant, conversation, pricing, webhook } = told;
  const group = participant !== undefined;
  const recipient = priceRecipient({
    messageId: message,
    status: { known: "UNKNOWN", raw: status },
    at: instant(at),
    group,
    errorCodes: [],
    ...(number !== undefined && { recipientId: number }),
    ...(userId !== undefined && { recipientUserId: userId }),
    ...(participant !== undefined && { participantId: participant }),
  });
  return {
    ...owner,
    messageKey: message,
    wabaId,
    status,
    at: instant(at),
    receivedAt: instant(at),
    recipient,
    group,
    webhook: { sha256: webhook, index: 0 },
    ...(pricing !== undefined && { pricing }),
    ...(conversation !== undefined && { conversationKey: conversation }),
    ...(participant !== undefined && { participantKey: participant }),
  };
}

function termsOf(agreed: Agreed): PlanTerms {
  if (agreed.kind !== "fixed") return agreed;
  return { kind: "fixed", microsPerMessage: agreed.micros, freeToo: agreed.freeToo };
}

const planIn = (currency: string, agreed: Agreed): PricePlan => ({
  ...owner,
  id: "pln_1",
  version: 1,
  number: 1,
  effectiveFrom: "2024-01-01" as LocalDate,
  currency,
  terms: termsOf(agreed),
  platformFeeMicros: 0n,
});

const newsOf = ({ at, month, region, category, tier }: ToldTier): readonly TierNews[] => {
  const bounds = readTier(tier);
  const series = category === "UTILITY" ? "utility" : "authentication";
  return bounds === undefined ? [] : [{ month, market: region, series, ...bounds, at: instant(at) }];
};

const changeOf = ({ from, currency, zone }: AccountTerm): { since: Date; currency: string; timeZone: string } => ({
  since: instant(from),
  currency,
  timeZone: zone,
});

function aroundOf(parts: FirstParts, story: Story): (fact: Fact) => Surroundings {
  const changes = story.account.map(changeOf);
  const tiers = story.tiers.flatMap(newsOf);
  return (fact) => {
    const at = fact.proof?.at ?? fact.firstAt;
    const { currency, timeZone } = accountTerms(changes, at);
    return {
      tariffs: parts.tariffs,
      tiers,
      account: { currency, localDate: parts.localDate(at, timeZone) },
      client: {
        currency,
        namedMarkets: [],
        billedFrom: "2024-01-01" as UtcDay,
        plans: [planIn(currency, story.agreed)],
      },
      now: at,
      entryId: (key, seq) => `${key}#${seq}` as EntryId,
    };
  };
}

/** Takes in one status after the other, deciding after each, as the service does. */
function factsOf(parts: FirstParts, story: Story): readonly Fact[] {
  const known = new Map<string, Fact>();
  const around = aroundOf(parts, story);
  for (const told of story.told) {
    const messages = foldMessages(known, [sightingOf(told)]);
    const folded = foldConversations(known, messages);
    for (const fact of folded) known.set(fact.id, decide(fact, around(fact)));
  }
  return [...known.values()].filter(({ joined }) => joined === undefined);
}

function verdictOf(fact: Fact): Verdict {
  if (fact.unrated !== undefined) return { outcome: "not_ratable", reason: fact.unrated };
  const standing = standingEntry(fact);
  if (standing?.service === undefined) return { outcome: "undelivered" };
  const { localDate: day, market, category } = standing.service;
  const sum = (side: "cost" | "charge"): bigint =>
    fact.entries.reduce((total, entry) => total + entry[side].amountMicros, 0n);
  return {
    outcome: standing.free ? "free" : "charged",
    day,
    market,
    category,
    cost: sum("cost"),
    charge: sum("charge"),
  };
}

/** The service's own rules over a story: facts, decisions, entries. Amounts are the sums of all entries, corrections included. */
export function firstRater(parts: FirstParts): Rater {
  return (story) => {
    const facts = factsOf(parts, story);
    const [only] = facts;
    if (only === undefined) return { outcome: "undelivered" };
    if (facts.length > 1) return { outcome: "not_ratable", reason: `it became ${facts.length} facts` };
    return verdictOf(only);
  };
}
