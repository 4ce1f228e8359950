import { type Call, type Log } from "@greentick/kernel";

/** Somebody without a token: may look at the schema, where that is allowed, and nothing else. */
export interface Visitor {
  readonly visitor: true;
  readonly requestId: string;
  readonly log: Log;
}

/** What a resolver's context is: the call itself. A visitor never reaches a resolver. */
export type Context = Call | Visitor;

export const isVisitor = (context: Context): context is Visitor => "visitor" in context;
