import { type EventEnvelope, type TenantId } from "@greentick/kernel";
import { type IndexOptions, type Model, Schema } from "mongoose";
import { type Aggregate, type AggregateSpec } from "./aggregates.js";
import { type Idempotency, idempotencyIndex } from "./idempotency.js";
import { outboxIndex } from "./outbox.js";

/** The document of an aggregate. */
export interface Row {
  _id: string;
  tenantId: TenantId;
  ancestorIds: TenantId[];
  livemode: boolean;
  schemaVersion: number;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  state: Record<string, unknown>;
  outbox: EventEnvelope[];
  idempotency?: Idempotency;
}

const common = {
  _id: { type: String, required: true },
  tenantId: { type: String, required: true },
  ancestorIds: { type: [String], required: true },
  livemode: { type: Boolean, required: true },
  schemaVersion: { type: Number, required: true },
  version: { type: Number, required: true },
  createdAt: { type: Date, required: true },
  updatedAt: { type: Date, required: true },
  outbox: { type: [Schema.Types.Mixed], required: true },
  idempotency: { type: Schema.Types.Mixed },
} as const;

type Fields = Record<string, 1 | -1>;
interface Index {
  readonly fields: Fields;
  readonly options: IndexOptions;
}

/** What mongoose keeps of a kind: a field that the schema does not name is refused, on insert and on save. */
export function aggregateModel<S extends Aggregate>(spec: AggregateSpec<S>): Model<Row> {
  const { connection } = spec.database;
  const known = connection.models[spec.collection] as Model<Row> | undefined;
  if (known !== undefined) return known;
  const state = new Schema(spec.state, { _id: false, strict: "throw", minimize: false });
  const schema = new Schema(
    { ...common, state: { type: state, required: true } },
    { collection: spec.collection, versionKey: false, strict: "throw", minimize: false },
  );
  for (const { fields, options } of [...commonIndexes, ...(spec.indexes ?? []).map(ownIndex)])
    schema.index(fields, options);
  return connection.model(spec.collection, schema) as unknown as Model<Row>;
}

const commonIndexes: readonly Index[] = [
  { fields: { tenantId: 1, createdAt: -1, _id: -1 }, options: { name: "tenant_newest" } },
  { fields: { ancestorIds: 1, createdAt: -1, _id: -1 }, options: { name: "under_newest" } },
  {
    fields: outboxIndex.key,
    options: { name: outboxIndex.name, partialFilterExpression: outboxIndex.partialFilterExpression },
  },
  {
    fields: { tenantId: 1, "idempotency.scope": 1, "idempotency.key": 1 },
    options: {
      name: idempotencyIndex,
      unique: true,
      partialFilterExpression: { "idempotency.key": { $exists: true } },
    },
  },
];

function ownIndex(one: NonNullable<AggregateSpec<Aggregate>["indexes"]>[number]): Index {
  const fields: Fields = Object.fromEntries(one.on.map((path) => [`state.${path}`, 1]));
  const partial = Object.fromEntries(one.on.map((path) => [`state.${path}`, { $exists: true }]));
  return {
    fields: one.acrossTenants === true ? fields : { tenantId: 1, ...fields },
    options: { name: one.name, ...(one.unique === true && { unique: true, partialFilterExpression: partial }) },
  };
}
