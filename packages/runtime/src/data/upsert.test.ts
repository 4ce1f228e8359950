import { type Collection } from "mongodb";
import { busBench } from "@greentick/testing";
import { upsertWhere } from "./upsert.js";

interface Row {
  _id: string;
  version: number;
}

describe("an upsert that asks for more than the key", () => {
  const bench = busBench("upsert");
  let rows: Collection<Row>;
  beforeAll(async () => {
    await bench.open();
    rows = (await bench.database("upsert")).db.collection<Row>("rows");
  });
  /** Keeps the row unless a newer one is there; `between` happens after the first look, as another writer may. */
  const keep = async (row: Row, between?: () => Promise<unknown>): Promise<void> => {
    const older = { _id: row._id, version: { $lt: row.version } };
    await upsertWhere(async (how) => {
      if (how.upsert && between !== undefined) {
        await between();
        // What the store does when its look was before the other's insert, and its own insert after it.
        await rows.insertOne({ ...row });
        return;
      }
      await rows.updateOne(older, { $set: { version: row.version } }, how);
    });
  };

  it("inserts what is missing, changes what is older, leaves what is newer", async () => {
    for (const [version, left] of [
      [2, 2],
      [3, 3],
      [1, 3],
    ] as const) {
      await keep({ _id: "plain", version });
      expect(await rows.findOne({ _id: "plain" })).toEqual({ _id: "plain", version: left });
    }
  });

  it.each([
    { first: 4, second: 5, left: 5 },
    { first: 5, second: 4, left: 5 },
  ])("keeps the newer one when $first is inserted between the look and the insert of $second", async (given) => {
    const _id = `met by ${given.first}`;
    await keep({ _id, version: given.second }, () => rows.insertOne({ _id, version: given.first }));
    expect(await rows.findOne({ _id })).toEqual({ _id, version: given.left });
  });

  it("lets any other failure through, and tries nothing again after it", async () => {
    const tries: boolean[] = [];
    const failing = upsertWhere(async ({ upsert }) => {
      tries.push(upsert);
      await rows.updateOne({ _id: "other" }, { $bad: 1 }, { upsert });
    });
    await expect(failing).rejects.toThrow(/\$bad|modifier|operator/i);
    expect(tries).toEqual([true]);
  });
});
