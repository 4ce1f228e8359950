import { without } from "../domain/without.js";
import { type Chance, chanceOf } from "./chance.js";
import { cell, holdsOn, type Published, type Row } from "./naive/csv.js";
import { type AccountTerm, type Agreed, type Story, type Told, type ToldPricing, type ToldTier } from "./story.js";

/** The three sets of rules of Meta's, by day of delivery. */
export const regimes = [
  { name: "CBP", from: "2024-10-15", to: "2025-06-30" },
  { name: "PMP_FREE_WINDOW", from: "2025-07-01", to: "2026-09-30" },
  { name: "PMP_CHARGED_WINDOW", from: "2026-10-01", to: "2027-03-31" },
] as const;
export const regimeOf = (day: string): string => regimes.find(({ to }) => day <= to)?.name ?? "PMP_CHARGED_WINDOW";

const firstDay = "2024-11-01";
const daySeconds = 86_400;
const hourSeconds = 3_600;
const secondsOf = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1_000;

/** Stretches to draw days from, and how often in a hundred; those in which more can go wrong more often than they are long. */
const stretches = [
  { often: 2, from: "2024-10-15", to: "2024-10-31" },
  { often: 25, from: "2024-11-01", to: "2025-01-31" },
  { often: 5, from: "2025-02-01", to: "2025-06-30" },
  { often: 20, from: "2025-07-01", to: "2026-06-30" },
  { often: 20, from: "2026-07-01", to: "2026-09-30" },
  { often: 28, from: "2026-10-01", to: "2027-03-31" },
];

const oftenDrawn = stretches.flatMap((one) => Array.from({ length: one.often }, () => one));

const zones = [
  "America/Bogota",
  "America/New_York",
  "America/Sao_Paulo",
  "Asia/Kathmandu",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "Europe/Berlin",
  "Pacific/Kiritimati",
  "Pacific/Pago_Pago",
  "UTC",
];
const priced = ["marketing", "utility", "authentication", "authentication-international", "service"];
const odd = [
  "marketing_lite",
  "referral_conversion",
  "group_marketing",
  "group_utility",
  "group_service",
  "AUTHENTICATION_INTERNATIONAL",
  "Marketing",
  "general_purpose_ai",
  "something_new",
];
const stated = ["0.0284", "0.02845555", "0", "12", "0.0000005", "0.00000049", "1e-2", "-0.01", "0.0284 ", "1234567890"];

/** Everything that stories are drawn from. */
interface Ground {
  readonly published: Published;
  /** Days on which something changes. */
  readonly edges: readonly string[];
  /** Markets and their rows that hold on a day, remembered by day. */
  readonly marketsOn: (day: string) => ReadonlyMap<string, readonly Row[]>;
  readonly tierBounds: ReadonlyMap<string, readonly string[]>;
}

function grouped(rows: readonly Row[], keyOf: (row: Row) => string): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row)) ?? [];
    group.push(row);
    groups.set(keyOf(row), group);
  }
  return groups;
}

export function groundOf(published: Published): Ground {
  const rows = [...published.list, ...published.tiers, ...published.markets];
  const byDay = new Map<string, ReadonlyMap<string, readonly Row[]>>();
  const bounds = grouped(published.tiers, (row) => `${cell(row, "market")}|${cell(row, "category")}`);
  return {
    published,
    edges: [
      ...new Set([
        ...rows.map((row) => cell(row, "effective_from")),
        "2025-02-01",
        "2025-07-01",
        "2025-07-02",
        "2025-07-04",
      ]),
    ],
    marketsOn: (asked) => {
      // Before the first grouping there is none, and numbers to draw come from the first.
      const day = asked < firstDay ? firstDay : asked;
      const known =
        byDay.get(day) ??
        grouped(
          published.markets.filter((row) => holdsOn(row, day)),
          (row) => cell(row, "market"),
        );
      byDay.set(day, known);
      return known;
    },
    tierBounds: new Map(
      [...bounds].map(([key, series]) => [
        key,
        series.map((row) => `${cell(row, "tier_from")}:${cell(row, "tier_to") || "MAX"}`),
      ]),
    ),
  };
}

function instant(chance: Chance, ground: Ground): number {
  if (chance.percent(15)) {
    const hours = chance.below(31) - 15;
    return secondsOf(chance.pick(ground.edges)) + hours * hourSeconds + chance.below(3) - 1;
  }
  const { from, to } = chance.pick(oftenDrawn);
  const days = (secondsOf(to) - secondsOf(from)) / daySeconds + 1;
  return secondsOf(from) + chance.below(days * daySeconds);
}

function accountOf(chance: Chance, at: number): readonly AccountTerm[] {
  const currency = chance.percent(88) ? "USD" : chance.pick(["COP", "COP", "INR", "EUR"]);
  const first = { from: 0, currency, zone: chance.pick(zones) };
  if (!chance.percent(10)) return [first];
  // Migrated about the time of the delivery, to the second.
  const from = at + chance.pick([-5 * hourSeconds, -1, 0, 1, 5 * hourSeconds]);
  return [first, { from, currency: chance.pick(["USD", "COP", currency]), zone: chance.pick(zones) }];
}

/** Whom it went to: a number, a business-scoped id, both (which may disagree), or nobody that is known. */
function recipient(chance: Chance, ground: Ground, at: number): Partial<Told> {
  const day = new Date(at * 1_000).toISOString().slice(0, 10);
  const markets = ground.marketsOn(day);
  const row = chance.pick(markets.get(chance.pick([...markets.keys()])) ?? []);
  const listed = cell(row, "calling_code") !== "*";
  const number = listed ? cell(row, "calling_code") + cell(row, "prefix") + chance.digits(8) : `999${chance.digits(8)}`;
  const userId = `${listed ? cell(row, "iso2") : "QQ"}.${chance.digits(9)}`;
  const kind = chance.below(100);
  if (kind < 70) return { number };
  if (kind < 85) return { userId };
  if (kind < 97) return { number, userId: `${chance.pick(["BR", "IN", "US", "KZ"])}.${chance.digits(9)}` };
  return chance.percent(50) ? {} : { number: chance.pick(["12345", "not-a-number"]) };
}

function pricingOf(chance: Chance, at: number, currency: string): ToldPricing {
  const old = at < secondsOf("2025-07-01") + chance.pick([0, 10, 40, 80]) * hourSeconds;
  const model = chance.percent(1) ? "XYZ" : old === chance.percent(98) ? "CBP" : "PMP";
  const category = chance.percent(86) ? chance.pick(priced) : chance.pick(odd);
  const free = chance.pick([
    "free_customer_service",
    "free_entry_point",
    "free_group_customer_service",
    "FREE_CUSTOMER_SERVICE",
  ]);
  const type = chance.percent(78) ? "regular" : chance.percent(93) ? free : chance.pick(["half_price", ""]);
  const hasType = model === "CBP" ? chance.percent(10) : chance.percent(99);
  const cost = { amount: chance.pick(stated), currency: chance.percent(90) ? currency : "GBP" };
  return {
    model,
    category,
    ...(hasType && { type }),
    ...(chance.percent(2) && { subtype: "paid_exempt" }),
    ...((category === "marketing_lite" || chance.percent(1)) && { cost }),
  };
}

interface Drawn {
  readonly at: number;
  readonly pricing: ToldPricing;
  readonly who: Partial<Told>;
  readonly inGroup: boolean;
  readonly tiers: readonly ToldTier[];
}

/** The statuses of one message, of which some are missing, repeated or late, and of which any may carry the pricing. */
function message(chance: Chance, drawn: Drawn, name: string): Told[] {
  const { at, pricing, who, inGroup } = drawn;
  const conversation = plainModel(pricing) === "cbp" || chance.percent(10) ? { conversation: "c1" } : {};
  const participant = inGroup && who.number !== undefined ? { participant: who.number } : {};
  const one = (status: string, later: number, withPricing: boolean): Told => ({
    message: name,
    status,
    at: at + later,
    webhook: `${name}-${status}-${String(later)}`,
    ...who,
    ...participant,
    ...(withPricing && { pricing }),
    ...((withPricing || chance.percent(50)) && conversation),
  });
  const announced = { ...pricing, category: chance.percent(20) ? chance.pick(priced) : pricing.category };
  const sent = { ...one("sent", -5 - chance.below(40_000), chance.percent(70)) };
  const onDelivered = chance.percent(80);
  return [
    ...(chance.percent(80) ? [sent.pricing === undefined ? sent : { ...sent, pricing: announced }] : []),
    ...(chance.percent(85) ? [one("delivered", 0, onDelivered)] : []),
    // A second report of the same delivery, with another time.
    ...(chance.percent(8) ? [one("delivered", 7 + chance.below(90_000), chance.percent(50))] : []),
    ...(chance.percent(40)
      ? [one(chance.percent(90) ? "read" : "played", 60 + chance.below(90_000), !onDelivered)]
      : []),
    ...(chance.percent(4) ? [one("failed", 3, false)] : []),
    ...(chance.percent(1) ? [one("half_delivered", 4, false)] : []),
  ];
}

const plainModel = ({ model }: ToldPricing): string => model.toLowerCase();

/** Some of it again, in other webhooks; now and then no status names the conversation, or not every one the number. */
function repeated(chance: Chance, told: readonly Told[]): readonly Told[] {
  const nameless = chance.percent(2) && new Set(told.map(({ message: name }) => name)).size === 1;
  const said = told.map((one) => {
    const rest = nameless ? (without(one, "conversation") as Told) : one;
    return one.userId !== undefined && one.participant === undefined && chance.percent(10)
      ? without(rest, "number")
      : rest;
  });
  const again = said.filter(() => chance.percent(10)).map((one) => ({ ...one, webhook: `${one.webhook}-again` }));
  return [...said, ...again];
}

function shuffled(chance: Chance, told: readonly Told[]): readonly Told[] {
  const rest = [...told];
  const out: Told[] = [];
  while (rest.length > 0) out.push(...rest.splice(chance.below(rest.length), 1));
  return out;
}

/** News of tiers reached some time before, at, or after the delivery; also of other months, markets and categories. */
function tiersOf(chance: Chance, ground: Ground, at: number): readonly ToldTier[] {
  if (!chance.percent(25)) return [];
  const day = new Date(at * 1_000).toISOString().slice(0, 10);
  return Array.from({ length: 1 + chance.below(4) }, () => {
    const key = chance.pick([...ground.tierBounds.keys()]);
    const [market = "", category = ""] = key.split("|");
    return {
      at: at + chance.pick([-9 * daySeconds, -1, 0, 1, 3 * daySeconds]),
      month: chance.percent(85) ? day.slice(0, 7) : "2026-12",
      region: chance.percent(50) ? market : market.toUpperCase(),
      category: category === "utility" ? "UTILITY" : "AUTHENTICATION",
      tier: chance.pick(ground.tierBounds.get(key) ?? []),
    };
  });
}

/** Tiers matter only where the delivery went: such a story is about a market and category that has them. */
function towards(chance: Chance, ground: Ground, drawn: Drawn): Drawn {
  const [tier] = drawn.tiers;
  if (tier === undefined || !chance.percent(80)) return drawn;
  const day = new Date(drawn.at * 1_000).toISOString().slice(0, 10);
  const row = [...ground.marketsOn(day)].find(([market]) => market.toLowerCase() === tier.region.toLowerCase())?.[1][0];
  if (row === undefined || cell(row, "calling_code") === "*") return drawn;
  const category =
    tier.category === "UTILITY" ? "utility" : chance.pick(["authentication", "authentication-international"]);
  const number = cell(row, "calling_code") + cell(row, "prefix") + "0000000";
  return { ...drawn, who: { number }, pricing: { model: "PMP", type: "regular", category } };
}

function agreed(chance: Chance): Agreed {
  if (chance.percent(40)) return { kind: "pass_through" };
  if (chance.percent(60)) return { kind: "percent", basisPoints: chance.below(5_000) };
  return { kind: "fixed", micros: BigInt(chance.below(20_000)), freeToo: chance.percent(30) };
}

/** One story; the same seed and place give the same one. */
export function storyAt(ground: Ground, seed: number, place: number): Story {
  const chance = chanceOf(Math.imul(seed, 0x9e3779b1) ^ Math.imul(place + 1, 0x85ebca6b));
  const at = instant(chance, ground);
  const account = accountOf(chance, at);
  const tiers = tiersOf(chance, ground, at);
  const first = {
    at,
    pricing: pricingOf(chance, at, account[0]?.currency ?? "USD"),
    who: recipient(chance, ground, at),
    inGroup: chance.percent(4),
    tiers,
  };
  const drawn = towards(chance, ground, first);
  const messages = plainModel(drawn.pricing) === "cbp" && !drawn.inGroup ? 1 + chance.below(3) : 1;
  const told = Array.from({ length: messages }, (_, which) =>
    message(chance, { ...drawn, at: at + which * hourSeconds * chance.below(9) }, `m${String(which + 1)}`),
  );
  // A message that never names its price cannot be known to belong to the conversation of another one.
  const named = told.filter((statuses) => statuses.some(({ pricing }) => pricing !== undefined));
  const all = (named.length > 0 ? named : told.slice(0, 1)).flat();
  return { told: shuffled(chance, repeated(chance, all)), account, tiers, agreed: agreed(chance) };
}
