import { type EventEnvelope } from "@greentick/kernel";
import fc from "fast-check";
import { type Ahead, aheadOf, type Standpoint } from "./ahead.js";
import { type BusRecord } from "./records.js";

const anyEvent = {
  ...{ type: "status.received", version: 1, ancestorIds: [], livemode: true, requestId: "req", correlationId: "req" },
  aggregate: { type: "status", id: "status", version: 1 },
  occurredAt: new Date(0),
  recordedAt: new Date(0),
  actor: { kind: "provider", id: "meta" } as const,
  data: {},
};

type Said = readonly [tenant: number, key: number];

/** Records with these events, one behind the other. */
function logOf(records: readonly (readonly Said[])[]): readonly BusRecord[] {
  let offset = 0;
  return records.map((said) => {
    const events = said.map(([tenant, key], at) => ({
      ...anyEvent,
      id: `evt_${offset + at}` as EventEnvelope["id"],
      tenantId: `ten_${tenant}` as EventEnvelope["tenantId"],
      partitionKey: `key ${key}`,
    }));
    const record = { _id: String(offset), stream: "status", partition: 0, offset, count: events.length, bytes: 1_000 };
    offset += events.length;
    return { ...record, at: new Date(0), events };
  });
}

const logs = fc.array(
  fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 4 })), { minLength: 1, maxLength: 8 }),
  { maxLength: 12 },
);

const fill = (ahead: Ahead, log: readonly BusRecord[]): void => {
  if (ahead.room() > 0) ahead.add(log.filter(({ offset }) => offset >= ahead.end()));
};

/** Handles what there is in batches, and begins anew from where it stood after so many of them. */
function handleAll(log: readonly BusRecord[], { most, restartEvery }: { most: number; restartEvery: number }) {
  const shelf = { bytes: 0 };
  const handled: EventEnvelope[] = [];
  let at: Standpoint = { offset: 0, beyond: [], ahead: 0 };
  for (let round = 0, ahead = aheadOf(at, shelf); round < 1_000; round++) {
    fill(ahead, log);
    const taken = ahead.next(most, false);
    at = ahead.pass(taken);
    handled.push(...taken.map(({ event }) => event));
    if (taken.length === 0 && ahead.end() === (log.at(-1)?.offset ?? 0) + (log.at(-1)?.count ?? 0)) {
      ahead.drop();
      break;
    }
    if (round % restartEvery !== 0) continue;
    ahead.drop();
    ahead = aheadOf(at, shelf);
  }
  return { handled, at, shelf };
}

describe("events read ahead", () => {
  it("are handled once each, every key's in the order of the log, however often somebody else goes on", () => {
    fc.assert(
      fc.property(logs, fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 5 }), (said, most, restartEvery) => {
        const log = logOf(said);
        const all = log.flatMap(({ events }) => events);
        const { handled, at, shelf } = handleAll(log, { most, restartEvery });
        expect(handled.map(({ id }) => id).toSorted()).toEqual(all.map(({ id }) => id).toSorted());
        for (const key of new Set(all.map(({ partitionKey }) => partitionKey))) {
          const ofKey = (events: readonly EventEnvelope[]): string[] =>
            events.filter(({ partitionKey }) => partitionKey === key).map(({ id }) => id);
          expect(ofKey(handled)).toEqual(ofKey(all));
        }
        expect(at).toEqual({ offset: all.length, beyond: [], ahead: 0 });
        expect(shelf.bytes).toBe(0);
      }),
    );
  });

  it("give everybody who waits an equal share of a batch, and what is left over to those who have more", () => {
    const ahead = aheadOf({ offset: 0, beyond: [] }, { bytes: 0 });
    const hot: Said[] = Array.from({ length: 90 }, () => [0, 0]);
    ahead.add(logOf([[...hot, [1, 1], [2, 2], [2, 2]]]));
    const tenants = ahead.next(12, false).map(({ event }) => event.tenantId);
    const countOf = (tenant: string): number => tenants.filter((one) => one === tenant).length;
    expect([countOf("ten_0"), countOf("ten_1"), countOf("ten_2")]).toEqual([9, 1, 2]);
  });

  it("hold no more than their room, and one record always", () => {
    const shelf = { bytes: 0 };
    const [first] = logOf([[[0, 0]]]);
    const ahead = aheadOf({ offset: 0, beyond: [] }, shelf);
    if (first !== undefined) ahead.add([{ ...first, bytes: 9_000_000 }]);
    expect(ahead.room()).toBe(0);
    shelf.bytes += 60_000_000;
    ahead.pass(ahead.next(1, false));
    expect(ahead.room()).toBeGreaterThan(0);
  });
});
