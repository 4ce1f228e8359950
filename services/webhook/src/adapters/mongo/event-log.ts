import { type Clock, type EventId, type TenantId } from "@greentick/kernel";
import { type Database, isDuplicateKey, isShredded, scopeFilter, type Vault } from "@greentick/runtime";
import { Binary, type Collection, type Filter } from "mongodb";
import { type EventLog, type PlacedEvent, type PublishedEvent } from "../../ports/outgoing.js";
import { streamRows, type Streams } from "./streams.js";

interface EventRow {
  _id: EventId;
  tenantId: TenantId;
  ancestorIds: readonly TenantId[];
  livemode: boolean;
  schemaVersion: 1;
  /** From 1 on, without gaps; 0 for a sample, which stands in no order. */
  place: number | bigint;
  kind: string;
  key: string;
  occurredAt: Date;
  /** System time. */
  keptAt: Date;
  /** By version of the payload, sealed under the tenant's key. */
  bodies: Record<string, Binary>;
  test: boolean;
}

export interface EventLogParts {
  readonly database: Database;
  readonly vault: Vault;
  readonly now: Clock;
}

const fieldOf = (version: string): string => `published_body/${version}`;

/** Published events over MongoDB: one document each, dense places in each tenant. */
export function mongoEventLog(parts: EventLogParts): EventLog & {
  readonly ensureIndexes: () => Promise<void>;
  readonly close: () => void;
} {
  const rows: Collection<EventRow> = parts.database.db.collection("published");
  const streams = streamRows(parts.database);
  const bodies = sealing(parts.vault);
  const inTurn = turns();
  const keepOfOne = (events: readonly PublishedEvent[]): Promise<readonly PlacedEvent[]> =>
    inTurn(events[0]?.tenantId ?? "", () => keepInOrder({ rows, streams, bodies, now: parts.now }, events));
  const shown = (found: readonly EventRow[]): Promise<PlacedEvent[]> => Promise.all(found.map(bodies.fromRow));
  const read = async (filter: Filter<EventRow>, atMost: number): Promise<readonly PlacedEvent[]> =>
    shown(await rows.find(filter).sort({ place: 1 }).limit(atMost).toArray());
  return {
    keep: async (_scope, events) => {
      const kept = await Promise.all([...groups(events).values()].map(keepOfOne));
      return kept.flat();
    },
    behind: (scope, place, { kinds, atMost, upTo }) =>
      read({ ...scopeFilter(scope), place: { $gt: place, $lte: upTo }, kind: { $in: [...kinds] } }, atMost),
    placeOf: async (scope, id) => {
      const row = await rows.findOne(
        { ...scopeFilter(scope), _id: { $eq: id as EventId } },
        { projection: { place: 1 } },
      );
      return row === null ? undefined : Number(row.place);
    },
    last: (scope) => streams.last(scope),
    body: async (scope, id, version) => {
      const row = await rows.findOne({ ...scopeFilter(scope), _id: { $eq: id as EventId } });
      return row === null ? undefined : (await bodies.fromRow(row)).bodies[version];
    },
    between: (scope, { from, before, kinds, atMost }) => {
      const kept = { keptAt: { $gte: from, $lt: before }, place: { $gt: 0 }, kind: { $in: [...kinds] } };
      return read({ ...scopeFilter(scope), ...kept }, atMost);
    },
    want: (_scope, owner, until) => streams.want(owner, until),
    wantedBy: (_scope, tenantIds, now) => streams.wantedBy(tenantIds, now),
    stirred: streams.stirred,
    eraseBefore: async (_scope, before, held) => {
      const old = { keptAt: { $lt: before }, tenantId: { $nin: [...held] } };
      return (await rows.deleteMany(old)).deletedCount;
    },
    eraseTenant: async (scope) => {
      await rows.deleteMany(scopeFilter(scope));
      await streams.forget(scope);
    },
    ensureIndexes: async () => {
      await rows.createIndexes([
        { key: { tenantId: 1, place: 1 }, name: "place", unique: true, partialFilterExpression: { place: { $gt: 0 } } },
        { key: { tenantId: 1, keptAt: 1 }, name: "kept" },
        { key: { keptAt: 1 }, name: "oldest" },
      ]);
    },
    close: streams.close,
  };
}

function groups(events: readonly PublishedEvent[]): ReadonlyMap<TenantId, PublishedEvent[]> {
  const byTenant = new Map<TenantId, PublishedEvent[]>();
  for (const one of events) byTenant.set(one.tenantId, [...(byTenant.get(one.tenantId) ?? []), one]);
  return byTenant;
}

/** One after the other for each name: in one process two batches of a tenant do not fight over its places. */
function turns(): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  const tails = new Map<string, Promise<unknown>>();
  return (name, work) => {
    const mine = (tails.get(name) ?? Promise.resolve()).then(work, work);
    tails.set(name, mine);
    const forget = (): void => {
      if (tails.get(name) === mine) tails.delete(name);
    };
    mine.then(forget, forget);
    return mine;
  };
}

interface Keeping {
  readonly rows: Collection<EventRow>;
  readonly streams: Streams;
  readonly bodies: ReturnType<typeof sealing>;
  readonly now: Clock;
}

/**
 * Another process may take a place first: then the next one is tried. How far the tenant's events reach is told when all are found, also when they
 * were kept by a process that died before it told. @throws Error when that never ends.
 */
async function keepInOrder(parts: Keeping, events: readonly PublishedEvent[]): Promise<readonly PlacedEvent[]> {
  const { rows, streams, bodies, now } = parts;
  for (let tries = 0; tries < 100; tries++) {
    const ids = events.map(({ id }) => id);
    const there = await rows.find({ _id: { $in: ids } }, { projection: { place: 1 } }).toArray();
    const places = new Map(there.map((row) => [row._id, Number(row.place)]));
    const fresh = events.filter(({ id }, at) => !places.has(id) && ids.indexOf(id) === at);
    const owner = events[0];
    if (owner === undefined) return [];
    if (fresh.length === 0) {
      await streams.reached(owner, Math.max(...places.values()));
      return events.flatMap((one) => {
        const place = places.get(one.id);
        return place === undefined ? [] : [{ ...one, place }];
      });
    }
    let place = await lastPlace(rows, owner.tenantId, await streams.last({ tenant: owner.tenantId, ancestors: [] }));
    const keptAt = now();
    const made: EventRow[] = [];
    for (const one of fresh) {
      const row = await bodies.toRow(one, { place: one.test ? 0 : place + 1, keptAt });
      if (row === undefined) return [];
      if (!one.test) place += 1;
      made.push(row);
    }
    try {
      await rows.insertMany(made, { ordered: true });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }
  throw new Error("No place was free for published events: too many processes keep events of one tenant at once.");
}

async function lastPlace(rows: Collection<EventRow>, tenantId: TenantId, known: number): Promise<number> {
  const latest = await rows
    .find({ tenantId, place: { $gt: 0 } }, { projection: { place: 1 } })
    .sort({ place: -1 })
    .limit(1)
    .next();
  return Math.max(known, Number(latest?.place ?? 0));
}

interface Bodies {
  /** Undefined for a tenant whose keys are destroyed. */
  readonly toRow: (
    event: PublishedEvent,
    at: { readonly place: number; readonly keptAt: Date },
  ) => Promise<EventRow | undefined>;
  readonly fromRow: (row: EventRow) => Promise<PlacedEvent>;
}

function sealing(vault: Vault): Bodies {
  const place = (tenantId: TenantId, record: string, version: string) => ({
    tenantId,
    record,
    field: fieldOf(version),
  });
  const each = async <T>(entries: readonly (readonly [string, T])[], work: (v: string, t: T) => Promise<Binary>) =>
    Object.fromEntries(await Promise.all(entries.map(async ([v, t]) => [v, await work(v, t)] as const)));
  return {
    toRow: async ({ id, tenantId, ancestorIds, livemode, kind, key, occurredAt, bodies, test }, at) => {
      try {
        const sealed = await each(
          Object.entries(bodies),
          async (version, text) => new Binary(await vault.seal(place(tenantId, id, version), text)),
        );
        const about = { tenantId, ancestorIds, livemode, schemaVersion: 1 as const, kind, key, occurredAt, test };
        return { _id: id, ...about, ...at, bodies: sealed };
      } catch (error) {
        if (isShredded(error)) return undefined;
        throw error;
      }
    },
    fromRow: async (row) => {
      const { _id: id, tenantId, ancestorIds, livemode, kind, key, occurredAt, test } = row;
      const opened = await Promise.all(
        Object.entries(row.bodies).map(async ([version, sealed]) => {
          const text = await vault.open(place(tenantId, id, version), sealed.buffer);
          return [version, text.toString("utf8")] as const;
        }),
      );
      const about = { id, tenantId, ancestorIds, livemode, kind, key, occurredAt, test };
      return { ...about, place: Number(row.place), bodies: Object.fromEntries(opened) };
    },
  };
}
