import { type Permission } from "@greentick/kernel";
import { isObjectType, type GraphQLSchema } from "graphql";
import { getMetadataStorage } from "type-graphql";
import { permissionOf } from "../requires.js";

/** A field that runs code of ours, with the permission it declares. */
export interface Handler {
  readonly type: string;
  readonly field: string;
  readonly permission: Permission;
}

type ResolverClass = new (...args: never[]) => object;

/**
 * Every query, mutation and field resolver of the given classes.
 * @throws Error naming each one without `@Requires`, so that a service cannot start with an open door.
 */
export function handlersOf(classes: readonly ResolverClass[]): readonly Handler[] {
  const found = declared(classes);
  const open = found.filter((entry) => entry.permission === undefined);
  if (open.length > 0)
    throw new Error(
      `These resolvers declare no permission, add @Requires(…): ${open.map(({ name }) => name).join(", ")}`,
    );
  return found.flatMap(({ type, field, permission }) =>
    permission === undefined ? [] : [{ type, field, permission }],
  );
}

interface Declared {
  readonly type: string;
  readonly field: string;
  readonly name: string;
  readonly permission: Permission | undefined;
}

function declared(classes: readonly ResolverClass[]): readonly Declared[] {
  const storage = getMetadataStorage();
  const typeNames = new Map(storage.objectTypes.map(({ target, name }) => [target, name]));
  const resolvedTypes = new Map(storage.resolverClasses.map(({ target, getObjectType }) => [target, getObjectType]));
  const known = new Set<unknown>(classes);
  const entry = (type: string, of: { target: object; methodName: string; schemaName: string }): Declared => {
    const target = of.target as ResolverClass;
    const name = `${target.name}.${of.methodName}`;
    return { type, field: of.schemaName, name, permission: permissionOf(target, of.methodName) };
  };
  const own = <T extends { target: object }>(list: readonly T[]): readonly T[] =>
    list.filter(({ target }) => known.has(target));
  return [
    ...own(storage.queries).map((query) => entry("Query", query)),
    ...own(storage.mutations).map((mutation) => entry("Mutation", mutation)),
    ...own(storage.fieldResolvers)
      .filter(({ kind }) => kind === "external")
      .map((field) => entry(typeNames.get(resolvedTypes.get(field.target)?.() ?? Object) ?? "", field)),
  ];
}

/** Methods of wire classes run without a declared permission: they belong into a resolver class. @throws Error naming them. */
export function refuseMethodsOnTypes(schema: GraphQLSchema): void {
  const storage = getMetadataStorage();
  const typeNames = new Map(storage.objectTypes.map(({ target, name }) => [target, name]));
  const methods = storage.fieldResolvers
    .filter(
      ({ kind, target, methodName }) =>
        kind === "internal" && typeof descriptorOf(target, methodName)?.value === "function",
    )
    .filter(({ target }) => isObjectType(schema.getType(typeNames.get(target) ?? "")));
  if (methods.length > 0)
    throw new Error(
      `Fields of wire classes are properties or getters; move these into a resolver class: ${methods.map(({ target, methodName }) => `${target.name}.${methodName}`).join(", ")}`,
    );
}

const descriptorOf = (target: { prototype: unknown }, method: string): PropertyDescriptor | undefined =>
  Object.getOwnPropertyDescriptor(target.prototype, method);
