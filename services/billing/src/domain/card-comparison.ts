import { divideHalfUp, type LocalDate } from "@greentick/kernel";
import { inForce, type MarketRow } from "./markets.js";
import { type RateRow } from "./rate-card.js";
import { type CardCategory } from "./words.js";

/** A rate that is another one, or there in one of the two cards only. Micros. */
export interface RateChange {
  readonly market: string;
  readonly category: CardCategory;
  readonly tierFrom: number;
  readonly oldMicros?: bigint;
  readonly newMicros?: bigint;
  /** Of the old rate, in millionths of a per cent, half up; absent where there is no old rate or it is zero. */
  readonly percentMicros?: bigint;
}

/** A number prefix, or a country, in another market than before. */
export interface MovedMarket {
  /** Calling code and prefix; `*` for every number not listed. */
  readonly digits: string;
  readonly country: string;
  readonly from: string;
  readonly to: string;
}

export interface CardDifference {
  readonly appeared: readonly string[];
  readonly disappeared: readonly string[];
  readonly changes: readonly RateChange[];
  /** Cells that are the same in both. */
  readonly unchanged: number;
}

const cellOf = ({ market, category, tierFrom }: RateRow): string =>
  JSON.stringify([market, category, tierFrom <= 1 ? 0 : tierFrom]);
const byCell = (rows: readonly RateRow[]): ReadonlyMap<string, RateRow> =>
  new Map(rows.map((row) => [cellOf(row), row]));
const marketsOf = (rows: readonly RateRow[]): ReadonlySet<string> => new Set(rows.map(({ market }) => market));

const percent = (before: bigint, after: bigint): Pick<RateChange, "percentMicros"> =>
  before === 0n ? {} : { percentMicros: divideHalfUp((after - before) * 100_000_000n, before) };

/** What is another rate, cell by cell (market, category, tier), in the order of market, category and tier. */
export function compareRates(before: readonly RateRow[], after: readonly RateRow[]): CardDifference {
  const [olds, news] = [byCell(before), byCell(after)];
  const [oldMarkets, newMarkets] = [marketsOf(before), marketsOf(after)];
  const cells = [...new Set([...olds.keys(), ...news.keys()])];
  const changes = cells.flatMap((cell) => changeOf(olds.get(cell), news.get(cell)));
  return {
    appeared: [...newMarkets].filter((market) => !oldMarkets.has(market)).sort(),
    disappeared: [...oldMarkets].filter((market) => !newMarkets.has(market)).sort(),
    changes: changes.sort(inOrder),
    unchanged: cells.length - changes.length,
  };
}

function changeOf(before: RateRow | undefined, after: RateRow | undefined): RateChange[] {
  const row = after ?? before;
  if (row === undefined || before?.rateMicros === after?.rateMicros) return [];
  const { market, category, tierFrom } = row;
  return [
    {
      market,
      category,
      tierFrom,
      ...(before && { oldMicros: before.rateMicros }),
      ...(after && { newMicros: after.rateMicros }),
      ...(before && after && percent(before.rateMicros, after.rateMicros)),
    },
  ];
}

const inOrder = (a: RateChange, b: RateChange): number =>
  a.market.localeCompare(b.market, "en") || a.category.localeCompare(b.category, "en") || a.tierFrom - b.tierFrom;

/** A grouping as it is on a day. */
export interface GroupingOn {
  readonly rows: readonly MarketRow[];
  readonly date: LocalDate;
}

/** Which prefixes are in another market on the later day; what is not listed is in the default market. */
export function movedMarkets(before: GroupingOn, after: GroupingOn): readonly MovedMarket[] {
  const on = ({ rows, date }: GroupingOn): ReadonlyMap<string, MarketRow> =>
    new Map(rows.filter((row) => inForce(row, date)).map((row) => [row.digits, row]));
  const [olds, news] = [on(before), on(after)];
  const marketIn = (rows: ReadonlyMap<string, MarketRow>, digits: string): string | undefined => {
    for (let length = digits.length; length > 0; length--) {
      const row = rows.get(digits.slice(0, length));
      if (row !== undefined) return row.market;
    }
    return rows.get("*")?.market;
  };
  return [...new Set([...olds.keys(), ...news.keys()])].sort().flatMap((digits): MovedMarket[] => {
    const [from, to] = [marketIn(olds, digits), marketIn(news, digits)];
    if (from === to || from === undefined || to === undefined) return [];
    return [{ digits, country: (news.get(digits) ?? olds.get(digits))?.country ?? "", from, to }];
  });
}
