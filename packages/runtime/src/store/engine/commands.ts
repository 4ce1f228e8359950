import { BSON, type Document } from "mongodb";

/**
 * What may reach the embedded engine. The list is what applications and the MongoDB tools use; a command outside it is
 * refused by us, because several of the others stop the whole process.
 */
const FORWARDED = new Set(
  (
    "aggregate buildInfo buildinfo bulkWrite collStats count create createIndexes dbStats delete distinct drop " +
    "dropDatabase dropIndexes explain find findAndModify findandmodify getMore getParameter insert killCursors " +
    "listCollections listDatabases listIndexes ping renameCollection serverStatus update validate"
  ).split(" "),
);

/** Commands whose acknowledgement means "on disk". Those that only write sometimes are decided by `writes`. */
const WRITES = new Set(
  (
    "bulkWrite create createIndexes delete drop dropDatabase dropIndexes findAndModify findandmodify insert " +
    "renameCollection update"
  ).split(" "),
);

const GREETINGS = new Set(["hello", "isMaster", "ismaster"]);
const SESSION_ENDS = new Set(["endSessions", "killSessions", "killAllSessions"]);

/** Wire version 25 is MongoDB 8.0, the newest whose commands the engine was measured with. */
const WIRE_VERSION = 25;

const NO_SESSIONS = [
  20,
  "IllegalOperation",
  "the embedded store has neither sessions nor transactions: use a replica set",
] as const;

/** A field of a command as it lies in the bytes: `start` is its type byte. */
interface Field {
  type: number;
  start: number;
  value: number;
  end: number;
}

export interface Command {
  name: string;
  body: Buffer;
  fields: ReadonlyMap<string, Field>;
}

/** Reads a command's top-level field names without decoding their values. The first field names the command. */
export function parseCommand(body: Buffer): Command {
  const fields = new Map<string, Field>();
  for (const [type, nameAt, nameLength, value, length] of BSON.onDemand.parseToElements(body)) {
    fields.set(body.toString("utf8", nameAt, nameAt + nameLength), {
      type,
      start: nameAt - 1,
      value,
      end: value + length,
    });
  }
  return { name: fields.keys().next().value ?? "", body, fields };
}

/**
 * The answer we give without asking the engine, or undefined when the command is to be forwarded.
 *
 * The greeting is that of a standalone server: it names no session timeout and no replica set, so drivers use neither
 * sessions nor retryable writes, which the engine does not have. Session commands stop the engine and end here.
 */
export function ownAnswer({ name, fields }: Command, connectionId: number): Document | undefined {
  if (GREETINGS.has(name)) return greeting(name, connectionId);
  if (SESSION_ENDS.has(name)) return { ok: 1 };
  if (name === "startSession" || fields.has("lsid") || fields.has("txnNumber")) return refusal(...NO_SESSIONS);
  if (name === "fsync") return refusal(20, "IllegalOperation", "the embedded store journals every write by itself");
  if (FORWARDED.has(name)) return undefined;
  return refusal(59, "CommandNotFound", `no such command in the embedded store: '${name}'`);
}

const greeting = (name: string, connectionId: number): Document => ({
  ...(name === "hello" ? { isWritablePrimary: true } : { ismaster: true }),
  helloOk: true,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  localTime: new Date(),
  connectionId,
  minWireVersion: 0,
  maxWireVersion: WIRE_VERSION,
  readOnly: false,
  ok: 1,
});

const refusal = (code: number, codeName: string, errmsg: string): Document => ({ ok: 0, errmsg, code, codeName });

/**
 * The command with an acknowledgement that waits for the journal. A majority of one is one: with `w: "majority"` this engine acknowledges up to some
 * hundred milliseconds before a write is in the journal, whatever `j` says. Left alone: what refuses the journal (`j: false`), unacknowledged writes
 * (`w: 0`), and numbers that are the engine's to refuse.
 */
export function journalled(command: Command): Buffer {
  if (!writes(command)) return command.body;
  const named = command.fields.get("writeConcern");
  const concern = named ? valueOf(command, named) : { w: 1 };
  if (concern["j"] === false || concern["w"] === 0) return command.body;
  const w: unknown = concern["w"] === "majority" ? 1 : concern["w"];
  if (concern["j"] === true && w === concern["w"]) return command.body;
  return withWriteConcern(command, named, { ...concern, ...(w !== undefined && { w }), j: true });
}

function writes(command: Command): boolean {
  if (command.name !== "aggregate") return WRITES.has(command.name);
  const pipeline = command.fields.get("pipeline");
  if (!pipeline) return false;
  return Object.values(valueOf(command, pipeline)).some(isWritingStage);
}

const isWritingStage = (stage: unknown): boolean =>
  typeof stage === "object" && stage !== null && ("$out" in stage || "$merge" in stage);

/** Decodes a document or array; anything else reads as empty and is the engine's to refuse. */
function valueOf({ body }: Command, { type, value, end }: Field): Document {
  return type === 3 || type === 4 ? BSON.deserialize(body.subarray(value, end)) : {};
}

function withWriteConcern({ body }: Command, old: Field | undefined, concern: Document): Buffer {
  const [cutFrom, cutTo] = old ? [old.start, old.end] : [4, 4];
  const field = BSON.serialize({ writeConcern: concern }).subarray(4, -1);
  const parts = [body.subarray(0, cutFrom), body.subarray(cutTo, -1), field, Buffer.alloc(1)];
  const changed = Buffer.concat(parts);
  changed.writeInt32LE(changed.length, 0);
  return changed;
}
