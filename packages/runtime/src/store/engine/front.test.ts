import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { BSON, MongoClient } from "mongodb";
import { testDatabase } from "@greentick/testing";
import { type EmbeddedEngine, type EngineReply } from "./embedded-engine.js";
import { type Front, openFront } from "./front.js";
import { commandMessage, MessageReader, parseRequest } from "./wire.js";

describe("the front of the embedded engine", () => {
  const asked: BSON.Document[] = [];
  const troubles: unknown[] = [];
  let answerWith: (command: BSON.Document) => Promise<BSON.Document>;
  let front: Front;
  const sockets: Socket[] = [];

  const engine: EmbeddedEngine = {
    roundTrip: async (message): Promise<EngineReply> => {
      const { id, body, silent, bytes } = parseRequest(message);
      const command = BSON.deserialize(bytes.subarray(body.start, body.end));
      asked.push(command);
      const response = Buffer.from(BSON.serialize(await answerWith(command)));
      return { requestId: id, moreToCome: silent, legacy: false, response };
    },
    close: () => Promise.resolve(),
  };

  beforeEach(async () => {
    asked.length = 0;
    troubles.length = 0;
    answerWith = () => Promise.resolve({ ok: 1 });
    front = await openFront(engine, { port: 0, onTrouble: (error) => troubles.push(error) });
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await front.close();
  });

  const dial = async (): Promise<Socket> => {
    const socket = connect(front.port, "127.0.0.1");
    sockets.push(socket);
    await once(socket, "connect");
    return socket;
  };
  const replies = async (socket: Socket, count: number): Promise<BSON.Document[]> => {
    const reader = new MessageReader();
    const found: BSON.Document[] = [];
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      for (const message of reader.push(chunk)) found.push(bodyOf(message));
      if (found.length >= count) break;
    }
    return found;
  };
  const bodyOf = (message: Buffer): BSON.Document => {
    const { body, bytes } = parseRequest(message);
    return BSON.deserialize(bytes.subarray(body.start, body.end));
  };

  it("answers one request at a time, in the order they came", async () => {
    let running = 0;
    answerWith = async ({ ping }) => {
      running += 1;
      const together = running;
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return { ok: 1, ping: Number(ping), together };
    };
    const socket = await dial();
    socket.write(Buffer.concat([1, 2, 3].map((ping) => commandMessage({ ping, $db: "admin" }))));
    expect(await replies(socket, 3)).toEqual([1, 2, 3].map((ping) => ({ ok: 1, ping, together: 1 })));
  });

  it("answers the greeting of older drivers (OP_QUERY), and refuses any other OP_QUERY", async () => {
    const socket = await dial();
    socket.write(Buffer.concat([query({ isMaster: 1 }), query({ find: "a" })]));
    const bytes: Buffer[] = [];
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      bytes.push(chunk);
      if (Buffer.concat(bytes).includes("UnsupportedOpQueryCommand")) break;
    }
    expect(Buffer.concat(bytes).includes("ismaster")).toBe(true);
    expect(asked).toEqual([]);
  });

  it("adds the journal to a write and passes document sequences through", async () => {
    const client = await new MongoClient(`mongodb://127.0.0.1:${front.port}/?directConnection=true`).connect();
    answerWith = () => Promise.resolve({ ok: 1, n: 2 });
    await client
      .db("x")
      .collection("a")
      .insertMany([{ a: 1 }, { a: 2 }]);
    await client.close();
    expect(asked).toEqual([expect.objectContaining({ insert: "a", writeConcern: { w: 1, j: true } })]);
  });

  it("drops a connection that breaks the protocol, reports it, and serves the others", async () => {
    const [broken, fine] = [await dial(), await dial()];
    broken.write(Buffer.alloc(16));
    await once(broken, "close");
    fine.write(commandMessage({ ping: 1, $db: "admin" }));
    expect(await replies(fine, 1)).toEqual([{ ok: 1 }]);
    expect(troubles).toHaveLength(1);
  });

  it("drops the connection when the engine fails, as a server that goes away would", async () => {
    answerWith = () => Promise.reject(new Error("the engine is closed"));
    const socket = await dial();
    socket.write(commandMessage({ ping: 1, $db: "admin" }));
    await once(socket, "close");
    expect(troubles).toEqual([expect.objectContaining({ message: "the engine is closed" })]);
  });

  it("says nothing about a client that hangs up", async () => {
    const socket = await dial();
    socket.resetAndDestroy();
    await once(socket, "close");
    await front.close();
    front = await openFront(engine, { port: 0, onTrouble: () => undefined });
    expect(troubles).toEqual([]);
  });
});

/** OP_QUERY on admin.$cmd, as drivers before 2021 greet. */
function query(command: BSON.Document): Buffer {
  const name = Buffer.from("admin.$cmd\0");
  const counts = Buffer.alloc(8);
  counts.writeInt32LE(-1, 4);
  const rest = Buffer.concat([Buffer.alloc(4), name, counts, BSON.serialize(command)]);
  const head = Buffer.alloc(16);
  head.writeInt32LE(16 + rest.length, 0);
  head.writeInt32LE(2004, 12);
  return Buffer.concat([head, rest]);
}

describe("a driver on the real engine", () => {
  const { mongo, dbName } = testDatabase("front");

  it("uses no sessions: asking for one is refused by the driver, ending one does no harm", async () => {
    const session = mongo.startSession();
    const insert = mongo.db(dbName()).collection("a").insertOne({}, { session });
    await expect(insert).rejects.toThrow(/does not support sessions/);
    await session.endSession();
    await expect(mongo.db("admin").command({ endSessions: [] })).resolves.toMatchObject({ ok: 1 });
  });

  it("moves batches larger than one document may be", async () => {
    const rows = mongo.db(dbName()).collection("large");
    const filler = "x".repeat(1_000_000);
    await rows.insertMany(Array.from({ length: 30 }, (_, n) => ({ n, filler })));
    expect(await rows.countDocuments()).toBe(30);
  });

  it("reads a result of many batches", async () => {
    const rows = mongo.db(dbName()).collection("many");
    await rows.insertMany(Array.from({ length: 2_500 }, (_, n) => ({ n })));
    const found = await rows.find().batchSize(100).toArray();
    expect(found).toHaveLength(2_500);
  });
});
