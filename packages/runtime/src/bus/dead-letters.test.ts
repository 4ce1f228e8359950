import { type EventEnvelope } from "@greentick/kernel";
import { aDefinition, aNote, busBench } from "@greentick/testing";
import { type DeadLetterBox, deadLetterBox } from "./dead-letters.js";

describe("the box of dead letters", () => {
  const bench = busBench("letterbox");
  const consumer = "box.reader";
  const consumers = [consumer];
  const failed = { reason: "failed" as const, tries: 5, error: new Error("broken") };
  let box: DeadLetterBox;
  let note: (version?: number) => EventEnvelope;
  beforeAll(async () => {
    const one = await bench.open();
    box = deadLetterBox(one.database.db, one.clocks.system);
    note = (version = 1) => aNote(bench.call(one.calls), { key: "key", n: 0 }, aDefinition("box", version));
  });
  const buried = async (event = note(), failure: Parameters<DeadLetterBox["put"]>[2] = failed): Promise<string> => {
    await box.put(consumer, event, failure);
    return `${consumer}:${event.id}`;
  };
  const due = (reads: Parameters<DeadLetterBox["due"]>[1] = () => false): Promise<readonly string[]> =>
    box.due(consumers, reads);

  it("keeps a wish when the same event is buried a second time meanwhile, as after a takeover", async () => {
    const event = note();
    const id = await buried(event);
    expect(await box.want(id)).toBe(true);
    await buried(event);
    expect(await due()).toContain(id);
    await box.remove(id);
  });

  it("forgets a wish once it was tried in vain, and keeps it when the try was broken off", async () => {
    const id = await buried();
    await box.want(id);
    expect(await box.take(id, { consumers, member: "one", others: [] })).toMatchObject({ id });
    await box.letGo(id);
    expect(await due()).toContain(id);
    await box.layDown(id);
    expect(await due()).not.toContain(id);
    await box.remove(id);
  });

  it("gives a letter to one living member at a time, and to the next one when that has died", async () => {
    const id = await buried();
    const asTwo = (others: readonly string[]): ReturnType<DeadLetterBox["take"]> =>
      box.take(id, { consumers, member: "two", others });
    expect(await box.take(id, { consumers, member: "one", others: ["two"] })).toMatchObject({ id });
    expect(await asTwo(["one"])).toBeUndefined();
    expect(await asTwo([])).toMatchObject({ id });
    await box.remove(id);
  });

  it("finds what is parked for a newer version once that version is read, and not before", async () => {
    const parked = await buried(note(3), { reason: "unknown_version", tries: 0, error: new Error("too new") });
    expect(await due(({ version }) => version <= 2)).toEqual([]);
    expect(await due(({ version }) => version <= 3)).toEqual([parked]);
    await box.remove(parked);
  });
});
