import { type ExportAnswer, type ExportQuestion } from "@greentick/contracts";
import { allow, AppError, type Month, type Scope } from "@greentick/kernel";
import { type Statement, statementOf } from "../domain/statement.js";
import { type LedgerEntry } from "../domain/ledger-entry.js";
import { type BalanceStore, type EntryStore } from "../ports.js";
import { readMonth } from "./read-month.js";

/** How an export is written. Each text goes right behind the one before. */
export interface ExportFormat {
  readonly statement: (statement: Statement) => string;
  readonly entriesBegin: (month: Month) => string;
  /** `first` when nothing stands before them. */
  readonly entries: (entries: readonly LedgerEntry[], first: boolean) => string;
  /** Behind the last entry; the totals are the statement's. */
  readonly entriesEnd: (statement: Statement) => string;
}
/** With or without what Meta charges us. */
export type ExportFormats = (format: ExportQuestion["format"], withCost: boolean) => ExportFormat;

export interface ExportPorts {
  readonly entries: EntryStore;
  readonly balances: BalanceStore;
  readonly formats: ExportFormats;
}

/** Few enough that a part is garbage before it grows old: what grows old lies in memory until everything is looked through. */
export const entriesAtOnce = 200;

/**
 * The next part of a client's statement or of its ledger, line by line: 200 entries in the order of their ids, whatever is booked meanwhile. Money
 * is a plain decimal in currency units, to the micro.
 */
export const exportLedger =
  (ports: ExportPorts) =>
  async (question: ExportQuestion): Promise<ExportAnswer> => {
    try {
      allow({ permissions: new Set(question.permissions) }, "billing:read");
      const month = readMonth(question.month);
      const format = ports.formats(question.format, question.permissions.includes("billing:cost"));
      const scope: Scope = { tenant: question.tenantId, ancestors: question.ancestorIds };
      const statement = async (): Promise<Statement> => statementOf(month, await ports.balances.ofMonth(scope, month));
      if (question.what === "statement") return { ok: true, text: format.statement(await statement()) };
      const { after } = question;
      const more = after === undefined ? {} : { after };
      const entries = await ports.entries.after(scope, { month, limit: entriesAtOnce, ...more });
      const body =
        (after === undefined ? format.entriesBegin(month) : "") + format.entries(entries, after === undefined);
      const last = entries.at(-1);
      if (last !== undefined && entries.length === entriesAtOnce) return { ok: true, text: body, next: last.id };
      return { ok: true, text: body + format.entriesEnd(await statement()) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { ok: false, code: error.code, reason: error.reason, message: error.message };
    }
  };
