import { testDatabase } from "@greentick/testing";
import { type Put } from "./journal.js";
import { openStore } from "./store.js";

describe("the kept state", () => {
  const { mongo, dbName } = testDatabase("stripesim");
  const answer = (id: string, body: string): Put => {
    const object = { id, body, request: "r", status: 200, requestId: "req_1", expiresAt: 0 };
    return { kind: "idempotency", seq: 1, created: 0, object };
  };

  it("finishes a change of several objects that a crash interrupted after it was written down", async () => {
    const db = mongo.db(dbName("journal"));
    const store = await openStore(db);
    await store.commit([answer("a", "old"), answer("b", "old")]);
    const puts = [answer("a", "new"), answer("b", "new"), answer("c", "new")];
    await db.collection<{ _id: number; puts: Put[] }>("journal").insertOne({ _id: await store.nextSeq(), puts });
    await store.commit(puts.slice(0, 1));

    const reopened = await openStore(db);
    const bodies = (await reopened.find("idempotency", {}, { sort: { _id: 1 } })).map(
      ({ id, body }) => `${id} ${body}`,
    );
    expect(bodies).toEqual(["a new", "b new", "c new"]);
    expect(await db.collection("journal").countDocuments()).toBe(0);
  });

  it("never gives a number twice, not after a restart and not to parallel askers", async () => {
    const db = mongo.db(dbName("numbers"));
    const first = await openStore(db);
    const numbers = await Promise.all(Array.from({ length: 1500 }, () => first.nextSeq()));
    const second = await openStore(db);
    numbers.push(await second.nextSeq(), await first.nextSeq());
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it("lets one of many simultaneous inserts of an id win", async () => {
    const store = await openStore(mongo.db(dbName("insert")));
    const tries = await Promise.all(Array.from({ length: 20 }, () => store.insert(answer("same", "x"))));
    expect(tries.filter(Boolean)).toHaveLength(1);
  });
});
