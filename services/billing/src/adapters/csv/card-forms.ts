import { type Problem } from "../../domain/card-content.js";
import { type MarketRow } from "../../domain/markets.js";
import { type RateRow, regimeOn } from "../../domain/rate-card.js";
import { type CardKind } from "../../domain/rate-card-import.js";
import { cardCategories, isCardCategory } from "../../domain/words.js";
import { type CardFrame } from "../../ports.js";
import { Cells, type Line } from "./cells.js";

export type PlacedMarket = MarketRow & { readonly line: number };
export interface Read {
  readonly rates: readonly RateRow[];
  readonly markets: readonly PlacedMarket[];
  readonly problems: readonly Problem[];
}

/** A way to write a card, told by its header. */
export interface CardForm {
  readonly kinds: readonly CardKind[];
  readonly columns: readonly string[];
  readonly optional: readonly string[];
  readonly read: (line: Line, frame: CardFrame) => Read;
}

/** Service messages a month that Meta does not charge a number for, since they are charged at all (Meta: pricing, 2026-10-01). */
const freeServiceMessages = 1_000;

/** Our long form: one line for each market, category and tier. */
const longForm: CardForm = {
  kinds: ["list", "tiers"],
  columns: ["effective_from", "effective_to", "currency", "market", "category", "tier_from", "tier_to", "rate"],
  optional: [],
  read: (line, frame) => {
    const cells = new Cells(line);
    cells.sameDay("effective_from", frame.effectiveFrom);
    cells.sameDay("effective_to", frame.effectiveTo);
    currencyOf(cells, frame);
    const market = cells.market("market");
    const category = cells.text("category");
    if (!isCardCategory(category)) cells.refuse("category", `be one of ${cardCategories.join(", ")}`);
    const tierFrom = cells.position("tier_from");
    const tierTo = cells.text("tier_to") === "" ? undefined : cells.position("tier_to");
    if (tierTo !== undefined && tierTo < tierFrom) cells.refuse("tier_to", "not be below tier_from");
    const rateMicros = cells.rate("rate");
    const good = cells.problems.length === 0 && isCardCategory(category) && rateMicros !== undefined;
    const row = { market, tierFrom, ...(tierTo !== undefined && { tierTo }), line: line.line };
    return { rates: good ? [{ ...row, category, rateMicros }] : [], markets: [], problems: cells.problems };
  },
};

/** Meta's own form: one line for each market, a column for each category. */
const metaForm: CardForm = {
  kinds: ["list"],
  columns: ["market", "currency", "marketing", "utility", "authentication", "authentication_international"],
  optional: ["service"],
  read: (line, frame) => {
    const cells = new Cells(line);
    currencyOf(cells, frame);
    const market = cells.market("market");
    const rates = cardCategories.flatMap((category): RateRow[] => {
      if (!line.cells.has(category)) return [];
      const rateMicros = cells.rate(category);
      if (rateMicros === undefined) return [];
      const row = { market, category, line: line.line };
      const whole = [{ ...row, tierFrom: 0, rateMicros }];
      return category === "service" ? serviceRows(whole, frame) : whole;
    });
    return { rates: cells.problems.length === 0 ? rates : [], markets: [], problems: cells.problems };
  },
};

/** Meta prints what a service message costs above the free tier; the tier itself is a rule. */
const serviceRows = (rows: readonly RateRow[], { effectiveFrom }: CardFrame): RateRow[] =>
  rows.flatMap((row) =>
    regimeOn(effectiveFrom) !== "PMP_CHARGED_WINDOW" || row.rateMicros === 0n
      ? [row]
      : [
          { ...row, tierTo: freeServiceMessages, rateMicros: 0n },
          { ...row, tierFrom: freeServiceMessages + 1 },
        ],
  );

function currencyOf(cells: Cells, { currency }: CardFrame): void {
  if (cells.text("currency") !== currency) cells.refuse("currency", `be ${currency}, the card's own`);
}

const groupingForm: CardForm = {
  kinds: ["markets"],
  columns: ["effective_from", "effective_to", "calling_code", "prefix", "iso2", "market"],
  optional: ["country", "basis"],
  read: (line) => {
    const cells = new Cells(line);
    const effectiveFrom = cells.day("effective_from");
    const effectiveTo = cells.optionalDay("effective_to");
    if (effectiveTo !== undefined && effectiveTo < effectiveFrom)
      cells.refuse("effective_to", "not be before effective_from");
    const code = cells.matching(
      "calling_code",
      /^(\d{1,4}|\*)$/,
      "be a calling code such as 57, or * for every number not listed",
    );
    const prefix = cells.matching("prefix", /^\d{0,6}$/, "be empty or at most six digits");
    if (code === "*" && prefix !== "") cells.refuse("prefix", "be empty beside *");
    const country = cells.matching("iso2", /^([A-Z]{2}|\*)$/, "be a country such as CO, or *");
    const market = cells.market("market");
    const days = { effectiveFrom, ...(effectiveTo !== undefined && { effectiveTo }) };
    const row = { ...days, digits: `${code}${prefix}`, country, market, line: line.line };
    return { rates: [], markets: cells.problems.length === 0 ? [row] : [], problems: cells.problems };
  },
};

const forms = [longForm, metaForm, groupingForm];

/** Spelled one way: `Authentication-International` and `authentication_international` are one column. */
export const columnName = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, "_");

/** The form that a header announces, or what is wrong with it. */
export function formOf(header: readonly string[], kind: CardKind): CardForm | readonly Problem[] {
  const known = forms.filter((form) => form.kinds.includes(kind));
  const form = known.find(({ columns }) => columns.every((column) => header.includes(column)));
  const wanted = known.map(({ columns, optional }) => [...columns, ...optional].join(",")).join(" or ");
  const line1 = (value: string, allowed: string): Problem => ({
    line: 1,
    column: "",
    value: value.slice(0, 200),
    allowed,
  });
  if (form === undefined) return [line1(header.join(","), `be the header ${wanted}`)];
  const odd = header.filter(
    (column, at) => header.indexOf(column) !== at || ![...form.columns, ...form.optional].includes(column),
  );
  return odd.length === 0 ? form : odd.map((column) => line1(column, `not be a column; the header is ${wanted}`));
}
