import { type EntryId } from "@greentick/kernel";
import { type LedgerEntry } from "../../domain/ledger-entry.js";
import { without } from "../../domain/without.js";
import {
  type Details,
  detailsOf,
  joinEntry,
  nameWebhook,
  plainEntry,
  type PlainEntry,
  readWebhook,
} from "./entry-halves.js";

interface RowFrame {
  _id: string;
  /** Meta's month, of the price date in the account's zone, where it is another than the month under which the entry is invoiced. */
  metaMonth?: string | undefined;
}

/** An entry as it lies in the store. Amounts are 64-bit integers. */
export type EntryRow = RowFrame & PlainEntry & { schemaVersion: 2; /** JSON. */ details: string };

/** An entry of a version that gave each step of its explanation fields of its own. */
type WideEntryRow = RowFrame & Omit<LedgerEntry, "id"> & { schemaVersion: 1 };

export function toEntryRow(entry: LedgerEntry): EntryRow {
  const metaMonth = entry.service?.localDate.slice(0, 7);
  return {
    _id: entry.id,
    schemaVersion: 2,
    ...plainEntry(entry),
    metaMonth: metaMonth === entry.month ? undefined : metaMonth,
    details: JSON.stringify(detailsOf(entry, nameWebhook)),
  };
}

export function fromEntryRow(row: EntryRow): LedgerEntry {
  const stored = row as EntryRow | WideEntryRow;
  if (stored.schemaVersion === 2)
    return joinEntry(
      stored._id as EntryId,
      { plain: stored, details: JSON.parse(stored.details) as Details },
      readWebhook,
    );
  const { _id, ...rest } = without(stored, "schemaVersion", "metaMonth");
  return { ...rest, id: _id as EntryId };
}
