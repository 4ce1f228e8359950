import { BSON, type Document } from "mongodb";

/** MongoDB's wire protocol, as much of it as drivers of this decade speak: OP_MSG, and OP_QUERY for the first greeting. */
export const OP = { reply: 1, query: 2004, msg: 2013 } as const;
const MAX_MESSAGE_BYTES = 48_000_000;
const HEADER_BYTES = 16;
const FLAG = { checksumPresent: 1, moreToCome: 2 } as const;

/** A request that breaks the protocol. The connection it came on cannot be trusted any further. */
export class WireError extends Error {
  override readonly name = "WireError";
}

export interface Request {
  id: number;
  opCode: number;
  /** The client wants no reply (an unacknowledged write). */
  silent: boolean;
  /** The whole message, header included. */
  bytes: Buffer;
  /** Where the command document lies in `bytes`. */
  body: Span;
}

interface Span {
  start: number;
  end: number;
}

/** Cuts a byte stream into messages. Keeps what is incomplete for the next chunk, without copying it again each time. */
export class MessageReader {
  private chunks: Buffer[] = [];
  private held = 0;

  /** @throws WireError on a length no client may send. */
  *push(chunk: Buffer): Generator<Buffer> {
    this.chunks.push(chunk);
    this.held += chunk.length;
    for (let length = this.nextLength(); length !== undefined && this.held >= length; length = this.nextLength()) {
      const all = this.joined();
      this.chunks = [all.subarray(length)];
      this.held -= length;
      yield all.subarray(0, length);
    }
  }

  private nextLength(): number | undefined {
    if (this.held < HEADER_BYTES) return undefined;
    const first = this.chunks[0];
    const length = (first && first.length >= 4 ? first : this.joined()).readInt32LE(0);
    if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES) throw new WireError(`message of ${length} bytes`);
    return length;
  }

  private joined(): Buffer {
    const [first] = this.chunks;
    if (first && this.chunks.length === 1) return first;
    const all = Buffer.concat(this.chunks, this.held);
    this.chunks = [all];
    return all;
  }
}

/** @throws WireError when the message is neither OP_MSG nor OP_QUERY, or its lengths do not add up. */
export function parseRequest(bytes: Buffer): Request {
  const [id, opCode] = [bytes.readInt32LE(4), bytes.readInt32LE(12)];
  if (opCode === OP.query) return { id, opCode, silent: false, bytes, body: queryBody(bytes) };
  if (opCode !== OP.msg) throw new WireError(`operation ${opCode} is not spoken here`);
  return parseMessage(id, withoutChecksum(bytes));
}

function withoutChecksum(bytes: Buffer): Buffer {
  if (bytes.length < HEADER_BYTES + 9) throw new WireError("message without a command");
  const flags = bytes.readUInt32LE(HEADER_BYTES);
  if ((flags & FLAG.checksumPresent) === 0) return bytes;
  const bare = Buffer.from(bytes.subarray(0, bytes.length - 4));
  bare.writeInt32LE(bare.length, 0);
  bare.writeUInt32LE((flags & ~FLAG.checksumPresent) >>> 0, HEADER_BYTES);
  return bare;
}

function parseMessage(id: number, bytes: Buffer): Request {
  const silent = (bytes.readUInt32LE(HEADER_BYTES) & FLAG.moreToCome) !== 0;
  const bodies = [...sections(bytes)].filter(({ kind }) => kind === 0);
  const [body] = bodies;
  if (!body || bodies.length > 1) throw new WireError(`message with ${bodies.length} command documents`);
  return { id, opCode: OP.msg, silent, bytes, body: { start: body.start, end: body.end } };
}

function* sections(bytes: Buffer): Generator<Span & { kind: number }> {
  for (let at = HEADER_BYTES + 4; at < bytes.length;) {
    const kind = bytes.readUInt8(at);
    if (kind > 1) throw new WireError(`section of kind ${kind}`);
    const section = { kind, ...sized(bytes, at + 1) };
    yield section;
    at = section.end;
  }
}

/** A span whose first four bytes are its own length, as BSON documents and sections have it. */
function sized(bytes: Buffer, start: number): Span {
  const length = start + 5 <= bytes.length ? bytes.readInt32LE(start) : 0;
  if (length < 5 || start + length > bytes.length) throw new WireError("section that ends outside its message");
  return { start, end: start + length };
}

function queryBody(bytes: Buffer): Span {
  const nameEnd = bytes.indexOf(0, HEADER_BYTES + 4);
  if (nameEnd < 0) throw new WireError("query without a name");
  return sized(bytes, nameEnd + 9);
}

/** The message again, with another command document; document sequences stay where they are. */
export function withBody({ bytes, body }: Request, replacement: Uint8Array): Buffer {
  const message = Buffer.concat([bytes.subarray(0, body.start), replacement, bytes.subarray(body.end)]);
  message.writeInt32LE(message.length, 0);
  return message;
}

/** A message of our own to the engine: one command document. */
export function commandMessage(command: Document): Buffer {
  return frame(OP.msg, 0, Buffer.concat([Buffer.alloc(5), BSON.serialize(command)]));
}

/** The bytes that answer a request with one BSON document. */
export function replyTo(request: Pick<Request, "id" | "opCode">, response: Uint8Array): Buffer {
  if (request.opCode === OP.msg) return frame(OP.msg, request.id, Buffer.concat([Buffer.alloc(5), response]));
  const legacyHead = Buffer.alloc(20);
  legacyHead.writeInt32LE(1, 16);
  return frame(OP.reply, request.id, Buffer.concat([legacyHead, response]));
}

let lastId = 0;

function frame(opCode: number, responseTo: number, payload: Buffer): Buffer {
  lastId = (lastId + 1) & 0x7fffffff;
  const head = Buffer.alloc(HEADER_BYTES);
  [HEADER_BYTES + payload.length, lastId, responseTo, opCode].forEach((value, index) =>
    head.writeInt32LE(value, index * 4),
  );
  return Buffer.concat([head, payload]);
}
