import { type Edge, edgeOf, PageInfo, toConnection } from "@greentick/graphql";
import { type ClassType, Field, ObjectType } from "type-graphql";
import { type Slice } from "../../ports/paging.js";

/** A list that is not counted as a whole: looking through everything for the sake of a number would cost more than the page. */
export function sliceOf<T extends object>(name: string, node: ClassType<T>, more = ""): ClassType<SliceType<T>> {
  const EdgeType = edgeOf(name, node);

  @ObjectType(`${name}Connection`, { description: `A page of a list of ${name}.${more}` })
  class ConnectionType implements SliceType<T> {
    @Field(() => [EdgeType])
    edges!: Edge<T>[];

    @Field(() => [node], { description: "The items without their edges." })
    nodes!: T[];

    @Field(() => PageInfo)
    pageInfo!: PageInfo;
  }
  return ConnectionType;
}
export interface SliceType<T> {
  edges: Edge<T>[];
  nodes: T[];
  pageInfo: PageInfo;
}

/** A slice as a connection without a count. */
export function toSlice<T, N>(slice: Slice<T>, toNode: (item: T) => N): SliceType<N> {
  const { edges, nodes, pageInfo } = toConnection({ ...slice, totalCount: 0 }, toNode);
  return { edges, nodes, pageInfo };
}
