import { type LocalDate } from "@greentick/kernel";
import { marketIndex, type MarketRow } from "../domain/markets.js";
import { placedIn, type RateRow } from "../domain/rate-card.js";
import { type Tariffs } from "../domain/rate.js";
import { without } from "../domain/without.js";
import { type FirstParts, firstRater } from "./first-rater.js";
import { type Rater, type Story, type Told, type Verdict } from "./story.js";

/** A mistake that a rater could make, put into ours: the second rater must notice each one. */
export interface PlantedFault {
  readonly name: string;
  readonly plant: (parts: FirstParts) => Rater;
}

const proofs = ["delivered", "read", "played"];
const isProof = ({ status }: Told): boolean => proofs.includes(status);

const isCallingCode = ({ digits }: MarketRow): boolean => digits.length <= 3;

const inParts =
  (change: (parts: FirstParts) => FirstParts): PlantedFault["plant"] =>
  (parts) =>
    firstRater(change(parts));
const inStory =
  (change: (story: Story) => Story): PlantedFault["plant"] =>
  (parts) => {
    const rater = firstRater(parts);
    return (story) => rater(change(story));
  };
const inVerdict =
  (change: (verdict: Verdict, story: Story) => Verdict): PlantedFault["plant"] =>
  (parts) => {
    const rater = firstRater(parts);
    return (story) => change(rater(story), story);
  };
const inTold = (change: (told: Told) => Told): PlantedFault["plant"] =>
  inStory((story) => ({ ...story, told: story.told.map(change) }));

const withRows = (tariffs: Tariffs, change: (row: RateRow, isTier: boolean) => RateRow): Tariffs => ({
  ...tariffs,
  rates: {
    ...tariffs.rates,
    rows: new Map(
      [...tariffs.rates.rows].map(([key, placed]) => [
        key,
        placed.map(({ card, row }) => placedIn(card, change(row, card.kind === "tiers"))),
      ]),
    ),
  },
});
const inRows = (change: (row: RateRow, isTier: boolean) => RateRow): PlantedFault["plant"] =>
  inParts((parts) => ({ ...parts, tariffs: withRows(parts.tariffs, change) }));

const withoutSubtype = (told: Told): Told =>
  told.pricing === undefined ? told : { ...told, pricing: without(told.pricing, "subtype") };

function latestProofOnly(story: Story): Story {
  const latest = Math.max(...story.told.filter(isProof).map(({ at }) => at));
  return { ...story, told: story.told.map((one) => (isProof(one) ? { ...one, at: latest } : one)) };
}

function announcedPriceOnly(story: Story): Story {
  const announced = story.told.find((one) => !isProof(one) && one.pricing !== undefined)?.pricing;
  if (announced === undefined) return story;
  return {
    ...story,
    told: story.told.map((one) => (one.pricing === undefined ? one : { ...one, pricing: announced })),
  };
}

const cutOff = (verdict: Verdict, { agreed, tiers }: Story): Verdict =>
  agreed.kind === "percent" && verdict.cost !== undefined && tiers.length === 0
    ? { ...verdict, charge: (verdict.cost * BigInt(10_000 + agreed.basisPoints)) / 10_000n }
    : verdict;

export const plantedFaults: readonly PlantedFault[] = [
  {
    name: "the day is taken in UTC",
    plant: inParts((parts) => ({
      ...parts,
      localDate: (instant) => instant.toISOString().slice(0, 10) as LocalDate,
    })),
  },
  {
    name: "numbers match by their calling code alone",
    plant: inParts((parts) => ({
      ...parts,
      tariffs: { ...parts.tariffs, markets: marketIndex(parts.tariffs.markets.rows.filter(isCallingCode)) },
    })),
  },
  {
    name: "the country of the business-scoped id beats the number",
    plant: inTold((told) => (told.userId === undefined ? told : without(told, "number"))),
  },
  { name: "the latest proof of delivery counts", plant: inStory(latestProofOnly) },
  { name: "the announced price beats that of the delivery", plant: inStory(announcedPriceOnly) },
  {
    name: "service takes the row of the free tier",
    plant: inRows((row) => (row.category === "service" ? { ...row, rateMicros: 0n } : row)),
  },
  {
    name: "a rate that is missing is zero",
    plant: inVerdict((verdict) =>
      verdict.reason === "no_rate_in_card" ? { outcome: "free", cost: 0n, charge: 0n } : verdict,
    ),
  },
  {
    name: "a tier begins one message late",
    plant: inRows((row, isTier) => (isTier ? { ...row, tierFrom: row.tierFrom + 1 } : row)),
  },
  {
    name: "news of a tier count for what was delivered before",
    plant: inStory((story) => ({ ...story, tiers: story.tiers.map((tier) => ({ ...tier, at: 0 })) })),
  },
  {
    name: "the client pays the volume price of the provider",
    plant: inVerdict((verdict, { agreed }) =>
      agreed.kind === "pass_through" && verdict.cost !== undefined ? { ...verdict, charge: verdict.cost } : verdict,
    ),
  },
  { name: "an exempt organisation is charged", plant: inTold(withoutSubtype) },
  {
    name: "each message of a conversation is charged",
    plant: inTold((told) =>
      told.conversation === undefined ? told : { ...told, conversation: `${told.conversation}/${told.message}` },
    ),
  },
  {
    name: "a new currency of the account counts from the beginning",
    plant: inStory((story) => ({ ...story, account: story.account.slice(-1) })),
  },
  { name: "fractions of a micro are cut off", plant: inVerdict(cutOff) },
];
