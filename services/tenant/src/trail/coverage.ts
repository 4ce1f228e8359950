import { type Anchor, type Ending } from "../domain/trail.js";
import { sha256 } from "./record.js";
import { type KeptHead } from "./statement.js";

/** How long a record may stand in a chain without a signed head after it. Heads are signed daily; a platform may stand still for a while. */
const dailyMs = 2 * 86_400_000;
/** And in a chain that has none yet: its first head is signed within minutes. */
const firstMs = 3_600_000;

/** Records that no signed head covered for longer than it may be. Times are system time. */
interface Uncovered {
  readonly sequence: number;
  readonly recordedAt: string;
}

/** Watches, in the order of the chain, how soon after its recording each record came under a signed head. */
class Coverage {
  private oldest: { readonly sequence: number; readonly at: number } | undefined;
  private met = 0;
  private firstLate: Uncovered | undefined;

  constructor(private readonly isWhole: boolean) {}

  record(sequence: number, recordedAt: unknown): void {
    const at = typeof recordedAt === "string" ? Date.parse(recordedAt) : Number.NaN;
    if (Number.isNaN(at)) return;
    if (this.oldest === undefined || at < this.oldest.at) this.oldest = { sequence, at };
  }

  /** The chain reached a head that was signed then. */
  head(signedAt: string): void {
    this.firstLate ??= this.waitingAt(signedAt, dailyMs);
    this.oldest = undefined;
    this.met += 1;
  }

  /** Records that waited too long for the head that covers them. */
  late(): Uncovered | undefined {
    return this.firstLate;
  }

  /** Records of which no head was found although there should be one by then. */
  open(exportedAt: string): Uncovered | undefined {
    return this.waitingAt(exportedAt, this.met === 0 && this.isWhole ? firstMs : dailyMs);
  }

  private waitingAt(time: string, longestMs: number): Uncovered | undefined {
    if (this.oldest === undefined || Date.parse(time) - this.oldest.at <= longestMs) return undefined;
    return { sequence: this.oldest.sequence, recordedAt: new Date(this.oldest.at).toISOString() };
  }
}

/** What is wrong, at the record it is about. */
export interface Lack {
  readonly problem: string;
  readonly sequence?: number;
}

/** How much of a chain is signed: the heads in the file, those that were kept elsewhere, and what they cover. */
export class SignedHeads {
  private lines: Ending["anchors"] = { count: 0 };
  private readonly given = new Set<number>();
  private anchorsThen = 0;
  private met = 0;
  private givenMet = 0;
  private readonly coverage: Coverage;

  constructor(
    isWhole: boolean,
    private readonly wanted: { readonly keys: boolean; readonly anchors: boolean },
  ) {
    this.coverage = new Coverage(isWhole);
  }

  inFile(jws: string): void {
    this.lines = { count: this.lines.count + 1, lastSha256: sha256(jws) };
  }

  keptElsewhere({ sequence, anchorsThen = 0 }: KeptHead): void {
    this.anchorsThen = Math.max(this.anchorsThen, anchorsThen);
    this.given.add(sequence);
  }

  record(sequence: number, recordedAt: unknown): void {
    this.coverage.record(sequence, recordedAt);
  }

  meet({ sequence, at }: Pick<Anchor, "sequence" | "at">): void {
    this.coverage.head(at);
    this.met += 1;
    if (this.given.has(sequence)) this.givenMet += 1;
  }

  /** What lacks at the end of the file. Records without a head are a flaw only for who brought something to measure the file by. */
  lackAt({ anchors, at }: Ending): Lack | undefined {
    const { count } = this.lines;
    if (anchors.count !== count || anchors.lastSha256 !== this.lines.lastSha256)
      return { problem: `${anchors.count} signed heads were exported, ${count} are in the file` };
    if (count < this.anchorsThen)
      return {
        problem: `an earlier export had ${this.anchorsThen} signed heads, this one has ${count}: some were taken out of the store`,
      };
    if (this.wanted.anchors && this.givenMet === 0)
      return { problem: "none of the heads that were given lies in this export, so they prove nothing about it" };
    const open = this.coverage.open(at);
    const isMeasured = this.wanted.keys || this.wanted.anchors;
    return open !== undefined && isMeasured
      ? { problem: `the record was ${uncovered(open)}`, sequence: open.sequence }
      : undefined;
  }

  warningsAt({ at, records }: Ending): readonly string[] {
    const [open, late] = [this.coverage.open(at), this.coverage.late()];
    return [
      ...(records > 0 && this.met === 0 ? [unsigned] : []),
      ...(open === undefined ? [] : [`Record ${open.sequence} was ${uncovered(open)}.`]),
      ...(late === undefined ? [] : [`Record ${late.sequence} was ${lateWords(late)}`]),
    ];
  }
}

const unsigned =
  "No signed head was met: only the signed end covers these records, and it was signed when they were exported.";

const uncovered = ({ recordedAt }: Uncovered): string =>
  `recorded at ${recordedAt}, and no signed head stands after it: heads are signed daily, so those that covered it were taken out of the store or never made`;

const lateWords = ({ recordedAt }: Uncovered): string =>
  `recorded at ${recordedAt} and came under a signed head more than two days later. For the time between, nothing signed in this file covers it: compare with heads kept elsewhere.`;
