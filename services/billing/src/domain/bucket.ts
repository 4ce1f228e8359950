import { cardCategories, type CardCategory } from "./words.js";

/** Short names of Meta's markets for meters, prices and identifiers at Stripe. Never changed once used; a new market gets a new row. */
export const marketSlugs: Readonly<Record<string, string>> = {
  Argentina: "argentina",
  Bangladesh: "bangladesh",
  Brazil: "brazil",
  Chile: "chile",
  Colombia: "colombia",
  Egypt: "egypt",
  France: "france",
  Germany: "germany",
  "Hong Kong": "hong_kong",
  Hungary: "hungary",
  India: "india",
  Indonesia: "indonesia",
  Iraq: "iraq",
  Israel: "israel",
  Italy: "italy",
  Kazakhstan: "kazakhstan",
  Kuwait: "kuwait",
  Malaysia: "malaysia",
  Mexico: "mexico",
  Morocco: "morocco",
  Nepal: "nepal",
  Netherlands: "netherlands",
  Nigeria: "nigeria",
  "North America": "north_america",
  Oman: "oman",
  Pakistan: "pakistan",
  Peru: "peru",
  Poland: "poland",
  Qatar: "qatar",
  "Rest of Africa": "rest_africa",
  "Rest of Asia Pacific": "rest_apac",
  "Rest of Central & Eastern Europe": "rest_cee",
  "Rest of Latin America": "rest_latam",
  "Rest of Middle East": "rest_me",
  "Rest of Western Europe": "rest_we",
  Romania: "romania",
  Russia: "russia",
  "Saudi Arabia": "saudi_arabia",
  Singapore: "singapore",
  "South Africa": "south_africa",
  Spain: "spain",
  "Sri Lanka": "sri_lanka",
  Turkey: "turkey",
  Ukraine: "ukraine",
  "United Arab Emirates": "uae",
  "United Kingdom": "uk",
};

/** A market of Meta's rate cards; `Other` is the one of every country that no other holds. */
export const isMarket = (name: string): boolean => name === "Other" || Object.hasOwn(marketSlugs, name);

/** What one line of an invoice stands for: a category in one market, or in all others; and the platform fee. */
export type Bucket = string & { readonly __bucket: true };
export const platformFeeBucket = "platform_fee" as Bucket;
/** Four categories × (three named markets and `other`) and the platform fee make 17 items, below the twenty of a subscription. */
export const maxNamedMarkets = 3;

/** International authentication is shown with authentication; the ledger keeps them apart. */
const lineCategory = (category: CardCategory): string =>
  category === "authentication_international" ? "authentication" : category;

/** The bucket of a message: the client's named markets each have their own, all others share one per category. */
export function bucketOf(category: CardCategory, market: string, namedMarkets: readonly string[]): Bucket {
  const slug = namedMarkets.includes(market) ? (marketSlugs[market] ?? "other") : "other";
  return `${lineCategory(category)}.${slug}` as Bucket;
}

/**
 * Every bucket a client can ever use. All are put on its subscription when it is opened: usage of a day before an item was added would not
 * be invoiced (Stripe: subscriptions, usage-based).
 */
export function bucketsOf(namedMarkets: readonly string[]): readonly Bucket[] {
  const markets = [...namedMarkets, ""];
  const categories = cardCategories.filter((category) => category !== "authentication_international");
  const used = categories.flatMap((category) => markets.map((market) => bucketOf(category, market, namedMarkets)));
  return [platformFeeBucket, ...used];
}

/** What a client reads on the invoice line. */
export function bucketLabel(bucket: Bucket): string {
  if (bucket === platformFeeBucket) return "Platform fee";
  const [category = "", slug = ""] = bucket.split(".");
  const market = Object.entries(marketSlugs).find(([, one]) => one === slug)?.[0] ?? "other markets";
  return `WhatsApp ${category} — ${market}`;
}
