import { type LocalDate, microsFromDecimal } from "@greentick/kernel";
import { isDay } from "../../domain/calendar.js";
import { type Problem } from "../../domain/card-content.js";

/** A line of a file whose header is known. */
export interface Line {
  readonly line: number;
  readonly cells: ReadonlyMap<string, string>;
}

const shownLength = 60;

/** Reads the cells of one line and collects what is wrong with them. */
export class Cells {
  readonly problems: Problem[] = [];
  constructor(private readonly row: Line) {}

  text(column: string): string {
    return (this.row.cells.get(column) ?? "").trim();
  }

  refuse(column: string, allowed: string): void {
    const value = this.text(column).slice(0, shownLength);
    this.problems.push({ line: this.row.line, column, value, allowed });
  }

  matching(column: string, pattern: RegExp, allowed: string): string {
    const text = this.text(column);
    if (!pattern.test(text)) this.refuse(column, allowed);
    return text;
  }

  day(column: string): LocalDate {
    const text = this.text(column);
    if (!isDay(text)) this.refuse(column, "be a day such as 2026-10-01");
    return text as LocalDate;
  }

  optionalDay(column: string): LocalDate | undefined {
    return this.text(column) === "" ? undefined : this.day(column);
  }

  /** The day that the whole card has. */
  sameDay(column: string, day: LocalDate | undefined): void {
    const text = this.text(column);
    if (text !== (day ?? ""))
      this.refuse(column, day === undefined ? "be empty, as the card has no last day" : `be ${day}, the card's own`);
  }

  /** A whole number below a thousand million million. */
  position(column: string): number {
    return Number(this.matching(column, /^\d{1,15}$/, "be a whole number"));
  }

  market(column: string): string {
    const text = this.text(column);
    if (text === "" || text.length > shownLength) this.refuse(column, `be a name of at most ${shownLength} letters`);
    return text;
  }

  /** Undefined for `n/a`, Meta's word where a market has no such rate; never zero for anything but a zero. */
  rate(column: string): bigint | undefined {
    const text = this.text(column);
    if (/^n\/a$/i.test(text)) return undefined;
    if (/^\d{1,9}(\.\d{1,6})?$/.test(text)) return microsFromDecimal(text);
    this.refuse(column, "be a plain decimal with at most nine digits before and six behind the point, or n/a");
    return undefined;
  }
}
