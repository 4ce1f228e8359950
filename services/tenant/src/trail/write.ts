import { createHash } from "node:crypto";
import { type Ending, type ExportedRecord } from "../domain/trail.js";
import { canonicalText, sha256, trailFormat } from "./record.js";
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
  /** When the tenant's data was erased, if it was; asked after the last record, so that no value is gone of which the end does not know why. */
  readonly erasedAt: () => Promise<Date | undefined>;
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
  let anchors: Ending["anchors"] = { count: 0 };
  for await (const jws of parts.anchors) {
    yield line({ type: "anchor", jws });
    anchors = { count: anchors.count + 1, lastSha256: sha256(jws) };
  }
  let head = { sequence: firstSequence - 1, hash: previousHash };
  let records = 0;
  for await (const record of parts.records) {
    yield line({ type: "record", ...record });
    records += 1;
    head = { sequence: record.link.sequence, hash: record.hash };
  }
  const erasedAt = await parts.erasedAt();
  const ending: Ending = {
    ...{ kind: "export", tenantId, ...head, records, anchors, at },
    ...(erasedAt && { erasedAt: erasedAt.toISOString() }),
    sha256: bytes.digest("hex"),
  };
  yield `${canonicalText({ type: "end", jws: await parts.sign(ending) })}\n`;
}
