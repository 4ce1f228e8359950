import { after, minuteMs, type TenantId } from "@greentick/kernel";
import { type Database } from "@greentick/runtime";
import { type Collection, ObjectId } from "mongodb";
import { type Fact } from "../../domain/fact.js";
import { type OpenNote } from "../../ports.js";
import { insertMissing } from "./write-many.js";

/** A fact and the version that it is about to get. */
interface NotedFact {
  readonly id: string;
  readonly version: number;
}

/** What one writer is about to book for one client: durable before the facts are, gone once their entries are in the ledger. */
interface NoteRow {
  _id: string;
  tenantId: TenantId;
  ancestorIds: readonly TenantId[];
  schemaVersion: 2;
  /** JSON: ids and versions in turn. */
  facts: string;
  /** System time. */
  since: Date;
  dueAt: Date;
}

/** A note of a version that gave each fact fields of its own; gone a day after that version. */
type WideNoteRow = Omit<NoteRow, "schemaVersion" | "facts"> & { schemaVersion: 1; facts: readonly NotedFact[] };

const packFacts = (facts: readonly NotedFact[]): string =>
  JSON.stringify(facts.map(({ id, version }) => [id, version]));

function factsIn(row: NoteRow): readonly NotedFact[] {
  const stored = row as NoteRow | WideNoteRow;
  if (stored.schemaVersion === 1) return stored.facts;
  return (JSON.parse(stored.facts) as [string, number][]).map(([id, version]) => ({ id, version }));
}

/** Longer than a batch takes; whoever is slower than this is helped, which repeats work and changes nothing. */
const patienceMs = minuteMs;

export interface BookingNotes {
  /** The note of each fact, by the fact's id. */
  readonly open: (facts: readonly Fact[], now: Date) => Promise<ReadonlyMap<string, string>>;
  readonly openAmong: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly factsOf: (id: string) => Promise<readonly NotedFact[]>;
  readonly close: (ids: readonly string[]) => Promise<void>;
  readonly due: (now: Date, limit: number) => Promise<readonly OpenNote[]>;
  readonly putOff: (id: string, until: Date) => Promise<void>;
  readonly ensureIndexes: () => Promise<void>;
}

/** One small document for a batch of a client instead of a second write of every fact. */
export function bookingNotes(database: Database): BookingNotes {
  const rows: Collection<NoteRow> = database.db.collection("booking_notes");
  return {
    open: async (facts, now) => {
      const byTenant = new Map<TenantId, Fact[]>();
      for (const fact of facts) byTenant.set(fact.tenantId, [...(byTenant.get(fact.tenantId) ?? []), fact]);
      const noted = [...byTenant.values()].flatMap((own) => noteOf(own, now));
      await insertMissing(
        database,
        "booking_notes",
        noted.map(({ row }) => row),
      );
      return new Map(noted.flatMap(({ row, own }) => own.map(({ id }) => [id, row._id] as const)));
    },
    openAmong: async (ids) => {
      if (ids.length === 0) return new Set();
      const found = await rows.find({ _id: { $in: [...new Set(ids)] } }, { projection: { _id: 1 } }).toArray();
      return new Set(found.map(({ _id }) => _id));
    },
    factsOf: async (id) => {
      const row = await rows.findOne({ _id: id });
      return row === null ? [] : factsIn(row);
    },
    close: async (ids) => {
      if (ids.length > 0) await rows.deleteMany({ _id: { $in: [...ids] } });
    },
    due: async (now, limit) => {
      const found = await rows
        .find({ dueAt: { $lte: now } })
        .sort({ dueAt: 1 })
        .limit(limit)
        .toArray();
      return found.map(({ _id, since }) => ({ id: _id, since }));
    },
    putOff: async (id, until) => {
      await rows.updateOne({ _id: id }, { $set: { dueAt: until } });
    },
    ensureIndexes: async () => {
      await rows.createIndexes([{ key: { dueAt: 1 }, name: "due" }]);
    },
  };
}

function noteOf(own: readonly Fact[], now: Date): { readonly row: NoteRow; readonly own: readonly Fact[] }[] {
  return own.slice(0, 1).map(({ tenantId, ancestorIds }) => ({
    own,
    row: {
      _id: `${tenantId}/${new ObjectId().toHexString()}`,
      tenantId,
      ancestorIds,
      schemaVersion: 2,
      facts: packFacts(own.map(({ id, version }) => ({ id, version: version + 1 }))),
      since: now,
      dueAt: after(now, patienceMs),
    },
  }));
}
