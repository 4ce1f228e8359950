import { divideHalfUp, microsFromDecimal } from "@greentick/kernel";
import { type AccountTerm, type Agreed, type Story, type Told, type ToldPricing, type Verdict } from "../story.js";
import { cell, holdsOn, type Published, type Row } from "./csv.js";

/*
 * Meta's rules written down a second time, by the simplest means that are right: every look-up reads the published rows from the first to the
 * last. Nothing here is shared with the rater but Money, so that a mistake of one is not a mistake of both.
 */

const proofs = ["delivered", "read", "played"];
const freeTypes = ["free_customer_service", "free_entry_point", "free_group_customer_service"];
const cardCategories = ["marketing", "utility", "authentication", "authentication_international", "service"];
const sameAs: Readonly<Record<string, string>> = { marketing_lite: "marketing", marketing_lite_dynamic: "marketing" };
const groupCategories: Readonly<Record<string, string>> = {
  group_marketing: "marketing",
  group_marketing_lite: "marketing",
  group_utility: "utility",
  group_service: "service",
};

const plain = (word: string): string => word.toLowerCase().replaceAll("-", "_");
const proves = ({ status }: Told): boolean => proofs.includes(plain(status));

const byTime = (a: Told, b: Told): number => a.at - b.at || (a.webhook < b.webhook ? -1 : 1);
const firstOf = (told: readonly Told[]): Told | undefined => [...told].sort(byTime)[0];

const formats = new Map<string, Intl.DateTimeFormat>();
/** The calendar day in a zone, as Swedes write it: 2026-10-01. */
function dayIn(zone: string, at: number): string {
  const format = formats.get(zone) ?? new Intl.DateTimeFormat("sv-SE", { timeZone: zone });
  formats.set(zone, format);
  return format.format(new Date(at * 1_000));
}

function termAt(account: readonly AccountTerm[], at: number): AccountTerm {
  const begun = account.filter(({ from }) => from <= at);
  const term = begun.at(-1) ?? account[0];
  if (term === undefined) throw new Error("an account has a currency and a zone");
  return term;
}

interface Delivery {
  readonly at: number;
  readonly day: string;
  readonly currency: string;
  readonly pricing: ToldPricing;
  readonly market: string | undefined;
  /** As the card names it. */
  readonly category: string | undefined;
  readonly inGroup: boolean;
}

/** The published market of a recipient; undefined when nobody knows who it was. */
function naiveMarket(markets: readonly Row[], told: readonly Told[], day: string): string | undefined {
  const numbers = told.flatMap(({ number, participant }) => participant ?? number ?? []);
  const number = numbers.find((one) => /^\d{7,15}$/.test(one));
  const country = told.flatMap(({ userId }) => (/^[A-Z]{2}\./.test(userId ?? "") ? (userId ?? "").slice(0, 2) : []))[0];
  if (number === undefined && country === undefined) return undefined;
  const listed = markets.filter((row) => holdsOn(row, day));
  if (number === undefined) return cell(listed.find((row) => row["iso2"] === country) ?? {}, "market") || "Other";
  const fitting = listed
    .map((row) => ({ prefix: cell(row, "calling_code") + cell(row, "prefix"), market: cell(row, "market") }))
    .filter(({ prefix }) => number.startsWith(prefix))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  return fitting[0]?.market ?? "Other";
}

const categoryOf = (word: string): string | undefined => {
  const category = plain(word);
  if (cardCategories.includes(category)) return category;
  if (category === "referral_conversion") return "service";
  return sameAs[category] ?? groupCategories[category];
};

const isEntry = ({ category }: ToldPricing): boolean => plain(category) === "referral_conversion";

/** Why the model does not fit the day; undefined when it does. */
function modelRule({ day, pricing }: Delivery): string | undefined {
  const model = plain(pricing.model);
  if (model !== "cbp" && model !== "pmp") return "unknown_model";
  if (model === "pmp") return day < "2025-07-01" ? "model_mismatch" : undefined;
  // A conversation lasts a day, one that an ad opened three; what was sent in it may be delivered on the day after.
  return day > (isEntry(pricing) ? "2025-07-04" : "2025-07-02") ? "model_mismatch" : undefined;
}

/** A reason not to price it, "free", or undefined: it is charged. */
function ruleFor(delivery: Delivery): string | undefined {
  const { day, pricing } = delivery;
  const mismatch = modelRule(delivery);
  if (mismatch !== undefined) return mismatch;
  if (isEntry(pricing) || plain(pricing.subtype ?? "") === "paid_exempt") return "free";
  const byConversation = plain(pricing.model) === "cbp";
  const type = plain(pricing.type ?? (byConversation ? "regular" : "missing"));
  if (freeTypes.includes(type)) return "free";
  if (type !== "regular") return "unknown_type";
  return byConversation && day >= "2025-07-01" ? "free" : undefined;
}

function ratesOf(published: Published, delivery: Delivery, reached: number | undefined): readonly Row[] {
  const fits = (row: Row): boolean =>
    row["currency"] === delivery.currency &&
    row["market"] === delivery.market &&
    row["category"] === delivery.category &&
    holdsOn(row, delivery.day);
  const list = published.list.filter((row) => fits(row) && row["tier_to"] === "");
  if (reached === undefined) return list;
  const tier = published.tiers.filter(
    (row) =>
      fits(row) && Number(row["tier_from"]) <= reached && (row["tier_to"] === "" || reached <= Number(row["tier_to"])),
  );
  return tier.length > 0 ? tier : list;
}

/** The first message of the highest tier that Meta had told for the month before the message was delivered. */
function reachedBy({ tiers }: Story, { at, day, market, category }: Delivery): number | undefined {
  const series =
    category === "utility" ? "UTILITY" : category?.startsWith("authentication") === true ? "AUTHENTICATION" : "";
  const told = tiers.filter(
    (one) =>
      one.at <= at &&
      one.month === day.slice(0, 7) &&
      one.category === series &&
      one.region.toLowerCase() === market?.toLowerCase(),
  );
  return told.length === 0 ? undefined : Math.max(...told.map(({ tier }) => Number(tier.split(":")[0])));
}

function chargeOf(agreed: Agreed, listPrice: bigint, isFree: boolean): bigint {
  if (agreed.kind === "percent") return divideHalfUp(listPrice * BigInt(10_000 + agreed.basisPoints), 10_000n);
  if (agreed.kind === "fixed" && (!isFree || agreed.freeToo)) return listPrice + agreed.micros;
  return listPrice;
}

const micros = (rows: readonly Row[]): bigint => microsFromDecimal(cell(rows[0] ?? {}, "rate"));

type Amounts = readonly [cost: bigint, listPrice: bigint];

/** The price that Meta stated on the event. */
function statedAmounts(cost: NonNullable<ToldPricing["cost"]>, currency: string): Amounts | string {
  if (cost.currency !== currency) return "cost_currency_differs";
  if (!/^\d{1,9}(\.\d{1,30})?$/.test(cost.amount)) return "cost_unreadable";
  const stated = microsFromDecimal(cost.amount, "round");
  return [stated, stated];
}

/** Cost at Meta and Meta's list price of a charged delivery, or why there is none. */
function amounts(published: Published, story: Story, delivery: Delivery): Amounts | string {
  const { pricing, category, market, currency, day } = delivery;
  if (delivery.inGroup || plain(pricing.category) in groupCategories) return "group_without_card";
  if (category === undefined) return "unknown_category";
  if (market === undefined) return "recipient_unknown";
  if (!published.markets.some((row) => holdsOn(row, day))) return "no_card_in_force";
  if (pricing.cost !== undefined) return statedAmounts(pricing.cost, currency);
  const list = ratesOf(published, delivery, undefined);
  const hasCard = published.list.some((row) => row["currency"] === currency && holdsOn(row, day));
  if (list.length === 0) return hasCard ? "no_rate_in_card" : "no_card_in_force";
  return [micros(ratesOf(published, delivery, reachedBy(story, delivery))), micros(list)];
}

/** Whether it was charged per conversation, and Meta has not said yet which one. */
const lacksConversation = ({ told }: Story): boolean =>
  told.some(({ pricing }) => plain(pricing?.model ?? "") === "cbp") &&
  told.every(({ conversation }) => conversation === undefined);

function deliveryOf(
  { markets }: Published,
  { told, account }: Story,
  of: { at: number; pricing: ToldPricing },
): Delivery {
  const { currency, zone } = termAt(account, of.at);
  const day = dayIn(zone, of.at);
  return {
    ...of,
    day,
    currency,
    market: naiveMarket(markets, told, day),
    category: categoryOf(of.pricing.category),
    inGroup: told.some(({ participant }) => participant !== undefined),
  };
}

function verdictOn(published: Published, story: Story, delivery: Delivery): Verdict {
  const { day, market, category } = delivery;
  const rule = ruleFor(delivery);
  if (rule === "free") {
    const found = { day, market: market ?? "Other", category: category ?? "service" };
    return { outcome: "free", ...found, cost: 0n, charge: chargeOf(story.agreed, 0n, true) };
  }
  const found = { day, ...(market !== undefined && { market }), ...(category !== undefined && { category }) };
  const paid = rule ?? amounts(published, story, delivery);
  if (typeof paid === "string") return { outcome: "not_ratable", reason: paid, ...found };
  const [cost, listPrice] = paid;
  const isFree = cost === 0n;
  return { outcome: isFree ? "free" : "charged", ...found, cost, charge: chargeOf(story.agreed, listPrice, isFree) };
}

/** The second rater over the published files of a folder. */
export function naiveRater(published: Published): (story: Story) => Verdict {
  return (story) => {
    const proof = firstOf(story.told.filter(proves));
    if (proof === undefined) return { outcome: "undelivered" };
    const priced = story.told.filter(({ pricing }) => pricing !== undefined);
    const { pricing } = firstOf(priced.filter(proves)) ?? firstOf(priced) ?? {};
    if (pricing === undefined) return { outcome: "not_ratable", reason: "awaiting_pricing" };
    if (lacksConversation(story)) return { outcome: "not_ratable", reason: "awaiting_conversation" };
    return verdictOn(published, story, deliveryOf(published, story, { at: proof.at, pricing }));
  };
}
