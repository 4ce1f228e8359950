import { type Scope, type TenantId } from "@greentick/kernel";
import { type Database, scopeFilter } from "@greentick/runtime";
import { type Collection } from "mongodb";
import { type OwnerOf } from "../../ports/outgoing.js";

interface StreamRow {
  _id: TenantId;
  tenantId: TenantId;
  ancestorIds: readonly TenantId[];
  livemode: boolean;
  schemaVersion: 1;
  /** Highest place ever given: places go on behind it when everything before was erased. */
  last: number | bigint;
  /** System time until which somebody may come back for the tenant's events. */
  wantedUntil?: Date;
}

/** Where each tenant's published events have got to, and who waits for the next one. */
export interface Streams {
  readonly last: (scope: Scope) => Promise<number>;
  readonly reached: (owner: OwnerOf, place: number) => Promise<void>;
  readonly want: (owner: OwnerOf, until: Date) => Promise<void>;
  readonly wantedBy: (tenantIds: readonly TenantId[], now: Date) => Promise<ReadonlySet<TenantId>>;
  readonly stirred: (
    tenantId: TenantId,
    behind: number,
    wait: { readonly ms: number; readonly gone: AbortSignal },
  ) => Promise<void>;
  readonly forget: (scope: Scope) => Promise<void>;
  readonly close: () => void;
}

interface Waiting {
  readonly tenantId: TenantId;
  readonly behind: number;
  readonly over: () => void;
}

/** Events that another process kept are seen at the next look. */
const lookEveryMs = 500;

export function streamRows(database: Database): Streams {
  const rows: Collection<StreamRow> = database.db.collection("streams");
  const waiters = waitingList(async (tenantIds) => {
    const found = await rows.find({ _id: { $in: [...tenantIds] } }, { projection: { last: 1 } }).toArray();
    return new Map(found.map((row) => [row._id, Number(row.last)]));
  });
  const upsert = async (
    { tenantId, ancestorIds, livemode }: OwnerOf,
    change: object,
    absent: object,
  ): Promise<void> => {
    const fresh = { tenantId, ancestorIds, livemode, schemaVersion: 1 as const, ...absent };
    await rows.updateOne({ _id: tenantId }, { ...change, $setOnInsert: fresh }, { upsert: true });
  };
  return {
    last: async (scope) => {
      const row = await rows.findOne(scopeFilter(scope), { projection: { last: 1 } });
      return Number(row?.last ?? 0);
    },
    reached: async (owner, place) => {
      await upsert(owner, { $max: { last: place } }, {});
      waiters.heard(owner.tenantId, place);
    },
    want: (owner, until) => upsert(owner, { $max: { wantedUntil: until } }, { last: 0 }),
    wantedBy: async (tenantIds, now) => {
      const wanted = { _id: { $in: [...tenantIds] }, wantedUntil: { $gt: now } };
      return new Set((await rows.find(wanted, { projection: { _id: 1 } }).toArray()).map((row) => row._id));
    },
    stirred: waiters.wait,
    forget: async (scope) => {
      await rows.deleteMany(scopeFilter(scope));
    },
    close: waiters.close,
  };
}

interface WaitingList {
  readonly wait: Streams["stirred"];
  readonly heard: (tenantId: TenantId, place: number) => void;
  readonly close: () => void;
}

/** One look at the store for all who wait, and none while nobody does. */
function waitingList(look: (tenantIds: ReadonlySet<TenantId>) => Promise<ReadonlyMap<TenantId, number>>): WaitingList {
  const all = new Set<Waiting>();
  let timer: NodeJS.Timeout | undefined;
  const heard = (tenantId: TenantId, place: number): void => {
    for (const one of all) if (one.tenantId === tenantId && place > one.behind) one.over();
  };
  /** A look that fails is made again; who waits asks the store anyway when the wait is over. */
  const lookNow = (): void => {
    const asked = new Set([...all].map(({ tenantId }) => tenantId));
    look(asked).then(
      (lasts) => {
        for (const [tenantId, last] of lasts) heard(tenantId, last);
      },
      () => undefined,
    );
  };
  const arrange = (): void => {
    if (all.size === 0) {
      clearInterval(timer);
      timer = undefined;
    } else timer ??= setInterval(lookNow, lookEveryMs);
  };
  return {
    heard,
    wait: (tenantId, behind, { ms, gone }) =>
      new Promise((resolve) => {
        const over = (): void => {
          clearTimeout(end);
          gone.removeEventListener("abort", over);
          all.delete(one);
          arrange();
          resolve();
        };
        const end = setTimeout(over, ms);
        const one: Waiting = { tenantId, behind, over };
        all.add(one);
        arrange();
        if (gone.aborted) over();
        else {
          gone.addEventListener("abort", over);
          lookNow();
        }
      }),
    close: () => {
      for (const one of [...all]) one.over();
    },
  };
}
