import { type Scope } from "@greentick/kernel";
import { type Sealer } from "@greentick/runtime";
import { type Binary } from "mongodb";
import { type KeptBody } from "../../domain/kept-body.js";
import { type AtMost } from "../../ports.js";
import { type RawRow } from "./raw-inserts.js";

/** The body of a key binds the seal: a sealed body moved under another key does not open. */
export const about = (key: string): string => `webhook/${key}`;

type RowWithBody = RawRow & { readonly body: Binary };
const hasBody = (row: RawRow): row is RowWithBody => row.body !== undefined;

/** Rows that still have their bytes, opened. */
export type OpenRows = <R extends RawRow>(
  rows: readonly R[],
) => readonly { readonly row: R; readonly body: KeptBody }[];

/** One that does not open is damaged, and told so: it must not hold up the others. That the key is the right one is proved at the start (`proveKey`). */
export const opener =
  (sealer: Sealer): OpenRows =>
  (rows) =>
    rows.flatMap((row) => (hasBody(row) ? [{ row, body: toBody(row, openedBy(sealer, row)) }] : []));

function openedBy(sealer: Sealer, row: RowWithBody): Buffer | undefined {
  try {
    return sealer.open(about(row._id), row.body.buffer);
  } catch {
    return undefined;
  }
}

const toBody = (row: RawRow, bytes: Buffer | undefined): KeptBody => ({
  key: row._id,
  provider: row.provider,
  sequence: row.sequence,
  receivedAt: row.receivedAt,
  requestId: row.requestId,
  repeats: row.repeats,
  body: bytes ?? Buffer.alloc(0),
  ...(bytes === undefined && { damaged: true as const }),
});

/** Rows from the beginning until they hold as much as may be open at once; one that is larger by itself is taken alone. `more` when it ended early. */
export async function upTo<R extends RawRow>(
  found: AsyncIterable<R>,
  { bodies, bytes }: AtMost,
): Promise<{ readonly rows: readonly R[]; readonly more: boolean }> {
  const rows: R[] = [];
  let size = 0;
  for await (const row of found) {
    if (rows.length >= bodies || (rows.length > 0 && size + row.sizeBytes > bytes)) return { rows, more: true };
    rows.push(row);
    size += row.sizeBytes;
  }
  return { rows, more: false };
}

/** The log belongs to the deployment, not to a tenant: only system work reads it; what a tenant may see is cut out by its update's owner. */
export function only(scope: Scope): Record<string, never> {
  if (!("system" in scope))
    throw new RangeError("the raw log is read with a system scope; a tenant sees its own updates only");
  return {};
}
