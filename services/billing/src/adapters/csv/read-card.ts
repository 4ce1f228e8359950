import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { groupingProblems, type Problem, problemText, rateProblems } from "../../domain/card-content.js";
import { cardErrors } from "../../domain/card-errors.js";
import { type RateRow } from "../../domain/rate-card.js";
import { without } from "../../domain/without.js";
import { type CardFrame, type CardReader } from "../../ports.js";
import { type CardForm, columnName, formOf, type PlacedMarket } from "./card-forms.js";

/** A request to the API holds a million bytes; the largest card of Meta's has some seven hundred lines. */
export const cardLimits = { bytes: 700_000, lines: 10_000, problemsShown: 20 } as const;

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * Reads a card as a stream: Meta's own form or our long one, with or without byte order mark, any line end. Everything that is wrong is
 * collected with its place.
 * @throws BAD_USER_INPUT/rate_card_too_large, BAD_USER_INPUT/rate_card_unreadable with the first problems.
 */
export const readCard: CardReader = async (frame, csv) => {
  const bytes = Buffer.byteLength(csv);
  if (bytes > cardLimits.bytes) throw cardErrors.rateCardTooLarge(bytes, cardLimits.bytes);
  const sheet = new Sheet(frame);
  const parser = Readable.from([csv]).pipe(
    parse({ bom: true, info: true, relax_column_count: true, skip_empty_lines: true }),
  );
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>) if (!sheet.take(record, info.lines)) break;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    sheet.stop(Number(error["lines"] ?? 1), `be readable from here on: ${error.message}`);
  }
  const { rates, markets, problems } = sheet.end();
  if (problems.length > 0)
    throw cardErrors.rateCardUnreadable(problems.slice(0, cardLimits.problemsShown).map(problemText), problems.length);
  return {
    sha256: createHash("sha256").update(csv).digest("hex"),
    rates,
    markets: markets.map((row) => without(row, "line")),
  };
};

/** What was read so far. */
class Sheet {
  private header: readonly string[] | undefined;
  private form: CardForm | undefined;
  private readonly rates: RateRow[] = [];
  private readonly markets: PlacedMarket[] = [];
  private readonly problems: Problem[] = [];
  constructor(private readonly frame: CardFrame) {}

  stop(line: number, allowed: string, value = ""): false {
    this.problems.push({ line, column: "", value, allowed });
    return false;
  }

  /** False when nothing behind this line can be read. */
  take(record: readonly string[], line: number): boolean {
    if (this.header === undefined || this.form === undefined) return this.takeHeader(record);
    if (line > cardLimits.lines) return this.stop(line, `not be there: a card has at most ${cardLimits.lines} lines`);
    if (record.length !== this.header.length) {
      this.stop(line, `have ${this.header.length} cells, as the header has`, record.join(",").slice(0, 60));
      return true;
    }
    const cells = new Map(this.header.map((column, at) => [column, record[at] ?? ""]));
    const read = this.form.read({ line, cells }, this.frame);
    this.rates.push(...read.rates);
    this.markets.push(...read.markets);
    this.problems.push(...read.problems);
    return true;
  }

  private takeHeader(record: readonly string[]): boolean {
    this.header = record.map(columnName);
    const form = formOf(this.header, this.frame.kind);
    if ("read" in form) this.form = form;
    else this.problems.push(...form);
    return "read" in form;
  }

  end(): {
    readonly rates: readonly RateRow[];
    readonly markets: readonly PlacedMarket[];
    readonly problems: readonly Problem[];
  } {
    const { rates, markets, problems } = this;
    const empty = rates.length + markets.length === 0;
    if (problems.length > 0) return { rates, markets, problems };
    if (empty) this.stop(1, "be followed by lines with values", this.header?.join(",") ?? "");
    else problems.push(...(this.frame.kind === "markets" ? groupingProblems(markets) : rateProblems(rates)));
    return { rates, markets, problems: problems.sort((a, b) => a.line - b.line) };
  }
}
