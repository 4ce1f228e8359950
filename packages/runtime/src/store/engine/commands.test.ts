import { BSON } from "mongodb";
import { journalled, ownAnswer, parseCommand } from "./commands.js";

const command = (document: BSON.Document): ReturnType<typeof parseCommand> =>
  parseCommand(Buffer.from(BSON.serialize(document)));
const sent = (document: BSON.Document): BSON.Document => BSON.deserialize(journalled(command(document)));
const answer = (document: BSON.Document): BSON.Document | undefined => ownAnswer(command(document), 7);

describe("what the front answers by itself", () => {
  it.each(["hello", "isMaster", "ismaster"])("greets (%s) as a standalone server without sessions", (name) => {
    const greeting = answer({ [name]: 1 }) ?? {};
    expect(greeting["isWritablePrimary"] ?? greeting["ismaster"]).toBe(true);
    expect(Object.keys(greeting)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/setName|logicalSessionTimeoutMinutes|topologyVersion|msg/)]),
    );
  });

  it.each(["endSessions", "killSessions", "killAllSessions"])("accepts %s, which has nothing to end", (name) => {
    expect(answer({ [name]: [] })).toEqual({ ok: 1 });
  });

  it.each(["startSession", "fsync"])("refuses %s", (name) => {
    expect(answer({ [name]: 1 })).toMatchObject({ ok: 0, codeName: "IllegalOperation" });
  });

  it("refuses a command inside a session or transaction", () => {
    expect(answer({ insert: "a", lsid: { id: 1 } })).toMatchObject({ ok: 0, codeName: "IllegalOperation" });
    expect(answer({ insert: "a", txnNumber: 1n })).toMatchObject({ ok: 0, codeName: "IllegalOperation" });
  });

  it.each(["collMod", "shutdown", "replSetInitiate", "", "constructor"])(
    "refuses '%s', which is not on the list",
    (name) => {
      expect(answer({ [name]: 1 })).toMatchObject({ ok: 0, code: 59, codeName: "CommandNotFound" });
    },
  );

  it.each(["find", "insert", "aggregate", "listIndexes"])("hands %s on", (name) => {
    expect(answer({ [name]: "a", $db: "x" })).toBeUndefined();
  });
});

describe("acknowledgements", () => {
  const update = { update: "a", updates: [{ q: {}, u: { $set: { a: 1 } } }], $db: "x" };

  it("wait for the journal when the client does not say", () => {
    expect(sent(update)).toEqual({ ...update, writeConcern: { w: 1, j: true } });
  });

  it.each([{ w: "majority" }, { w: "majority", j: true }])("take a majority of one for one (%j)", (writeConcern) => {
    expect(sent({ ...update, writeConcern: { ...writeConcern, wtimeout: 5 } })).toEqual({
      ...update,
      writeConcern: { w: 1, wtimeout: 5, j: true },
    });
  });

  it.each([{ w: 1, j: false }, { w: "majority", j: false }, { w: 1, j: true }, { j: true }, { w: 0 }])(
    "are left as the client says (%j)",
    (writeConcern) => {
      expect(sent({ ...update, writeConcern })).toEqual({ ...update, writeConcern });
    },
  );

  it("keep the order of the command's fields, of which the first is its name", () => {
    const changed = sent({ insert: "a", writeConcern: { w: 1 }, $db: "x", documents: [{ b: 1, a: 2 }] });
    expect(Object.keys(changed)).toEqual(["insert", "$db", "documents", "writeConcern"]);
  });

  it.each(["$out", "$merge"])("wait for the journal in an aggregation that writes with %s", (stage) => {
    const pipeline = [{ $match: {} }, { [stage]: "b" }];
    expect(sent({ aggregate: "a", pipeline, cursor: {} })["writeConcern"]).toEqual({ w: 1, j: true });
  });

  it("are no matter of reads", () => {
    expect(sent({ aggregate: "a", pipeline: [{ $match: {} }], cursor: {} })).not.toHaveProperty("writeConcern");
    expect(sent({ find: "a", $db: "x" })).toEqual({ find: "a", $db: "x" });
  });
});
