import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { BSON } from "mongodb";
import { codeOf } from "../caught.js";
import { journalled, ownAnswer, parseCommand } from "./commands.js";
import { type EmbeddedEngine } from "./embedded-engine.js";
import { MessageReader, OP, parseRequest, replyTo, type Request, withBody } from "./wire.js";

export interface Front {
  /** The loopback port drivers connect to. */
  port: number;
  /** Stops listening and drops every connection. Does not close the engine. */
  close: () => Promise<void>;
}

export interface FrontOptions {
  /** 0 takes a free one. */
  port: number;
  /** A connection was dropped because the engine or the client broke the protocol. */
  onTrouble: (error: unknown) => void;
}

/** Listens on loopback TCP and lets any MongoDB driver talk to the engine, which listens on nothing by itself. */
export async function openFront(engine: EmbeddedEngine, { port, onTrouble }: FrontOptions): Promise<Front> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    const connectionId = ++connections;
    void serve(socket, (bytes) => answer(engine, bytes, connectionId)).catch(report(socket, onTrouble));
  });
  server.listen({ port, host: "127.0.0.1" });
  await once(server, "listening");
  return { port: portOf(server), close: () => closeServer(server, sockets) };
}

/** One connection: a request is answered before the next one is read, which is also how drivers use a connection. */
async function serve(socket: Socket, answerOf: (bytes: Buffer) => Promise<Buffer | undefined>): Promise<void> {
  const reader = new MessageReader();
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    for (const message of reader.push(chunk)) {
      const reply = await answerOf(message);
      if (reply && !socket.destroyed) socket.write(reply);
    }
  }
}

async function answer(engine: EmbeddedEngine, bytes: Buffer, connectionId: number): Promise<Buffer | undefined> {
  const request = parseRequest(bytes);
  const command = parseCommand(request.bytes.subarray(request.body.start, request.body.end));
  const own = ownAnswer(command, connectionId) ?? unspoken(request);
  if (own) return request.silent ? undefined : replyTo(request, BSON.serialize(own));
  const body = journalled(command);
  const reply = await engine.roundTrip(body === command.body ? request.bytes : withBody(request, body));
  return request.silent || reply.moreToCome ? undefined : replyTo(request, reply.response);
}

/** OP_QUERY serves the greeting of older drivers and nothing else, as in MongoDB since 5.1. */
const unspoken = ({ opCode }: Request): BSON.Document | undefined =>
  opCode === OP.query ? { ok: 0, code: 352, codeName: "UnsupportedOpQueryCommand", errmsg: "use OP_MSG" } : undefined;

/** A client that goes away is everyday life; anything else is worth a line. */
const report =
  (socket: Socket, onTrouble: (error: unknown) => void) =>
  (error: unknown): void => {
    socket.destroy();
    if (!["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"].includes(codeOf(error))) onTrouble(error);
  };

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the front has no TCP port");
  return address.port;
}

async function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, "close");
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}
