import { type Entity } from "@greentick/graphql";
import { type ConsumerSpec, type InternalRoute, type Job, type Route } from "@greentick/runtime";

/** One direction of the door, wired: its part of the graph, what it listens to, what it keeps. The service is the sum of its rooms. */
export interface Room {
  readonly resolvers?: readonly object[];
  readonly entities?: Readonly<Record<string, Entity>>;
  readonly routes?: readonly Route[];
  /** What the gateway alone may ask. */
  readonly internal?: readonly InternalRoute[];
  readonly handlers?: readonly ConsumerSpec[];
  readonly jobs?: readonly Job[];
  /** Whatever has indexes to build. */
  readonly stores: readonly { readonly ensureIndexes: () => Promise<void> }[];
  /** Collections whose documents carry events. */
  readonly collections?: readonly string[];
}

/** All of a kind, of all rooms. */
export const allOf = <K extends "resolvers" | "routes" | "internal" | "handlers" | "jobs" | "stores" | "collections">(
  rooms: readonly Room[],
  kind: K,
): readonly NonNullable<Room[K]>[number][] => rooms.flatMap((room) => [...(room[kind] ?? [])]);
