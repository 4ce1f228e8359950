import {
  type Call,
  type DomainEvent,
  envelope,
  type EventEnvelope,
  type Scope,
  type TenantId,
  versionConflict,
} from "@greentick/kernel";
import { type Model } from "mongoose";
import { checkEvent } from "../bus/event-rules.js";
import { aggregateModel, type Row } from "./aggregate-model.js";
import {
  type Aggregate,
  type AggregateSpec,
  type AggregateStore,
  type ListFilter,
  type Page,
  type StateFilter,
} from "./aggregates.js";
import { duplicateIndexOf, isDuplicateKey } from "./errors.js";
import { checkSameInput, type Idempotency, idempotencyOf } from "./idempotency.js";
import { nudgeOutbox } from "./outbox.js";
import { cursorOf, olderThan } from "./paging.js";
import { scopeFilter } from "./scope-filter.js";

/** The store of one kind of aggregate over mongoose; see AggregateStore for what it promises. */
export function aggregateStore<S extends Aggregate>(spec: AggregateSpec<S>): AggregateStore<S> {
  const model = aggregateModel(spec);
  const parts: Parts<S> = { spec, model, read: reader(spec), toRow: spec.toRow ?? withoutCommon };
  return {
    ...reads(parts),
    insert: inserting(parts),
    save: saving(parts),
    ensureIndexes: async () => {
      await model.createIndexes();
    },
  };
}

interface Parts<S extends Aggregate> {
  readonly spec: AggregateSpec<S>;
  readonly model: Model<Row>;
  readonly read: (row: Row) => S;
  readonly toRow: (state: S) => Record<string, unknown>;
}

type Reads<S extends Aggregate> = Omit<AggregateStore<S>, "insert" | "save" | "ensureIndexes">;

const reader =
  <S extends Aggregate>(spec: AggregateSpec<S>) =>
  (row: Row): S => {
    const { _id: id, tenantId, ancestorIds, livemode, version } = row;
    const state = { ...row.state, id, tenantId, ancestorIds, livemode, version };
    return spec.fromRow === undefined ? (state as unknown as S) : spec.fromRow(state);
  };

const commonFields = new Set(["id", "tenantId", "ancestorIds", "livemode", "version"]);

const withoutCommon = (state: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(state).filter(([field]) => !commonFields.has(field)));

const stateFilter = (filter: StateFilter): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(filter).map(([path, value]) => [
      path === "tenantId" ? path : `state.${path}`,
      Array.isArray(value) ? { $in: value } : { $eq: value },
    ]),
  );

/** Text of a caller is looked for as it is: none of its characters means anything to the store. */
const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

function listFilter({ livemode, time, words }: ListFilter): Record<string, unknown>[] {
  const span = {
    ...(time?.from !== undefined && { $gte: time.from }),
    ...(time?.before !== undefined && { $lt: time.before }),
  };
  const match = words && { $regex: literally(words.text), $options: "i" };
  return [
    ...(livemode === undefined ? [] : [{ livemode: { $eq: livemode } }]),
    ...(time === undefined || Object.keys(span).length === 0 ? [] : [{ [`state.${time.in}`]: span }]),
    ...(words === undefined ? [] : [{ $or: words.in.map((path) => ({ [`state.${path}`]: match })) }]),
  ];
}

function reads<S extends Aggregate>({ spec, model, read }: Parts<S>): Reads<S> {
  const all = async (scope: Scope, filter: Record<string, unknown>): Promise<Row[]> =>
    model
      .find({ $and: [scopeFilter(scope), filter] })
      .lean<Row[]>()
      .exec();
  const findOne = async (scope: Scope, filter: Record<string, unknown>): Promise<S | undefined> => {
    const row = await model
      .findOne({ $and: [scopeFilter(scope), filter] })
      .lean<Row>()
      .exec();
    return row === null ? undefined : read(row);
  };
  const find = (scope: Scope, id: string): Promise<S | undefined> => findOne(scope, { _id: { $eq: id } });
  return {
    find,
    get: async (scope, id) => {
      const state = await find(scope, id);
      if (state === undefined) throw spec.notFound(id);
      return state;
    },
    getMany: async (scope, ids) => {
      const found = new Map((await all(scope, { _id: { $in: [...ids] } })).map((row) => [row._id, read(row)]));
      return ids.map((id) => found.get(id));
    },
    findOne: (scope, filter) => findOne(scope, stateFilter(filter)),
    findAll: async (scope, filter) => (await all(scope, stateFilter(filter))).map(read),
    list: listing({ model, read }),
  };
}

const listing =
  <S extends Aggregate>({ model, read }: Pick<Parts<S>, "model" | "read">): AggregateStore<S>["list"] =>
  async (scope, page, ...[filter = {}, also = {}]): Promise<Page<S>> => {
    const older = olderThan(page);
    const all = { $and: [{ ...scopeFilter(scope), ...stateFilter(filter) }, ...listFilter(also)] };
    const [found, totalCount] = await Promise.all([
      model
        .find(older === undefined ? all : { $and: [all, older] })
        .sort({ createdAt: -1, _id: -1 })
        .limit(page.first + 1)
        .lean<Row[]>()
        .exec(),
      model.countDocuments(all).exec(),
    ]);
    const shown = found.slice(0, page.first);
    const last = shown.at(-1);
    return {
      items: shown.map(read),
      hasNextPage: found.length > page.first,
      totalCount,
      ...(last && { endCursor: cursorOf(last) }),
    };
  };

/** Events belong to the aggregate's tenant, whoever acts. @throws RangeError for one that no bus could carry. */
function wrap(
  call: Call,
  about: Aggregate & { readonly kind: string },
  events: readonly DomainEvent[],
): EventEnvelope[] {
  const { kind: type, id, version, tenantId, ancestorIds, livemode } = about;
  return events.map((one) => {
    const wrapped = { ...envelope(call, { type, id, version }, one), tenantId, ancestorIds, livemode };
    checkEvent(wrapped);
    return wrapped;
  });
}

function inserting<S extends Aggregate>(parts: Parts<S>): AggregateStore<S>["insert"] {
  const { spec, model, read } = parts;
  return async (call, state, ...[events, once]) => {
    const idempotency = idempotencyOf(call, once);
    const row = newRow(parts, call, { state, events, idempotency });
    try {
      await model.create(row);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const first = idempotency && (await repeated(parts, state.tenantId, idempotency));
      if (first !== undefined) return first;
      throw spec.onDuplicate?.(duplicateIndexOf(error)) ?? error;
    }
    nudgeOutbox(spec.database);
    return read(row);
  };
}

interface Inserted<S> {
  readonly state: S;
  readonly events: readonly DomainEvent[];
  readonly idempotency: Idempotency | undefined;
}

function newRow<S extends Aggregate>(
  { spec, toRow }: Parts<S>,
  call: Call,
  { state, events, idempotency }: Inserted<S>,
): Row {
  const now = call.systemNow();
  return {
    _id: state.id,
    tenantId: state.tenantId,
    ancestorIds: [...state.ancestorIds],
    livemode: state.livemode,
    schemaVersion: spec.schemaVersion,
    version: 1,
    createdAt: now,
    updatedAt: now,
    state: toRow(state),
    outbox: wrap(call, { ...state, kind: spec.kind, version: 1 }, events),
    ...(idempotency && { idempotency }),
  };
}

/** The document that the first request under this key made; undefined when the insert met another unique key. */
async function repeated<S extends Aggregate>(
  { model, read }: Parts<S>,
  tenantId: TenantId,
  asked: Idempotency,
): Promise<S | undefined> {
  const row = await model
    .findOne({ tenantId, "idempotency.scope": asked.scope, "idempotency.key": asked.key })
    .lean<Row>()
    .exec();
  if (row === null) return undefined;
  checkSameInput(row.idempotency, asked);
  return read(row);
}

function saving<S extends Aggregate>({ spec, model, toRow }: Parts<S>): AggregateStore<S>["save"] {
  return async (call, state, events) => {
    const version = state.version + 1;
    const outbox = wrap(call, { ...state, kind: spec.kind, version }, events);
    const fields = { state: toRow(state), version, schemaVersion: spec.schemaVersion, updatedAt: call.systemNow() };
    const written = { $set: fields, ...(outbox.length > 0 && { $push: { outbox: { $each: outbox } } }) };
    const asRead = { _id: state.id, tenantId: state.tenantId, version: state.version };
    const result = await model
      .updateOne(asRead, written, { runValidators: true })
      .exec()
      .catch((error: unknown) => {
        throw isDuplicateKey(error) ? (spec.onDuplicate?.(duplicateIndexOf(error)) ?? error) : error;
      });
    if (result.matchedCount === 0) throw versionConflict(spec.kind, state.id);
    nudgeOutbox(spec.database);
    return { ...state, version };
  };
}
