import { aDefinition, aNote, busBench, caughtUp, table, until } from "@greentick/testing";

describe("an event of a partition whose readers were lost one after the other", () => {
  const bench = busBench("watched");
  const stream = "idle";

  it("is not put under watch when they had nothing in hand, so that the end of this process makes no dead letter of it", async () => {
    const one = await bench.open();
    const name = `${stream}.reader`;
    await one.bus.consume(table(stream, () => Promise.resolve()));
    await caughtUp(one.bus, name);
    await one.bus.close();
    const next = await bench.open();
    const places = next.database.db.collection("offsets");
    await places.updateMany({ consumer: name }, { $set: { owner: "somebody who is gone", lost: 9 } });
    const besideIt: number[] = [];
    await next.bus.consume(
      table(stream, async () => {
        besideIt.push((await next.bus.deadLetters({ consumer: name })).length);
      }),
    );
    await until(async () => (await places.countDocuments({ consumer: name, lost: { $ne: 0 } })) === 0);
    await next.bus.publish([aNote(bench.call(next.calls), { key: "key", n: 1 }, aDefinition(stream))]);
    await until(() => Promise.resolve(besideIt.length > 0));
    expect(besideIt).toEqual([0]);
  });
});
