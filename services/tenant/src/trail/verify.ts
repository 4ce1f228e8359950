import { createHash, type Hash, type KeyObject } from "node:crypto";
import { z } from "zod";
import { type Anchor, type Ending, type Link, type PersonalField, personalFields } from "../domain/trail.js";
import { SignedHeads } from "./coverage.js";
import { canonicalText, commitmentOf, formerFormat, genesis, hashOfLink, trailFormat } from "./record.js";
import {
  AnchorShape,
  EndingShape,
  type KeptHead,
  KeptHeadShape,
  keysById,
  KeySet,
  readStatement,
} from "./statement.js";

/** The first thing that is wrong. `sequence` is the record's place where it is about a record or the chain's end. */
export interface Flaw {
  readonly line: number;
  readonly sequence?: number;
  readonly problem: string;
}

export interface Verdict {
  readonly ok: boolean;
  readonly flaw?: Flaw;
  readonly tenantId?: string;
  readonly firstSequence?: number;
  readonly lastSequence?: number;
  readonly records: number;
  /** Signed heads that the chain was found to contain. */
  readonly anchors: number;
  /** Records whose address and changes were erased with their tenant; their hashes still hold. */
  readonly erased: number;
  /** When the tenant was erased, as the export's end says. */
  readonly erasedAt?: string;
  /** What the file does not prove although nothing in it is wrong. */
  readonly warnings: readonly string[];
  /** Ids of the keys that signed, and whether they came from the file itself: then they prove no more than the file does. */
  readonly keyIds: readonly string[];
  readonly keysFrom: "file" | "given";
}

export interface VerifyOptions {
  /** Keys that were got in another way than the file. */
  readonly keys?: KeySet;
  /** Signed heads that were kept elsewhere: from the log, or the anchors and the end of an earlier export. */
  readonly anchors?: readonly string[];
}

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const Header = z.strictObject({
  type: z.literal("header"),
  format: z.literal(trailFormat),
  tenantId: z.string(),
  firstSequence: z.int().min(1),
  previousHash: hash,
  exportedAt: z.iso.datetime(),
  keys: KeySet,
});
type Header = z.infer<typeof Header>;
const SignedLine = z.strictObject({ type: z.enum(["anchor", "end"]), jws: z.string() });
const salted = z.strictObject({ salt: z.string(), value: z.unknown() });
const RecordLine = z.strictObject({
  type: z.literal("record"),
  link: z.looseObject({
    tenantId: z.string(),
    sequence: z.int().min(1),
    previousHash: hash,
    commitments: z.partialRecord(z.enum(personalFields), hash),
  }),
  personal: z.strictObject({ ip: salted.optional(), changes: salted.optional() }).optional(),
  hash,
});
type RecordLine = z.infer<typeof RecordLine>;

class Broken extends Error {
  constructor(
    problem: string,
    readonly sequence?: number,
    readonly line?: number,
  ) {
    super(problem);
  }
}

/**
 * Checks an exported trail, line by line, in memory that does not grow with it. Nothing outside the arguments is asked. The first flaw ends it.
 */
export class TrailCheck {
  private line = 0;
  private header: Header | undefined;
  private keys: ReadonlyMap<string, KeyObject> = new Map();
  private readonly signedBy = new Set<string>();
  private readonly heads = new Map<number, Anchor>();
  private signedHeads: SignedHeads;
  /** The first record without its personal values. */
  private bare: { readonly sequence: number; readonly line: number } | undefined;
  private erasedAt: string | undefined;
  private warnings: readonly string[] = [];
  private readonly bytes: Hash = createHash("sha256");
  private next = 1;
  private previousHash = genesis;
  private counts = { records: 0, anchors: 0, erased: 0 };
  private ended = false;
  private flaw: Flaw | undefined;

  constructor(private readonly options: VerifyOptions = {}) {
    this.signedHeads = this.headsOf(true);
  }

  /** A line without its newline. False when something is wrong and no more lines are needed. */
  take(line: Buffer): boolean {
    this.line += 1;
    return this.guarded(() => {
      if (this.ended) throw new Broken("something stands after the end of the export");
      this.read(parsed(line), line);
    });
  }

  /** After the last line; `whole` tells whether it ended with a newline. */
  verdict(whole = true): Verdict {
    this.guarded(() => {
      if (!this.ended || !whole) throw new Broken("the file is cut: its signed end is missing", this.next);
    });
    const { flaw, header, next, options, erasedAt, warnings } = this;
    return {
      ok: flaw === undefined,
      ...(flaw && { flaw }),
      ...(header && { tenantId: header.tenantId, firstSequence: header.firstSequence, lastSequence: next - 1 }),
      ...this.counts,
      ...(erasedAt !== undefined && { erasedAt }),
      warnings,
      keyIds: [...this.signedBy],
      keysFrom: options.keys === undefined ? "file" : "given",
    };
  }

  private headsOf(isWhole: boolean): SignedHeads {
    const { keys, anchors } = this.options;
    return new SignedHeads(isWhole, { keys: keys !== undefined, anchors: anchors !== undefined });
  }

  private guarded(work: () => void): boolean {
    if (this.flaw !== undefined) return false;
    try {
      work();
      return true;
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      const { sequence, message: problem, line = this.line } = error;
      this.flaw = { line, ...(sequence !== undefined && { sequence }), problem };
      return false;
    }
  }

  private read(value: unknown, line: Buffer): void {
    if (this.header === undefined) this.begin(headerOf(value));
    else if (hasType(value, "record")) this.record(this.recordOf(value));
    else {
      const { type, jws } = shaped(SignedLine, value, `line ${this.line} is no part of an exported trail`, this.next);
      if (type === "end") this.end(this.signed(EndingShape, jws));
      else this.anchorLine(jws);
    }
    this.bytes.update(line).update("\n");
  }

  private begin(header: Header): void {
    this.header = header;
    this.next = header.firstSequence;
    this.previousHash = header.previousHash;
    if (this.next === 1 && this.previousHash !== genesis)
      throw new Broken("the chain does not begin at its beginning", 1);
    try {
      this.keys = keysById(this.options.keys ?? header.keys);
    } catch {
      throw new Broken("the header's public keys are damaged");
    }
    this.signedHeads = this.headsOf(this.next === 1);
    for (const jws of this.options.anchors ?? []) this.givenHead(this.signed(KeptHeadShape, jws));
  }

  private signed<T>(shape: z.ZodType<T>, jws: string): T {
    try {
      const statement = readStatement(shape, jws, this.keys);
      this.signedBy.add(keyIdOf(jws));
      return statement;
    } catch (error) {
      throw new Broken(
        `a signature does not hold: ${error instanceof Error ? error.message : String(error)}`,
        this.next,
      );
    }
  }

  private anchorLine(jws: string): void {
    const anchor = this.signed(AnchorShape, jws);
    if (anchor.tenantId !== this.header?.tenantId) throw new Broken(`the head of ${anchor.day} is another tenant's`);
    this.signedHeads.inFile(jws);
    this.anchor(anchor);
  }

  /** A head of another tenant's chain is left alone: lists of heads that were kept hold all tenants. */
  private givenHead(head: KeptHead): void {
    if (head.tenantId !== this.header?.tenantId || head.sequence === 0) return;
    this.signedHeads.keptElsewhere(head);
    this.anchor(head);
  }

  private anchor(anchor: Anchor): void {
    const known = this.heads.get(anchor.sequence);
    if (known !== undefined && known.hash !== anchor.hash)
      throw new Broken(`fork: two signed heads (${known.day}, ${anchor.day}) name different records`, anchor.sequence);
    this.heads.set(anchor.sequence, known !== undefined && known.at < anchor.at ? known : anchor);
    if (anchor.sequence === this.next - 1) this.meet(anchor.sequence, this.previousHash);
  }

  private recordOf(value: unknown): RecordLine {
    const record = shaped(RecordLine, value, "the record has another shape", this.next);
    const { link, hash: written } = record;
    if (link.tenantId !== this.header?.tenantId) throw new Broken("the record is another tenant's", this.next);
    if (link.sequence !== this.next) throw new Broken(wrongPlace(this.next, link.sequence), this.next);
    if (link.previousHash !== this.previousHash)
      throw new Broken("the record does not follow the one before: one of the two was changed or exchanged", this.next);
    if (hashOfLink((value as { readonly link: Link }).link) !== written)
      throw new Broken("the record was changed", this.next);
    return record;
  }

  private record({ link, hash: written, personal = {} }: RecordLine): void {
    const promised = personalFields.filter((field) => link.commitments[field] !== undefined);
    const shown = personalFields.filter((field) => personal[field] !== undefined);
    for (const field of shown) this.keepsPromise(field, link.commitments[field], personal[field]);
    if (shown.length < promised.length) {
      this.counts.erased += 1;
      this.bare ??= { sequence: link.sequence, line: this.line };
    }
    if (shown.length > 0 && shown.length < promised.length)
      throw new Broken("some of its values were taken out", this.next);
    this.counts.records += 1;
    this.previousHash = written;
    this.next += 1;
    this.signedHeads.record(link.sequence, link["recordedAt"]);
    this.meet(link.sequence, written);
  }

  private keepsPromise(
    field: PersonalField,
    promise: string | undefined,
    value: z.infer<typeof salted> | undefined,
  ): void {
    if (value === undefined || promise !== commitmentOf({ salt: value.salt, value: value.value }))
      throw new Broken(`the record's ${field} was changed`, this.next);
  }

  /** The chain reached a place of which a signed head is known. */
  private meet(sequence: number, written: string): void {
    const head = this.heads.get(sequence);
    if (head === undefined) return;
    if (head.hash !== written)
      throw new Broken(`the signed head of ${head.day} names another record: the chain was written anew`, sequence);
    this.heads.delete(sequence);
    this.signedHeads.meet(head);
    this.counts.anchors += 1;
  }

  /** Personal values are gone from a whole tenant or from nobody: a single record without them was robbed. */
  private checkErasure({ erasedAt }: Ending): void {
    this.erasedAt = erasedAt;
    if (this.bare === undefined || erasedAt !== undefined) return;
    const { sequence, line } = this.bare;
    throw new Broken("its address and changes were taken out, and the tenant was not erased", sequence, line);
  }

  private end(ending: Ending): void {
    if (ending.tenantId !== this.header?.tenantId) throw new Broken("the end is another tenant's", this.next);
    if (ending.sequence !== this.next - 1 || ending.records !== this.counts.records)
      throw new Broken(
        `the end of the chain was cut: ${ending.records} records to ${ending.sequence} were exported`,
        this.next,
      );
    if (ending.hash !== this.previousHash) throw new Broken("the end names another last record", ending.sequence);
    const beyond = [...this.heads.values()].filter(({ sequence }) => sequence >= this.next);
    const [cut] = beyond.sort((a, b) => a.sequence - b.sequence);
    if (cut !== undefined)
      throw new Broken(`the end of the chain was cut: it reached ${cut.sequence} on ${cut.day}`, this.next);
    if (this.bytes.copy().digest("hex") !== ending.sha256) throw new Broken("the header or an anchor line was changed");
    this.checkErasure(ending);
    const lack = this.signedHeads.lackAt(ending);
    if (lack !== undefined) throw new Broken(lack.problem, lack.sequence);
    this.warnings = this.signedHeads.warningsAt(ending);
    this.ended = true;
  }
}

function headerOf(value: unknown): Header {
  if (typeof value === "object" && value !== null && (value as { format?: unknown }).format === formerFormat)
    throw new Broken(
      `the file is of an older format (${formerFormat}), which cannot tell erased values from ones that were taken out: export the trail again`,
    );
  return shaped(Header, value, "the first line is no header of an exported trail");
}

const wrongPlace = (expected: number, found: number): string =>
  found > expected
    ? `record ${expected} is missing: ${found} stands in its place`
    : `record ${expected} is missing: ${found} stands there, inserted, repeated or out of order`;

const keyIdOf = (jws: string): string =>
  String((JSON.parse(Buffer.from(jws.split(".")[0] ?? "", "base64url").toString()) as { kid?: unknown }).kid);

const hasType = (value: unknown, type: string): boolean =>
  typeof value === "object" && value !== null && (value as { type?: unknown }).type === type;

/** Canonical, to the byte: so that no two lines say the same, and no byte is beyond the hashes. */
function parsed(line: Buffer): unknown {
  const text = line.toString("utf8");
  try {
    const value: unknown = JSON.parse(text);
    if (Buffer.compare(Buffer.from(canonicalText(value)), line) === 0) return value;
  } catch {
    // Told below: it is no line of ours.
  }
  return undefined;
}

function shaped<T>(shape: z.ZodType<T>, value: unknown, ...flaw: [problem: string, sequence?: number]): T {
  const read = shape.safeParse(value);
  if (!read.success) throw new Broken(...flaw);
  return read.data;
}
