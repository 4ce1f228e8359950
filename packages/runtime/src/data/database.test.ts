import { testDatabase } from "@greentick/testing";
import { connectDatabase } from "./database.js";
import { duplicateIndexOf, isDuplicateKey } from "./errors.js";

describe("a database connection", () => {
  const { uri, dbName } = testDatabase("database");

  it("gives back whole numbers of 64 bits exactly, and drops what is undefined", async () => {
    const { db, close } = await connectDatabase(uri, dbName());
    const row = { micros: -(2n ** 63n), small: 7, at: new Date(0), nothing: undefined };
    await db.collection<typeof row & { _id: number }>("rows").insertOne({ _id: 1, ...row });
    expect(await db.collection("rows").findOne({})).toEqual({
      _id: 1,
      micros: -(2n ** 63n),
      small: 7,
      at: new Date(0),
    });
    await close();
  });

  it("acknowledges a write only when it is in the journal of a majority", async () => {
    const { db, close } = await connectDatabase(uri, dbName());
    expect(db.writeConcern).toMatchObject({ w: "majority", journal: true });
    await close();
  });

  it("tells a unique index's refusal from other errors, and which index it was", async () => {
    const { db, close } = await connectDatabase(uri, dbName());
    await db.collection("unique").createIndexes([{ key: { slug: 1 }, unique: true, name: "by_slug" }]);
    await db.collection("unique").insertOne({ slug: "a" });
    const error: unknown = await db
      .collection("unique")
      .insertOne({ slug: "a" })
      .catch((caught: unknown) => caught);
    expect(isDuplicateKey(error)).toBe(true);
    expect(duplicateIndexOf(error)).toBe("by_slug");
    expect(isDuplicateKey(new Error("other"))).toBe(false);
    expect(duplicateIndexOf(new Error("other"))).toBe("");
    await close();
  });

  it("that cannot be made says where it was looked for, without the password", async () => {
    const nowhere = connectDatabase("mongodb://user:s3cret@127.0.0.1:1/?serverSelectionTimeoutMS=50", "nowhere");
    const error: unknown = await nowhere.catch((caught: unknown) => caught);
    expect(String(error)).toContain("MongoDB at mongodb://127.0.0.1:1/");
    expect(String(error)).toContain("cannot be reached for database nowhere");
    expect(String(error)).not.toContain("s3cret");
  });
});
