import { deadLetterRedelivered, doorTaskEnded } from "@greentick/contracts";
import { type EventEnvelope } from "@greentick/kernel";
import { aDefinition, aNote } from "@greentick/testing";
import { doorWorld } from "./fixtures/door-world.js";

interface Letters {
  readonly webhookDoor: {
    readonly deadLetters: {
      readonly nodes: readonly { readonly id: string; readonly consumer: string }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
    };
  };
}
interface Task {
  readonly id: string;
  readonly status: string;
  readonly done: number;
  readonly handedOn: number;
  readonly left: number;
}

describe("handing dead letters in again", () => {
  const door = doorWorld("lettersdoor");
  const { world, query } = door;
  const handled: string[] = [];
  const told: EventEnvelope[] = [];
  const failing = new Set<string>();
  const note = aDefinition("lettered");
  beforeAll(async () => {
    const handle =
      (consumer: string) =>
      (_: unknown, event: EventEnvelope): Promise<void> => {
        const word = `${consumer} ${String((event.data as { n: number }).n)}`;
        if (failing.has(word)) return Promise.reject(new Error("not yet"));
        handled.push(word);
        return Promise.resolve();
      };
    for (const name of ["one", "two"])
      await world.bus.consume({ name: `test.${name}`, on: [{ event: note, handle: handle(name) }] });
    const keep = (some: readonly EventEnvelope[]): Promise<void> => Promise.resolve(void told.push(...some));
    const events = [deadLetterRedelivered, doorTaskEnded];
    await world.bus.consume({ name: "test.told", on: [], batch: { events, handle: keep, batchSize: 10 } });
  });
  beforeEach(() => {
    handled.length = 0;
    told.length = 0;
  });
  const numbers = Array.from({ length: 6 }, (_, n) => n);
  /** Six notes that nobody can handle for now. */
  const bury = async (): Promise<void> => {
    for (const name of ["one", "two"]) for (const n of numbers) failing.add(`${name} ${n}`);
    await world.given(...numbers.map((n) => aNote(world.call(), { key: `k${n}`, n }, note)));
  };
  const letters = async (args: string): Promise<Letters["webhookDoor"]["deadLetters"]> => {
    const { data, errors } = await query<Letters>(
      `{ webhookDoor { deadLetters(${args}) { nodes { id consumer } pageInfo { hasNextPage endCursor } } } }`,
    );
    if (data === undefined) throw new Error(errors[0]?.message);
    return data.webhookDoor.deadLetters;
  };
  const redeliver = async (input: string): Promise<Task> => {
    const { data, errors } = await query<{ redeliverDeadLetters: { task: { id: string } } }>(
      `mutation { redeliverDeadLetters(input: { reason: "the cause is gone", ${input} }) { task { id } } }`,
    );
    if (data === undefined) throw new Error(errors[0]?.message);
    await world.settle();
    const id = data.redeliverDeadLetters.task.id;
    const task = await query<{ doorTask: Task }>(`{ doorTask(id: "${id}") { id status done handedOn left } }`);
    if (task.data === undefined) throw new Error(task.errors[0]?.message);
    return task.data.doorTask;
  };

  it("lists them page by page, and by consumer", async () => {
    await bury();
    const ids: string[] = [];
    let after = "";
    for (let more = true; more;) {
      const page = await letters(`first: 5 ${after}`);
      ids.push(...page.nodes.map(({ id }) => id));
      more = page.pageInfo.hasNextPage;
      after = `after: "${page.pageInfo.endCursor}"`;
    }
    expect(new Set(ids).size).toBe(12);
    expect(ids).toHaveLength(12);
    const mine = await letters('consumer: "test.one", reason: "failed"');
    expect(mine.nodes.map(({ consumer }) => consumer)).toEqual(numbers.map(() => "test.one"));
  });

  it("takes all of one consumer at once, each once, and leaves what fails again and what is another's", async () => {
    failing.clear();
    failing.add("one 3");
    const task = await redeliver('consumer: "test.one"');
    expect(task).toMatchObject({ status: "DONE", done: 6, handedOn: 5, left: 1 });
    expect(handled.toSorted()).toEqual(["one 0", "one 1", "one 2", "one 4", "one 5"]);
    expect((await letters('consumer: "test.one"')).nodes).toHaveLength(1);
    expect((await letters('consumer: "test.two"')).nodes).toHaveLength(6);
  });

  it("takes those that are named", async () => {
    const [first, second] = (await letters('consumer: "test.two"')).nodes;
    const task = await redeliver(`ids: ["${first?.id ?? ""}", "${second?.id ?? ""}", "nobody:here"]`);
    expect(task).toMatchObject({ status: "DONE", handedOn: 2 });
    expect((await letters('consumer: "test.two"')).nodes).toHaveLength(4);
  });

  it("takes those of a time", async () => {
    expect(await redeliver('from: "2020-01-01T00:00:00Z", until: "2020-01-02T00:00:00Z"')).toMatchObject({
      handedOn: 0,
    });
    expect(handled).toEqual([]);
    failing.clear();
    expect((await redeliver('from: "2020-01-01T00:00:00Z"')).handedOn).toBe(5);
    expect((await letters("first: 5")).nodes).toEqual([]);
  });

  it("is in the audit trail, one letter or many", async () => {
    await bury();
    failing.clear();
    const [first] = (await letters("first: 1")).nodes;
    await query(`mutation { redeliverDeadLetter(input: { deadLetterId: "${first?.id ?? ""}" }) { deadLetterId } }`);
    await redeliver('consumer: "test.one"');
    expect(told).toMatchObject([
      { type: "door.dead_letter_redelivered", actor: { kind: "staff" }, data: { deadLetterId: first?.id } },
      { type: "door.task_ended", reason: "the cause is gone", data: { kind: "redelivery", mode: "again" } },
    ]);
    await redeliver('consumer: "test.two"');
  });

  it("is refused without a word on which, and with a reason that nobody knows", async () => {
    const { errors } = await query('mutation { redeliverDeadLetters(input: { reason: "x" }) { task { id } } }');
    expect(errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT" });
    const unknown = await query('{ webhookDoor { deadLetters(reason: "bored") { nodes { id } } } }');
    expect(unknown.errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT" });
  });
});
