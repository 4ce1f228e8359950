import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AppError, decimalFromMicros, type LocalDate } from "@greentick/kernel";
import fc from "fast-check";
import { type RateRow } from "../../domain/rate-card.js";
import { type CardKind } from "../../domain/rate-card-import.js";
import { cardCategories } from "../../domain/words.js";
import { type CardFrame } from "../../ports.js";
import { readPublishedPrices } from "./rate-card-files.js";
import { cardLimits, readCard } from "./read-card.js";

const folder = join(__dirname, "..", "..", "..", "rate-cards");
const published = readPublishedPrices(folder);
const frame = (kind: CardKind = "list", currency = "USD"): CardFrame => ({
  kind,
  currency,
  effectiveFrom: "2027-01-01" as LocalDate,
});
const metaHeader = "Market, Currency, Marketing, Utility, Authentication, Authentication-International, Service";
const longHeader = "effective_from,effective_to,currency,market,category,tier_from,tier_to,rate";
const groupingHeader = "effective_from,effective_to,calling_code,prefix,iso2,country,market,basis";

/** The refusal, and what it says of the file. */
async function refused(
  csv: string,
  of = frame(),
): Promise<{ reason: string; problems: readonly string[]; count: unknown }> {
  const error = await readCard(of, csv).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AppError)) throw new Error("the file was taken");
  const { problems, problemCount } = error.details;
  return { reason: error.reason, problems: (problems ?? []) as readonly string[], count: problemCount };
}

describe("a rate card in Meta's form", () => {
  it("has a row for each rate, and none where Meta prints n/a", async () => {
    const { rates } = await readCard(
      frame(),
      `${metaHeader}\nBrazil,USD,0.0625,0.0068,0.0068,n/a,0.0068\nIndia,USD,0.0118,0.0014,0.0014,0.0280,N/A\n`,
    );
    expect(
      rates.map(({ market, category, rateMicros, line }) => `${line} ${market} ${category} ${rateMicros}`),
    ).toEqual([
      "2 Brazil marketing 62500",
      "2 Brazil utility 6800",
      "2 Brazil authentication 6800",
      "2 Brazil service 0",
      "2 Brazil service 6800",
      "3 India marketing 11800",
      "3 India utility 1400",
      "3 India authentication 1400",
      "3 India authentication_international 28000",
    ]);
  });

  it("has the free tier of service before the price that Meta prints, since service is charged", async () => {
    const csv = `${metaHeader}\nBrazil,USD,1,1,1,1,0.0068`;
    const tiers = async (effectiveFrom: string): Promise<readonly RateRow[]> =>
      (await readCard({ ...frame(), effectiveFrom: effectiveFrom as LocalDate }, csv)).rates.filter(
        ({ category }) => category === "service",
      );
    expect(await tiers("2026-10-01")).toMatchObject([
      { tierFrom: 0, tierTo: 1000, rateMicros: 0n },
      { tierFrom: 1001, rateMicros: 6800n },
    ]);
    expect(await tiers("2026-07-01")).toMatchObject([{ tierFrom: 0, rateMicros: 6800n }]);
  });

  it("is read with a byte order mark, any line end, quotes, empty lines and spaces around values", async () => {
    const plain = await readCard(frame(), `${metaHeader}\nBrazil,USD,0.0625,0.0068,0.0068,n/a,n/a\n`);
    const dressed = await readCard(
      frame(),
      `\uFEFF${metaHeader}\r\n"Brazil", USD ,"0.0625",0.0068, 0.0068,"n/a",n/a\r\n\r\n`,
    );
    expect(dressed.rates).toEqual(plain.rates);
    expect(dressed.sha256).not.toBe(plain.sha256);
  });

  it("names every place that is wrong, with line, column, value and what may stand there", async () => {
    const { reason, problems, count } = await refused(
      `${metaHeader}\nBrazil,USD,0.0625,,0.0068,n/a,free\n,EUR,"0,0625",0.0068,-0.0068,1e-3,0.00000001\nChile,USD,0.1\n`,
    );
    expect(reason).toBe("rate_card_unreadable");
    expect(problems).toEqual([
      'line 2, utility: "" must be a plain decimal with at most nine digits before and six behind the point, or n/a',
      'line 2, service: "free" must be a plain decimal with at most nine digits before and six behind the point, or n/a',
      'line 3, currency: "EUR" must be USD, the card\'s own',
      'line 3, market: "" must be a name of at most 60 letters',
      'line 3, marketing: "0,0625" must be a plain decimal with at most nine digits before and six behind the point, or n/a',
      'line 3, authentication: "-0.0068" must be a plain decimal with at most nine digits before and six behind the point, or n/a',
      'line 3, authentication_international: "1e-3" must be a plain decimal with at most nine digits before and six behind the point, or n/a',
      'line 3, service: "0.00000001" must be a plain decimal with at most nine digits before and six behind the point, or n/a',
      'line 4: "Chile,USD,0.1" must have 7 cells, as the header has',
    ]);
    expect(count).toBe(9);
  });

  it("counts all problems and lists the first", async () => {
    const { problems, count } = await refused(`${metaHeader}\n${"Brazil,USD,x,1,1,1,1\n".repeat(500)}`);
    expect(problems).toHaveLength(cardLimits.problemsShown);
    expect(count).toBe(500);
  });
});

describe("a rate card in the long form", () => {
  it.each(published.cards.map(({ name }) => name))(
    "is read from the shipped file %s as the folder reads it",
    async (name) => {
      const card = published.cards.find((one) => one.name === name);
      if (card === undefined) throw new Error("a shipped card");
      const { kind, currency, effectiveFrom, effectiveTo } = card;
      const of = { kind, currency, effectiveFrom, ...(effectiveTo !== undefined && { effectiveTo }) };
      const { rates, sha256 } = await readCard(of, readFileSync(join(folder, `${name}.csv`), "utf8"));
      expect({ rates, sha256 }).toEqual({ rates: card.rows, sha256: card.sha256 });
    },
  );

  it("refuses tiers that leave out or repeat a message, and a last tier with an end", async () => {
    const rows = [
      "2027-01-01,,USD,Brazil,utility,0,100,0.5",
      "2027-01-01,,USD,Brazil,utility,102,,0.4",
      "2027-01-01,,USD,Chile,utility,0,,0.5",
      "2027-01-01,,USD,Chile,utility,50,,0.4",
      "2027-01-01,,USD,Peru,utility,0,50,0.5",
      "2027-01-01,,USD,India,utility,7,,0.5",
    ];
    expect((await refused([longHeader, ...rows].join("\n"), frame("tiers"))).problems).toEqual([
      'line 3, tier_from: "102" must be 101, next to the tier of line 2',
      'line 5, tier_from: "50" must not lie in the tier of Chile, utility that line 4 has',
      'line 6, tier_to: "50" must be empty in the last tier of Peru, utility',
      'line 7, tier_from: "7" must be 0 in the first tier of India, utility',
    ]);
  });

  it("refuses days, currency and category that are not the card's", async () => {
    const { problems } = await refused(`${longHeader}\n2026-10-01,2026-12-31,EUR,Brazil,promo,0,,0.5`);
    expect(problems).toEqual([
      'line 2, effective_from: "2026-10-01" must be 2027-01-01, the card\'s own',
      'line 2, effective_to: "2026-12-31" must be empty, as the card has no last day',
      'line 2, currency: "EUR" must be USD, the card\'s own',
      `line 2, category: "promo" must be one of ${cardCategories.join(", ")}`,
    ]);
  });
});

describe("a grouping of countries", () => {
  it("is read from the shipped file as the folder reads it", async () => {
    const { markets } = await readCard(frame("markets", ""), readFileSync(join(folder, "markets.csv"), "utf8"));
    expect(markets).toEqual(published.markets);
  });

  it("refuses digits and countries in two markets, and nobody for everybody else", async () => {
    const rows = ["2024-11-01,,57,,CO,Colombia,Colombia,listed", "2025-01-01,,57,,CO,Colombia,Peru,listed"];
    expect((await refused([groupingHeader, ...rows].join("\n"), frame("markets", ""))).problems).toEqual([
      'line 1, calling_code: "" must be * in one row, for every number not listed',
      'line 3, prefix: "57" must be in one market on one day',
      'line 3, iso2: "CO" must be in one market on one day',
    ]);
  });
});

describe("a file that is no card", () => {
  it.each([
    ["nothing", ""],
    ["a header alone", longHeader],
    ["another header", "a,b,c\n1,2,3"],
    ["a column that nobody knows", `${longHeader},note\n2027-01-01,,USD,Brazil,utility,0,,0.5,x`],
    ["a column twice", `${metaHeader},Utility\nBrazil,USD,1,1,1,1,1,1`],
    ["a quote that never ends", `${metaHeader}\n"Brazil,USD,1,1,1,1,1`],
    ["bytes of a spreadsheet", "PK\u0003\u0004\u0000\u0000"],
  ])("is refused: %s", async (_, csv) => {
    const { reason, problems } = await refused(csv);
    expect(reason).toBe("rate_card_unreadable");
    expect(problems[0]).toMatch(/^line \d+/);
  });

  it("is refused with more bytes than any card has, before a line of it is read", async () => {
    expect((await refused("x".repeat(cardLimits.bytes + 1))).reason).toBe("rate_card_too_large");
  });

  it("is refused with more lines than any card has", async () => {
    const { problems } = await refused(`${metaHeader}\n${"A,USD,1,1,1,1,1\n".repeat(cardLimits.lines)}`);
    expect(problems[0]).toBe(
      `line ${cardLimits.lines + 1}: "" must not be there: a card has at most ${cardLimits.lines} lines`,
    );
  });
});

describe("whatever is written into a card", () => {
  const market = fc.stringMatching(/^[A-Za-zÀ-ž][A-Za-zÀ-ž &",'.-]{0,30}[A-Za-z]$/);
  const micros = fc.bigInt({ min: 0n, max: 999_999_999_999_999n });
  const cells = fc.uniqueArray(fc.record({ market, category: fc.constantFrom(...cardCategories), micros }), {
    selector: (one) => `${one.market}|${one.category}`,
    minLength: 1,
    maxLength: 40,
  });
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

  it("is read back as it was written", async () => {
    await fc.assert(
      fc.asyncProperty(cells, fc.constantFrom("\n", "\r\n"), fc.boolean(), async (rows, end, marked) => {
        const lines = rows.map(
          (one) => `2027-01-01,,USD,${quoted(one.market)},${one.category},0,,${decimalFromMicros(one.micros)}`,
        );
        const { rates } = await readCard(frame(), `${marked ? "\uFEFF" : ""}${[longHeader, ...lines].join(end)}`);
        expect(rates).toEqual(
          rows.map((one, at) => ({
            market: one.market,
            category: one.category,
            tierFrom: 0,
            rateMicros: one.micros,
            line: at + 2,
          })),
        );
      }),
      { numRuns: 200 },
    );
  });

  it("never becomes a rate that does not stand there, and every refusal names a line of the file", async () => {
    const garbage = fc.oneof(
      fc.string(),
      fc.constantFrom("0x10", "1e3", "NaN", "Infinity", "１", "0,5", "--", "null", "$0.01", "1_000", "+1", ".5", "5."),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(garbage, { minLength: 5, maxLength: 5 }), async (values) => {
        const csv = `${metaHeader}\nBrazil,USD,${values.map(quoted).join(",")}`;
        const taken = await readCard(frame(), csv).catch((error: unknown) => error as AppError);
        const places = taken instanceof AppError ? (taken.details["problems"] as readonly string[]) : [];
        expect(places.filter((place) => !/^line \d+/.test(place))).toEqual([]);
        const prices = values.map((text) => text.trim()).filter((text) => !/^n\/a$/i.test(text));
        const good = prices.every((text) => /^\d{1,9}(\.\d{1,6})?$/.test(text));
        expect(taken instanceof AppError).toBe(!good || prices.length === 0);
        const rates = taken instanceof AppError ? [] : taken.rates;
        const said = new Set(prices.map((text) => Math.round(Number(text) * 1e6)));
        expect(rates.filter((row) => row.tierTo === undefined && !said.has(Number(row.rateMicros)))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("never fails in any other way than by a refusal", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "binary", maxLength: 200 }),
        fc.constantFrom<CardKind>("list", "tiers", "markets"),
        async (text, kind) => {
          const outcome = await readCard(frame(kind), text).catch((error: unknown) => error);
          expect(outcome).toBeInstanceOf(AppError);
        },
      ),
      { numRuns: 300 },
    );
  });
});
