import { connectDatabase, type Database } from "@greentick/runtime";
import { testDatabase } from "@greentick/testing";
import { changeMany, insertMissing } from "./write-many.js";

describe("many writes of billing", () => {
  const { uri, dbName } = testDatabase("writemany");
  let database: Database;
  beforeAll(async () => {
    database = await connectDatabase(uri, dbName());
  });
  afterAll(() => database.close());
  const rows = () => database.db.collection<{ _id: number; word: string }>("rows");
  const some = (count: number, word: string): { _id: number; word: string }[] =>
    Array.from({ length: count }, (_, _id) => ({ _id, word }));

  it("may be more than one command can hold, and say how many were new, found or made", async () => {
    const large = "x".repeat(60_000);
    expect(await insertMissing(database, "rows", some(300, large))).toBe(300);
    expect(await insertMissing(database, "rows", some(301, "again"))).toBe(1);
    const changes = some(450, large).map(({ _id, word }) => ({ q: { _id }, u: { $set: { word } } }));
    expect(await changeMany(database, "rows", changes)).toBe(301);
    expect(
      await changeMany(
        database,
        "rows",
        changes.map((one) => ({ ...one, upsert: true })),
      ),
    ).toBe(450);
    expect(await rows().countDocuments({ word: large })).toBe(450);
  });

  it("throw what the store refuses, unless it is there already", async () => {
    await database.db.createCollection("strict", { validator: { word: { $ne: "refused" } } });
    await expect(insertMissing(database, "strict", some(1, "refused"))).rejects.toThrow(/^strict: /);
    await insertMissing(database, "strict", some(1, "fine"));
    await expect(changeMany(database, "strict", [{ q: { _id: 0 }, u: { $set: { word: "refused" } } }])).rejects.toThrow(
      /^strict: /,
    );
  });
});
