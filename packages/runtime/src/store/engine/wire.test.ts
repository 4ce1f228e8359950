import { BSON } from "mongodb";
import fc from "fast-check";
import { commandMessage, MessageReader, parseRequest, replyTo, WireError, withBody } from "./wire.js";

const header = (length: number, opCode = 2013): Buffer => {
  const bytes = Buffer.alloc(16);
  bytes.writeInt32LE(length, 0);
  bytes.writeInt32LE(opCode, 12);
  return bytes;
};

/** OP_MSG with a command, a document sequence before it, flags and, if asked, a checksum. */
function message(command: BSON.Document, { flags = 0, sequence = [] as BSON.Document[] } = {}): Buffer {
  const documents = Buffer.concat(sequence.map((document) => BSON.serialize(document)));
  const name = Buffer.from("documents\0");
  const size = Buffer.alloc(5);
  size.writeUInt8(1, 0);
  size.writeInt32LE(4 + name.length + documents.length, 1);
  const sections = sequence.length > 0 ? [size, name, documents] : [];
  const head = Buffer.alloc(4);
  head.writeUInt32LE(flags, 0);
  const checksum = Buffer.alloc((flags & 1) * 4, 0xab);
  const rest = Buffer.concat([head, ...sections, Buffer.alloc(1), BSON.serialize(command), checksum]);
  return Buffer.concat([header(16 + rest.length), rest]);
}

const bodyOf = (bytes: Buffer): BSON.Document => {
  const { body, bytes: all } = parseRequest(bytes);
  return BSON.deserialize(all.subarray(body.start, body.end));
};

describe("reading the wire", () => {
  it("finds the same messages however the bytes are cut", () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(bodies, fc.array(fc.integer({ min: 1, max: 40 })), (contents, cuts) => {
        const messages = contents.map((content) => Buffer.concat([header(16 + content.length), content]));
        const stream = Buffer.concat(messages);
        const reader = new MessageReader();
        const read: Buffer[] = [];
        for (let at = 0, n = 0; at < stream.length; n += 1) {
          const size = cuts[n] ?? stream.length;
          read.push(...[...reader.push(Buffer.from(stream.subarray(at, at + size)))].map((one) => Buffer.from(one)));
          at += size;
        }
        expect(read.map((one) => one.toString("hex"))).toEqual(messages.map((one) => one.toString("hex")));
      }),
    );
  });

  it.each([0, 15, -1, 48_000_001])("refuses a message of %d bytes", (length) => {
    expect(() => [...new MessageReader().push(header(length))]).toThrow(WireError);
  });

  it("finds the command behind a document sequence and leaves the sequence alone when the command changes", () => {
    const request = parseRequest(message({ insert: "a", $db: "x" }, { sequence: [{ _id: 1 }, { _id: 2 }] }));
    const changed = withBody(request, BSON.serialize({ insert: "b", $db: "x" }));
    expect(bodyOf(changed)).toEqual({ insert: "b", $db: "x" });
    expect(changed.includes(Buffer.from(BSON.serialize({ _id: 2 })))).toBe(true);
    expect(changed.readInt32LE(0)).toBe(changed.length);
  });

  it("drops a checksum, whose bytes would be wrong after a change", () => {
    const { bytes } = parseRequest(message({ ping: 1 }, { flags: 1 }));
    expect(bytes.equals(message({ ping: 1 }))).toBe(true);
  });

  it("sees that no reply is wanted", () => {
    expect(parseRequest(message({ ping: 1 }, { flags: 2 })).silent).toBe(true);
  });

  it.each([
    ["another operation", header(16, 2012)],
    ["no command", Buffer.concat([header(20), Buffer.alloc(4)])],
    ["a section that ends outside", message({ ping: 1 }).fill(0x7f, 21, 24)],
    ["a section of unknown kind", message({ ping: 1 }).fill(9, 20, 21)],
  ])("refuses a message with %s", (_, bytes) => {
    expect(() => parseRequest(bytes)).toThrow(WireError);
  });

  it("never fails with anything but a WireError on arbitrary bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(2013, 2004), (content, opCode) => {
        const bytes = Buffer.concat([header(16 + content.length, opCode), content]);
        expect(outcome(() => parseRequest(bytes))).not.toBe("another error");
      }),
    );
  });

  it("answers in the protocol of the question, naming it", () => {
    const reply = replyTo({ id: 77, opCode: 2013 }, BSON.serialize({ ok: 1 }));
    expect([reply.readInt32LE(8), reply.readInt32LE(12), bodyOf(reply)]).toEqual([77, 2013, { ok: 1 }]);
    const legacy = replyTo({ id: 78, opCode: 2004 }, BSON.serialize({ ok: 1 }));
    expect([legacy.readInt32LE(8), legacy.readInt32LE(12), legacy.readInt32LE(32)]).toEqual([78, 1, 1]);
    expect(bodyOf(commandMessage({ ping: 1, $db: "admin" }))).toEqual({ ping: 1, $db: "admin" });
  });
});

function outcome(attempt: () => unknown): "fine" | "refused" | "another error" {
  try {
    attempt();
    return "fine";
  } catch (error) {
    return error instanceof WireError ? "refused" : "another error";
  }
}
