import { type IncomingMessage, type ServerResponse } from "node:http";

/** A path that is served straight from `node:http`, with its raw body: a signature covers bytes, so bytes are what it gets. */
export interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Larger bodies are answered 413 before they are read to the end. */
  readonly maxBytes: number;
  /** Asked before the body is read: true when it answered that nothing more is taken now, so that nobody uploads what will be refused. */
  readonly busy?: (res: ServerResponse) => boolean;
  readonly handle: (
    req: IncomingMessage,
    res: ServerResponse,
    ...more: [rawBody: Buffer, addressOf: AddressOf]
  ) => Promise<void>;
}

/** Where a request really comes from: behind proxies as far as the host trusts them. */
export type AddressOf = (req: IncomingMessage) => string | undefined;
