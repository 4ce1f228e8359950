import { badInput } from "@greentick/kernel";
import { type Page } from "@greentick/runtime";
import { ArgsType, type ClassType, Directive, Field, Int, ObjectType } from "type-graphql";
import { maxPageSize } from "../limits/table.js";

@Directive("@shareable")
@ObjectType("PageInfo", { description: "Where a page of a list ends." })
export class PageInfo {
  @Field(() => Boolean)
  hasNextPage!: boolean;

  @Field(() => String, {
    nullable: true,
    description: "Give it as `after` to get the next page; absent on an empty page.",
  })
  endCursor?: string;
}

/** Arguments of every list. @throws BAD_USER_INPUT naming `first` when it is outside 1..100. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: 25, description: "How many, 1 to 100." })
  first!: number;

  @Field(() => String, { nullable: true, description: "The `endCursor` of the page before." })
  after?: string;
}

/** A page request for a store. @throws BAD_USER_INPUT naming `first`. */
export function pageOf(args: PageArgs): { first: number; after?: string } {
  checkPage(args);
  return { first: args.first, ...(args.after != null && { after: args.after }) };
}

export function checkPage(args: PageArgs): void {
  if (args.first < 1 || args.first > maxPageSize)
    throw badInput("first", `a page holds 1 to ${maxPageSize} items, not ${args.first}`);
}

export interface Edge<T> {
  node: T;
  cursor?: string;
}
export interface Connection<T> {
  edges: Edge<T>[];
  nodes: T[];
  pageInfo: PageInfo;
  totalCount: number;
}

/** The edge type of a list: `<Name>Edge`. */
export function edgeOf<T extends object>(name: string, node: ClassType<T>): ClassType<Edge<T>> {
  @ObjectType(`${name}Edge`, { description: `One ${name} in a list, with its place.` })
  class EdgeType implements Edge<T> {
    @Field(() => node)
    node!: T;

    @Field(() => String, { nullable: true, description: "Give it as `after` to continue behind this item." })
    cursor?: string;
  }
  return EdgeType;
}

/** The connection type of a list: `<Name>Connection` with `<Name>Edge`. One name belongs to one service. */
export function connectionOf<T extends object>(name: string, node: ClassType<T>): ClassType<Connection<T>> {
  const EdgeType = edgeOf(name, node);

  @ObjectType(`${name}Connection`, { description: `A page of a list of ${name}.` })
  class ConnectionType implements Connection<T> {
    @Field(() => [EdgeType])
    edges!: Edge<T>[];

    @Field(() => [node], { description: "The items without their edges." })
    nodes!: T[];

    @Field(() => PageInfo)
    pageInfo!: PageInfo;

    @Field(() => Int, { description: "Items in the whole list, all pages together." })
    totalCount!: number;
  }
  return ConnectionType;
}

/** A store's page as a connection. Cursors of single items are given when the store names them. */
export function toConnection<T, N>(
  page: Page<T> & { readonly cursors?: readonly string[] },
  toNode: (item: T) => N,
): Connection<N> {
  const nodes = page.items.map(toNode);
  const end = page.endCursor === undefined ? {} : { endCursor: page.endCursor };
  return {
    edges: nodes.map((node, index) => ({ node, ...cursorAt(page, index) })),
    nodes,
    pageInfo: { hasNextPage: page.hasNextPage, ...end },
    totalCount: page.totalCount,
  };
}

function cursorAt(page: Page<unknown> & { readonly cursors?: readonly string[] }, index: number): { cursor?: string } {
  const cursor = page.cursors?.[index] ?? (index === page.items.length - 1 ? page.endCursor : undefined);
  return cursor === undefined ? {} : { cursor };
}
