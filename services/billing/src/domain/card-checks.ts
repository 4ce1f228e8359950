import { type LocalDate } from "@greentick/kernel";
import { isMarket } from "./bucket.js";
import { monthLater } from "./calendar.js";
import { type BookCard, type Days, daysInForce, gapsOf, overlap, sameBook } from "./card-book.js";
import { inForce, type MarketRow } from "./markets.js";
import { findRate, type RateIndex } from "./rate-card.js";
import { type RateCardImport } from "./rate-card-import.js";

/** An error stands in the way of a release; a warning has to be accepted by whoever releases. */
export type FindingLevel = "error" | "warning";
export interface Finding {
  readonly code: string;
  readonly level: FindingLevel;
  readonly says: string;
  /** Cards, markets or days that it is about. */
  readonly about: readonly string[];
}

export interface CardSituation {
  /** Every published card. */
  readonly book: readonly BookCard[];
  /** Cards that the release is to replace. */
  readonly supersedes: readonly string[];
  /** Rates and grouping rows as they would be in force with this card. */
  readonly rates: RateIndex;
  readonly markets: readonly MarketRow[];
  /** Today where the day is latest and where it is earliest. */
  readonly latestToday: LocalDate;
  readonly earliestToday: LocalDate;
}

const error = (code: string, says: string, about: readonly string[] = []): Finding => ({
  code,
  level: "error",
  says,
  about,
});
const warning = (code: string, says: string, about: readonly string[] = []): Finding => ({
  code,
  level: "warning",
  says,
  about,
});

/** Everything worth knowing before a card is released, errors first. */
export function findingsOf(card: RateCardImport, around: CardSituation): readonly Finding[] {
  const found = [
    ...bookFindings(card, around),
    ...dayFindings(card, around),
    ...(card.kind === "markets" ? groupingFindings(card, around) : marketFindings(card, around)),
    ...(card.kind === "tiers" ? tierFindings(card, around) : []),
    ...(card.status === "draft"
      ? [warning("not_rehearsed", "Nobody has rehearsed the card against past traffic.")]
      : []),
  ];
  return [...found.filter(({ level }) => level === "error"), ...found.filter(({ level }) => level === "warning")];
}

const named = (cards: readonly BookCard[]): string => cards.map(({ name, id }) => `${name} (${id})`).join(", ");
const daysText = ({ effectiveFrom, effectiveTo }: Days): string => `${effectiveFrom} to ${effectiveTo ?? "open"}`;

/** Whether the card is alone on its days, and who is in force before and behind it. */
function bookFindings(card: RateCardImport, { book, supersedes }: CardSituation): readonly Finding[] {
  const others = book.filter((one) => sameBook(one, card) && one.id !== card.id);
  const before = daysInForce(book);
  const clashing = others.filter((one) => {
    const days = before.get(one.id);
    const replaced = supersedes.includes(one.id) || (one.shipped && card.kind === "markets");
    return days !== undefined && overlap(days, card) && !replaced;
  });
  const strangers = supersedes.filter((id) => {
    const days = before.get(id);
    return !others.some((one) => one.id === id) || days === undefined || !overlap(days, card);
  });
  const candidate: BookCard = {
    ...daysOf(card),
    id: card.id,
    name: card.name,
    kind: card.kind,
    currency: card.currency,
    shipped: false,
    supersedes,
  };
  const after = daysInForce([...others, candidate]);
  const gaps = gapsOf([...others, candidate].flatMap(({ id }) => after.get(id) ?? []));
  const known = gapsOf(others.flatMap(({ id }) => before.get(id) ?? [])).map(daysText);
  const gap = gaps.filter((days) => !known.includes(daysText(days))).map(daysText);
  return [
    ...(clashing.length === 0
      ? []
      : [
          error(
            "overlap",
            `On some of its days ${named(clashing)} is in force. Name it in supersedes to end it on the day before ${card.effectiveFrom}, or give the card other days.`,
            clashing.map(({ id }) => id),
          ),
        ]),
    ...(strangers.length === 0
      ? []
      : [
          error(
            "supersedes_nothing",
            `Nothing of ${strangers.join(", ")} is in force on its days. Leave it out of supersedes.`,
            strangers,
          ),
        ]),
    ...(gap.length === 0 ? [] : [warning("gap", `On days without a card nothing is rated: ${gap.join("; ")}.`, gap)]),
  ];
}

const daysOf = ({ effectiveFrom, effectiveTo }: Days): Days => ({
  effectiveFrom,
  ...(effectiveTo !== undefined && { effectiveTo }),
});

/** Meta changes prices on the first day of a quarter, at a month's notice (Meta: pricing, updates to pricing). */
function dayFindings(
  card: RateCardImport,
  { latestToday, earliestToday, supersedes }: CardSituation,
): readonly Finding[] {
  const { effectiveFrom, kind } = card;
  const quarter = /-(01|04|07|10)-01$/.test(effectiveFrom);
  const begun = effectiveFrom <= latestToday;
  const found = [
    ...(quarter
      ? []
      : [
          warning(
            "unusual_first_day",
            `Meta changes prices on 1 January, April, July and October, not on ${effectiveFrom}.`,
          ),
        ]),
    ...(effectiveFrom < monthLater(earliestToday)
      ? [warning("short_notice", `It begins on ${effectiveFrom}, in less than a month: less than Meta's notice.`)]
      : []),
  ];
  if (!begun) return found;
  if (kind === "markets")
    return [
      error(
        "begins_too_soon",
        `A grouping begins on a day that has begun nowhere yet, later than ${latestToday}: what was rated by a market stays in it.`,
      ),
      ...found,
    ];
  return supersedes.length === 0
    ? found
    : [
        ...found,
        warning(
          "days_booked",
          `Deliveries from ${effectiveFrom} on that are rated already stay at the price of the card that this one replaces.`,
        ),
      ];
}

const listed = (markets: readonly string[]): string => markets.map((one) => `"${one}"`).join(", ");

/** Markets of the card against the grouping in force on its first day, and the other way round. */
function marketFindings(card: RateCardImport, { markets }: CardSituation): readonly Finding[] {
  const grouped = new Set(markets.filter((row) => inForce(row, card.effectiveFrom)).map(({ market }) => market));
  const priced = new Set(card.rates.map(({ market }) => market));
  const without = [...priced].filter((market) => !grouped.has(market));
  const unknown = without.filter((market) => !isMarket(market));
  const unused = without.filter(isMarket);
  const unpriced = [...grouped].filter((market) => !priced.has(market));
  return [
    ...(unknown.length === 0
      ? []
      : [
          error(
            "market_unknown",
            `No country is in ${listed(unknown)}, and no market of Meta's is called so. Put the name right, or first release the grouping that has it.`,
            unknown,
          ),
        ]),
    ...(unused.length === 0
      ? []
      : [
          warning(
            "market_without_grouping",
            `No country is in ${listed(unused)} on ${card.effectiveFrom}: its rates are never used.`,
            unused,
          ),
        ]),
    ...(unpriced.length === 0
      ? []
      : [
          warning(
            "grouping_without_rate",
            `The card has no rate for ${listed(unpriced)}: deliveries there stay unrated, or at the list rate beside a tier card.`,
            unpriced,
          ),
        ]),
    ...withoutLine([...priced].filter((market) => grouped.has(market))),
  ];
}

const withoutLine = (markets: readonly string[]): readonly Finding[] => {
  const odd = markets.filter((market) => !isMarket(market));
  return odd.length === 0
    ? []
    : [
        warning(
          "market_without_line",
          `Clients cannot have an invoice line for ${listed(odd)} yet: the charges are shown under other markets.`,
          odd,
        ),
      ];
};

/** Markets of a grouping for which no list card has a rate, by currency, on its first day. */
function groupingFindings(card: RateCardImport, { rates }: CardSituation): readonly Finding[] {
  const markets = [
    ...new Set(card.markets.filter((row) => inForce(row, card.effectiveFrom)).map(({ market }) => market)),
  ];
  const cards = rates.cards.filter((one) => one.kind === "list" && inForce(one, card.effectiveFrom));
  const missing = cards.flatMap((list) => {
    const priced = new Set(list.rows.map(({ market }) => market));
    return markets.filter((market) => !priced.has(market)).map((market) => `${list.currency} ${market}`);
  });
  return [
    ...(missing.length === 0
      ? []
      : [
          warning(
            "grouping_without_rate",
            `No list card in force on ${card.effectiveFrom} has a rate for ${listed(missing)}: deliveries there stay unrated.`,
            missing,
          ),
        ]),
    ...withoutLine(markets),
  ];
}

/** The first tier is the list rate, and no tier costs more than the one before it (Meta: volume tiers). */
function tierFindings(card: RateCardImport, { rates }: CardSituation): readonly Finding[] {
  const { currency, effectiveFrom: date } = card;
  const differing = card.rates.filter(({ tierFrom, market, category, rateMicros }) => {
    if (tierFrom > 1) return false;
    const list = findRate(rates, { currency, date, market, category });
    return typeof list === "string" || list.rateMicros !== rateMicros;
  });
  const rising = card.rates.filter((row) =>
    card.rates.some(
      (lower) =>
        lower.market === row.market &&
        lower.category === row.category &&
        lower.tierFrom < row.tierFrom &&
        lower.rateMicros < row.rateMicros,
    ),
  );
  const lines = (rows: readonly { readonly line: number }[]): readonly string[] =>
    rows.map(({ line }) => `line ${line}`);
  return [
    ...(differing.length === 0
      ? []
      : [
          warning(
            "first_tier_differs",
            `The first tier is not the list rate of ${date} in ${lines(differing).slice(0, 20).join(", ")}.`,
            lines(differing),
          ),
        ]),
    ...(rising.length === 0
      ? []
      : [
          warning(
            "tier_rises",
            `A tier costs more than one before it in ${lines(rising).slice(0, 20).join(", ")}.`,
            lines(rising),
          ),
        ]),
  ];
}
