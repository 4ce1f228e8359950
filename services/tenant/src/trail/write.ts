import { createHash } from "node:crypto";
import { type Ending, type ExportedRecord } from "../domain/trail.js";
import { canonicalText, trailFormat } from "./record.js";
import { type KeySet } from "./statement.js";

export interface TrailParts {
  readonly tenantId: string;
  readonly firstSequence: number;
  /** Of the record before the first one. */
  readonly previousHash: string;
  /** System time. */
  readonly exportedAt: Date;
  readonly keys: KeySet;
  /** Signed heads, oldest first. */
  readonly anchors: AsyncIterable<string>;
  /** In the order of the chain, without gaps. */
  readonly records: AsyncIterable<ExportedRecord>;
  readonly sign: (ending: Ending) => Promise<string>;
}

/**
 * An exported trail, line by line, each with its newline: a header with the public keys, the signed daily heads, the records, and a signed
 * end. Canonical JSON; nothing but the running hash is held.
 */
export async function* trailLines(parts: TrailParts): AsyncGenerator<string> {
  const { tenantId, firstSequence, previousHash, exportedAt, keys } = parts;
  const bytes = createHash("sha256");
  const line = (value: object): string => {
    const text = `${canonicalText(value)}\n`;
    bytes.update(text);
    return text;
  };
  const at = exportedAt.toISOString();
  yield line({ type: "header", format: trailFormat, tenantId, firstSequence, previousHash, exportedAt: at, keys });
  for await (const jws of parts.anchors) yield line({ type: "anchor", jws });
  let head = { sequence: firstSequence - 1, hash: previousHash };
  let records = 0;
  for await (const record of parts.records) {
    yield line({ type: "record", ...record });
    records += 1;
    head = { sequence: record.link.sequence, hash: record.hash };
  }
  const ending = { kind: "export" as const, tenantId, ...head, records, sha256: bytes.digest("hex"), at };
  yield `${canonicalText({ type: "end", jws: await parts.sign(ending) })}\n`;
}
