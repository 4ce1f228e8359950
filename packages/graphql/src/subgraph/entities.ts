import { allow, type Call, type Permission } from "@greentick/kernel";
import DataLoader from "dataloader";
import { type Denied, tellingDenial } from "./denials.js";

/** How an entity's objects are found by id when another part of the graph refers to them. */
export interface Entity {
  /** Asked before anything is loaded. */
  readonly permission: Permission;
  /** In the order asked for; a missing or foreign object is undefined and becomes null. Ids arrive once each, at most 100 at a time. */
  readonly load: (call: Call, ids: readonly string[]) => Promise<readonly (object | undefined)[]>;
  /** False where a service only adds fields to an entity that lives elsewhere. */
  readonly home?: boolean;
}

/** The entry of an entity that lives in another service and gets fields from this one: the key itself is the object. */
export const extensionOf = (permission: Permission): Entity => ({ permission, load: echo, home: false });

const echo: Entity["load"] = (_call, ids) => Promise.resolve(ids.map((id) => ({ id })));

/** Finds one object; all finds of one call and one tick share a load. @throws FORBIDDEN/permission_missing. */
export type FindEntity = (call: Call, id: string) => Promise<object | undefined>;

const largestBatch = 100;

interface Named {
  readonly name: string;
  readonly denied: Denied | undefined;
}

/**
 * The batching finder of an entity. It keeps nothing between batches, so a query that follows a mutation in the same request reads
 * what the mutation wrote.
 */
export function finderOf(entity: Entity, { name, denied }: Named): FindEntity {
  const loaders = new WeakMap<Call, DataLoader<string, object | undefined>>();
  const loaderFor = (call: Call): DataLoader<string, object | undefined> => {
    const known = loaders.get(call);
    if (known !== undefined) return known;
    const loader = new DataLoader((ids: readonly string[]) => loadOnce(entity, call, ids), {
      cache: false,
      maxBatchSize: 10_000,
    });
    loaders.set(call, loader);
    return loader;
  };
  const find: FindEntity = async (call, id) => {
    allow(call, entity.permission);
    return entity.load === echo ? { id } : loaderFor(call).load(id);
  };
  return (call, id) => find(call, id).catch(tellingDenial(call, name, denied));
}

async function loadOnce(entity: Entity, call: Call, ids: readonly string[]): Promise<(object | undefined)[]> {
  const unique = [...new Set(ids)];
  const parts: string[][] = [];
  for (let at = 0; at < unique.length; at += largestBatch) parts.push(unique.slice(at, at + largestBatch));
  const found = (await Promise.all(parts.map((part) => entity.load(call, part)))).flat();
  if (found.length !== unique.length)
    throw new Error(`a load of ${unique.length} entities answered ${found.length}: it must keep order and length`);
  const byId = new Map(unique.map((id, index) => [id, found[index]]));
  return ids.map((id) => byId.get(id));
}
