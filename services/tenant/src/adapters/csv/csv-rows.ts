import { Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { type CsvRows } from "../../ports/consent.js";

interface Parsed {
  readonly record: Record<string, string | undefined>;
  readonly info: { readonly lines: number };
}

const headline = (cells: string[]): string[] => cells.map((cell) => cell.trim().toLowerCase());

/** RFC 4180 with a headline, as a stream: a file is never held twice. */
export const csvRows: CsvRows = async function* (text) {
  const options = { columns: headline, bom: true, info: true, relax_column_count: true, skip_empty_lines: true };
  const parser = Readable.from([text]).pipe(parse(options));
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>) yield { line: info.lines, cells: record };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    yield { line: Number(error["lines"] ?? 1), problem: `cannot be read from here on: ${error.message}` };
  }
};
