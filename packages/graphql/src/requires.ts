import "reflect-metadata";
import { type Permission } from "@greentick/kernel";

const key = Symbol("greentick:permission");

/**
 * Declares the permission a query, mutation or field resolver needs. It is asked before the resolver runs and before its arguments are
 * read; without it the caller gets FORBIDDEN/permission_missing. A subgraph with an undeclared resolver refuses to start.
 */
export const Requires =
  (permission: Permission): MethodDecorator =>
  (target, method) => {
    Reflect.defineMetadata(key, permission, target, method);
  };

/** What `@Requires` says about a method of a resolver class, if anything. */
export const permissionOf = (resolverClass: { readonly prototype: object }, method: string): Permission | undefined =>
  Reflect.getMetadata(key, resolverClass.prototype, method) as Permission | undefined;
