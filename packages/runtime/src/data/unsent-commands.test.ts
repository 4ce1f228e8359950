import { testDatabase } from "@greentick/testing";
import { connectDatabase, type Database } from "./database.js";
import { driverConnections } from "./unsent-commands.js";

describe("a command whose connection ends before it is written", () => {
  const { uri, dbName } = testDatabase("unsent");
  let database: Database;
  beforeAll(async () => {
    database = await connectDatabase(uri, dbName());
  });
  afterAll(() => database.close());

  it("fails instead of waiting for ever, and the next one finds the store again", async () => {
    const write = driverConnections.writeCommand;
    let cut = false;
    driverConnections.writeCommand = function (...args) {
      if (!cut) this.socket.destroy();
      cut = true;
      return write.apply(this, args);
    };
    try {
      await expect(database.db.command({ ping: 1 })).rejects.toThrow(/closed/);
    } finally {
      driverConnections.writeCommand = write;
    }
    expect(cut).toBe(true);
    await expect(database.db.command({ ping: 1 })).resolves.toMatchObject({ ok: 1 });
  });
});
