import { type EventEnvelope } from "@greentick/kernel";
import { type BusRecord, endOf } from "./records.js";

/** How far the events of one tenant are handled beyond where everybody's are. */
export interface Beyond {
  readonly tenantId: string;
  /** Not included. */
  readonly offset: number;
}

/** Where a consumer stands in a partition: everything before `offset`, and of some tenants more. */
export interface Standpoint {
  /** At the edge of a record. */
  readonly offset: number;
  readonly beyond: readonly Beyond[];
  /** Events behind `offset` that are handled all the same. */
  readonly ahead: number;
}

/** What a process holds of what it read ahead, all its lanes together. */
export interface Shelf {
  bytes: number;
}

/** Of one lane, and of all lanes of a process; a lane may always hold one record. */
const mostBytes = { lane: 8_000_000, process: 48_000_000 };
const keysRemembered = 10_000;

export interface Placed {
  readonly event: EventEnvelope;
  readonly offset: number;
}

interface Held {
  readonly end: number;
  readonly offset: number;
  readonly bytes: number;
  /** Events of it that are not handled. */
  left: number;
}

/** Events of one partition that are read and not handled, by tenant: whoever has many waits for himself. */
export interface Ahead {
  /** Where the next read begins. */
  readonly end: () => number;
  /** Bytes that may still be read; zero while something has to be handled first. */
  readonly room: () => number;
  readonly add: (records: readonly BusRecord[]) => void;
  readonly isEmpty: () => boolean;
  /** The next events, at most so many, by turns of their tenants; each tenant's in the order of the log. `inOrder`: the oldest of all. */
  readonly next: (most: number, inOrder: boolean) => readonly Placed[];
  /** They are handled. */
  readonly pass: (events: readonly Placed[]) => Standpoint;
  /** Gives its place on the shelf back. */
  readonly drop: () => void;
}

export function aheadOf(from: Omit<Standpoint, "ahead">, shelf: Shelf): Ahead {
  const done = new Map(from.beyond.map(({ tenantId, offset }) => [tenantId, offset]));
  const queues = new Map<string, Placed[]>();
  const records: Held[] = [];
  const owners = keyOwners();
  let { offset } = from;
  let end = offset;
  let [bytes, last] = [0, ""];
  /** A key that changed hands keeps its order: nobody has a turn until what its old owner sent is handled. */
  let isBarred = false;
  const hold = (amount: number): void => {
    bytes += amount;
    shelf.bytes += amount;
  };
  const settle = (): void => {
    for (let first = records[0]; first?.left === 0; first = records[0]) {
      offset = first.end;
      hold(-first.bytes);
      records.shift();
    }
    if (records.length === 0) isBarred = false;
    for (const [tenant, to] of done) if (to <= offset) done.delete(tenant);
  };
  const isMixed = (events: readonly Placed[]): boolean => {
    let mixed = false;
    for (const one of events) {
      mixed ||= owners.isAnothers(one.event, offset);
      owners.note(one);
    }
    return mixed;
  };
  /** False where the next read has to wait: behind a record that changes a key's owner, and before it while others wait here. */
  const addOne = (record: BusRecord): boolean => {
    const placed = record.events.map((event, at) => ({ event, offset: record.offset + at }));
    const fresh = placed.filter((one) => one.offset >= (done.get(one.event.tenantId) ?? 0));
    const mixed = isMixed(fresh);
    if (mixed && records.length > 0) return false;
    for (const one of fresh) {
      const queue = queues.get(one.event.tenantId);
      if (queue === undefined) queues.set(one.event.tenantId, [one]);
      else queue.push(one);
    }
    records.push({ offset: record.offset, end: endOf(record), bytes: record.bytes, left: fresh.length });
    hold(record.bytes);
    end = endOf(record);
    return !mixed;
  };
  return {
    end: () => end,
    room: () => {
      if (records.length === 0) return mostBytes.lane;
      return isBarred ? 0 : Math.max(0, Math.min(mostBytes.lane - bytes, mostBytes.process - shelf.bytes));
    },
    add: (read) => {
      isBarred = !read.every(addOne);
      settle();
    },
    isEmpty: () => queues.size === 0,
    next: (most, inOrder) => {
      const first = records[0];
      if (isBarred && first) return oldestOf(queues, first.end).slice(0, most);
      if (inOrder) return oldestOf(queues, Infinity).slice(0, most);
      const turns = byTurns(queues, last, most);
      last = turns.last;
      return turns.events;
    },
    pass: (events) => {
      for (const [tenant, count] of countsOf(events)) {
        const queue = queues.get(tenant) ?? [];
        for (const one of queue.splice(0, count)) {
          done.set(tenant, one.offset + 1);
          const record = recordAt(records, one.offset);
          if (record) record.left -= 1;
        }
        if (queue.length === 0) queues.delete(tenant);
      }
      settle();
      const waiting = records.reduce((sum, { left }) => sum + left, 0);
      const beyond = [...done].map(([tenantId, to]) => ({ tenantId, offset: to }));
      return { offset, beyond, ahead: end - offset - waiting };
    },
    drop: () => {
      hold(-bytes);
    },
  };
}

/** Whose events a key's are, as long as they may wait here. */
function keyOwners(): {
  readonly note: (one: Placed) => void;
  readonly isAnothers: (event: EventEnvelope, since: number) => boolean;
} {
  const known = new Map<string, { readonly tenantId: string; readonly offset: number }>();
  return {
    note: ({ event, offset }) => {
      known.delete(event.partitionKey);
      known.set(event.partitionKey, { tenantId: event.tenantId, offset });
      for (const oldest of known.keys()) {
        if (known.size <= keysRemembered) break;
        known.delete(oldest);
      }
    },
    isAnothers: ({ partitionKey, tenantId }, since) => {
      const owner = known.get(partitionKey);
      return owner !== undefined && owner.tenantId !== tenantId && owner.offset >= since;
    },
  };
}

function countsOf(events: readonly Placed[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { event } of events) counts.set(event.tenantId, (counts.get(event.tenantId) ?? 0) + 1);
  return counts;
}

const byOffset = (a: Placed, b: Placed): number => a.offset - b.offset;

const oldestOf = (queues: ReadonlyMap<string, readonly Placed[]>, before: number): readonly Placed[] =>
  [...queues.values()].flatMap((queue) => queue.filter(({ offset }) => offset < before)).toSorted(byOffset);

/** An equal share for everybody who waits, in rotation behind `last`; what shares are left over goes to those who have more. */
function byTurns(
  queues: ReadonlyMap<string, readonly Placed[]>,
  last: string,
  most: number,
): { readonly events: readonly Placed[]; readonly last: string } {
  const names = [...queues.keys()].toSorted();
  const next = names.findIndex((name) => name > last);
  const turns = next < 0 ? names : [...names.slice(next), ...names.slice(0, next)];
  const taken = new Map<string, number>();
  const share = Math.max(1, Math.floor(most / Math.max(turns.length, 1)));
  let left = most;
  for (const limit of [share, most])
    for (const name of turns) {
      const before = taken.get(name) ?? 0;
      const more = Math.min(left, limit - before, (queues.get(name)?.length ?? 0) - before);
      if (more <= 0) continue;
      taken.set(name, before + more);
      left -= more;
    }
  const events = [...taken].flatMap(([name, count]) => queues.get(name)?.slice(0, count) ?? []);
  return { events: events.toSorted(byOffset), last: turns.findLast((name) => taken.has(name)) ?? last };
}

function recordAt(records: readonly Held[], offset: number): Held | undefined {
  let [low, high] = [0, records.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((records[middle]?.end ?? Infinity) <= offset) low = middle + 1;
    else high = middle;
  }
  return records[low];
}
