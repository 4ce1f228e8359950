import { consentsImported, event } from "@greentick/contracts";
import { allow, AppError, type Call } from "@greentick/kernel";
import { consentErrors } from "../domain/consent.js";
import { columnOf, readConsentRow, type RowProblem } from "../domain/consent-row.js";
import { type CsvRows } from "../ports/consent.js";
import { type ConsentPorts, noteStep } from "./record-consent.js";

export interface ImportReport {
  readonly rows: number;
  readonly recorded: number;
  /** Rows whose evidence was known already. */
  readonly unchanged: number;
  readonly problems: readonly RowProblem[];
}
export type ImportConsents = (call: Call, csv: string) => Promise<ImportReport>;

const mostRows = 2_000;

/**
 * Reads a file of agreements. A row that cannot be right is named with line and column and keeps no other from being read; the same file again
 * changes nothing. @throws BAD_USER_INPUT/too_many_rows before anything is written.
 */
export const importConsents =
  (ports: ConsentPorts & { readonly csvRows: CsvRows }): ImportConsents =>
  async (call, csv) => {
    allow(call, "consent:write");
    const rows = await allRows(ports.csvRows, csv);
    const problems: RowProblem[] = [];
    const counts = { recorded: 0, unchanged: 0 };
    for (const row of rows) {
      const outcome = await noteRow(ports, call, row);
      if (typeof outcome === "string") counts[outcome] += 1;
      else problems.push(outcome);
    }
    const told = { rows: rows.length, ...counts, refused: problems.length };
    await ports.consents.tell(call, `import:${call.requestId}`, [event(consentsImported, told)]);
    call.log.info(told, "consents imported");
    return { rows: rows.length, ...counts, problems };
  };

type Row = CsvRows extends (text: string) => AsyncIterable<infer R> ? R : never;

async function allRows(csvRows: CsvRows, csv: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const row of csvRows(csv)) {
    rows.push(row);
    if (rows.length > mostRows) throw consentErrors.tooManyRows(mostRows);
  }
  return rows;
}

async function noteRow(ports: ConsentPorts, call: Call, row: Row): Promise<"recorded" | "unchanged" | RowProblem> {
  if ("problem" in row) return row;
  const read = readConsentRow(row.cells);
  if ("problem" in read) return { line: row.line, ...read };
  try {
    const { isNew } = await noteStep(ports, call, read);
    return isNew ? "recorded" : "unchanged";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { field } = error.details;
    return { line: row.line, ...(typeof field === "string" && { column: columnOf(field) }), problem: error.message };
  }
}
