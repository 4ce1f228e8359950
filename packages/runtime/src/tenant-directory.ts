import { tenantChanged, tenantCreated, type DataOf } from "@greentick/contracts";
import { type EventEnvelope, type TenantId } from "@greentick/kernel";
import { type Collection } from "mongodb";
import { type Subscription } from "./bus/contract.js";
import { type TenantRef } from "./calls.js";
import { type Database } from "./data/database.js";
import { upsertWhere } from "./data/upsert.js";

type TenantFacts = DataOf<typeof tenantCreated>;

export interface KnownTenant extends TenantRef {
  readonly name: string;
  readonly legalName: string;
  readonly country: string;
  readonly currency: string;
  readonly timeZone: string;
  readonly kind: TenantFacts["kind"];
  readonly status: TenantFacts["status"];
}

interface TenantRow extends Omit<KnownTenant, "tenantId" | "ancestorIds"> {
  _id: TenantId;
  ancestorIds: TenantId[];
  version: number;
}

/** A service's own copy of who the tenants are, fed by the tenant service's events; the newest version wins in any order. */
export interface TenantDirectory {
  readonly handlers: readonly Subscription[];
  readonly find: (id: TenantId) => Promise<KnownTenant | undefined>;
  readonly list: () => Promise<readonly KnownTenant[]>;
  readonly ensureIndexes: () => Promise<void>;
}

type Details = Pick<
  KnownTenant,
  "livemode" | "name" | "legalName" | "country" | "currency" | "timeZone" | "kind" | "status"
>;

const details = ({ livemode, name, legalName, country, currency, timeZone, kind, status }: Details): Details => ({
  livemode,
  name,
  legalName,
  country,
  currency,
  timeZone,
  kind,
  status,
});

const fromRow = (row: TenantRow): KnownTenant => ({
  tenantId: row._id,
  ancestorIds: row.ancestorIds,
  ...details(row),
});

function rowOf(event: EventEnvelope): Omit<TenantRow, "_id"> {
  const facts = event.data as TenantFacts;
  return { ...details(facts), ancestorIds: facts.ancestorIds as TenantId[], version: event.aggregate.version };
}

export function tenantDirectory(database: Database): TenantDirectory {
  const rows: Collection<TenantRow> = database.db.collection("tenants");
  /** An older row is replaced, a missing one inserted, a newer one stays. */
  const keep = async (event: EventEnvelope): Promise<void> => {
    const row = rowOf(event);
    const _id = (event.data as TenantFacts).tenantId as TenantId;
    await upsertWhere((how) => rows.replaceOne({ _id, version: { $lt: row.version } }, row, how));
  };
  return {
    handlers: [tenantCreated, tenantChanged].map((event) => ({ event, handle: (_, one) => keep(one) })),
    find: async (id) => {
      const row = await rows.findOne({ _id: { $eq: id } });
      return row === null ? undefined : fromRow(row);
    },
    list: async () => (await rows.find().sort({ _id: 1 }).toArray()).map(fromRow),
    ensureIndexes: async () => {
      await rows.createIndexes([{ key: { ancestorIds: 1 }, name: "ancestors" }]);
    },
  };
}
