import { createHash } from "node:crypto";
import { doorTaskEnded, doorTaskOpened, eventCatalogue } from "@greentick/contracts";
import { type EventEnvelope, onFaultPoint } from "@greentick/kernel";
import { someTenants } from "@greentick/testing";
import { bodyOf, bodyOfAccounts, casaWaba, deliveries } from "./fixtures/door.js";
import { doorWorld, otraWaba } from "./fixtures/door-world.js";

interface Task {
  readonly id: string;
  readonly status: string;
  readonly total: number | null;
  readonly done: number;
  readonly handedOn: number;
  readonly kinds: readonly Record<string, number | string>[];
  readonly differences: readonly { readonly updateId: string; readonly comparison: string }[];
}
const shape =
  "id status total done handedOn kinds { kind same changed added missing held } differences { updateId comparison }";
const sha256 = (body: Buffer): string => createHash("sha256").update(body).digest("hex");

describe("replaying kept webhooks", () => {
  const door = doorWorld("replay");
  const { world, query } = door;
  const seen: EventEnvelope[] = [];
  const told: EventEnvelope[] = [];
  const bodies = {
    casa: bodyOf(casaWaba, deliveries(["wamid.a", "wamid.b"])),
    both: bodyOfAccounts({
      [casaWaba]: [{ value: deliveries(["wamid.c"]) }],
      [otraWaba]: [{ value: deliveries(["wamid.d"]) }],
    }),
    nobody: bodyOf("777000111222333", deliveries(["wamid.e"])),
    damaged: Buffer.from("{no json"),
  };
  beforeAll(async () => {
    const keep =
      (into: EventEnvelope[]) =>
      (some: readonly EventEnvelope[]): Promise<void> =>
        Promise.resolve(void into.push(...some));
    const events = eventCatalogue.filter((one) => one.stream === "status");
    await world.bus.consume({ name: "test.replay", on: [], batch: { events, handle: keep(seen), batchSize: 500 } });
    const tasks = { events: [doorTaskOpened, doorTaskEnded], handle: keep(told), batchSize: 10 };
    await world.bus.consume({ name: "test.tasks", on: [], batch: tasks });
    for (const body of Object.values(bodies)) await door.post(body);
    await world.settle();
  });
  beforeEach(() => {
    seen.length = 0;
    told.length = 0;
  });
  afterEach(() => {
    onFaultPoint(undefined);
  });

  const raw = () => world.outside.database.db.collection<{ _id: string; told: string[] }>("raw");
  const replay = async (input: string): Promise<Task> => {
    const { data, errors } = await query<{ replayWebhooks: { task: Task } }>(
      `mutation { replayWebhooks(input: { reason: "a look", ${input} }) { task { ${shape} } } }`,
    );
    if (data === undefined) throw new Error(errors[0]?.message);
    await world.settle();
    const id = data.replayWebhooks.task.id;
    const ended = await query<{ doorTask: Task }>(`{ doorTask(id: "${id}") { ${shape} } }`);
    if (ended.data === undefined) throw new Error(ended.errors[0]?.message);
    return ended.data.doorTask;
  };
  const everything = 'from: "2020-01-01T00:00:00Z"';
  const forget = (body: Buffer): Promise<unknown> => raw().updateOne({ _id: sha256(body) }, { $unset: { told: 1 } });

  it("tells, without effect, that everything would be handed on as it was", async () => {
    const task = await replay(`mode: INERT, ${everything}`);
    expect(task).toMatchObject({ status: "DONE", total: 4, done: 4, handedOn: 0, differences: [] });
    expect(task.kinds).toEqual([
      { kind: "messages", same: 0, changed: 0, added: 0, missing: 0, held: 1 },
      { kind: "status.received", same: 4, changed: 0, added: 0, missing: 0, held: 0 },
    ]);
    expect(seen).toEqual([]);
  });

  it("tells of each update whether it would be new, in other words, or gone", async () => {
    await forget(bodies.casa);
    await raw().updateOne({ _id: sha256(bodies.both) }, { $set: { "told.0": "otherwords!" } });
    await raw().updateOne({ _id: sha256(bodies.nobody) }, { $set: { told: ["handedonthen"] } });
    const task = await replay(`mode: INERT, ${everything}`);
    expect(task.differences).toEqual(
      expect.arrayContaining([
        { updateId: `${sha256(bodies.casa)}:0`, comparison: "ADDED" },
        { updateId: `${sha256(bodies.casa)}:1`, comparison: "ADDED" },
        { updateId: `${sha256(bodies.both)}:0`, comparison: "CHANGED" },
        { updateId: `${sha256(bodies.nobody)}:0`, comparison: "MISSING" },
      ]),
    );
    expect(task.differences).toHaveLength(4);
    expect(seen).toEqual([]);
  });

  it("hands on what is missing, once and under the ids it would always have had, and then nothing is missing", async () => {
    await forget(bodies.casa);
    const first = await replay(`mode: MISSING, ids: ["${sha256(bodies.casa)}"]`);
    expect(first).toMatchObject({ done: 1, handedOn: 2 });
    const ids = seen.map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    expect((await replay(`mode: MISSING, ids: ["${sha256(bodies.casa)}:1"]`)).handedOn).toBe(0);
    seen.length = 0;
    await replay(`mode: ALL, ids: ["${sha256(bodies.casa)}"]`);
    expect(seen.map(({ id }) => id)).toEqual(ids);
  });

  it("keeps to one tenant's updates where it is told to", async () => {
    expect((await replay(`mode: ALL, ${everything}, tenantId: "${someTenants.otra}"`)).handedOn).toBe(1);
    expect(seen).toMatchObject([{ tenantId: someTenants.otra }]);
  });

  it("takes nothing from outside its time", async () => {
    expect(await replay('mode: ALL, from: "2020-01-01T00:00:00Z", until: "2020-01-02T00:00:00Z"')).toMatchObject({
      total: 0,
      done: 0,
      status: "DONE",
    });
  });

  it("counts a part once although the process dies behind its events, and ends all the same", async () => {
    let died = 0;
    onFaultPoint((name) => {
      if (name === "replay.published" && died++ === 0) throw new Error("the process died here");
    });
    const task = await replay(`mode: ALL, ids: ["${sha256(bodies.both)}"]`);
    await world.settle();
    const { data } = await query<{ doorTask: Task }>(`{ doorTask(id: "${task.id}") { ${shape} } }`);
    expect(data?.doorTask).toMatchObject({ status: "DONE", done: 1, handedOn: 2 });
    expect(new Set(seen.map(({ id }) => id)).size).toBe(2);
  });

  it("finds in quarantine what a later release reads, and counts what was released since as handed on", async () => {
    await raw().updateOne({ _id: sha256(bodies.nobody) }, { $set: { told: [""] } });
    await door.link("777000111222333", world.call());
    expect(seen).toHaveLength(1);
    const task = await replay(`mode: MISSING, ids: ["${sha256(bodies.nobody)}"]`);
    expect(task).toMatchObject({ handedOn: 0, kinds: [{ kind: "status.received", same: 1 }] });
  });

  it("is in the audit trail from its beginning to its end, with who, why and what it counted", async () => {
    await replay(`mode: INERT, ${everything}`);
    expect(told.map(({ type }) => type)).toEqual(["door.task_opened", "door.task_ended"]);
    expect(told[0]).toMatchObject({
      reason: "a look",
      actor: { kind: "staff" },
      data: { kind: "replay", mode: "inert" },
    });
    expect(told[1]).toMatchObject({ reason: "a look", data: { status: "done" } });
  });

  it.each([
    ["mode: INERT", "BAD_USER_INPUT"],
    ['mode: INERT, ids: ["nothing of ours"]', "BAD_USER_INPUT"],
    ["mode: INERT, ids: []", "BAD_USER_INPUT"],
    ['mode: INERT, from: "2021-01-01T00:00:00Z", until: "2020-01-01T00:00:00Z"', "BAD_USER_INPUT"],
  ])("is refused for %s", async (input, code) => {
    const { errors } = await query(`mutation { replayWebhooks(input: { reason: "x", ${input} }) { task { id } } }`);
    expect(errors[0]?.extensions).toMatchObject({ code });
  });

  it("needs a reason, and an operator", async () => {
    const source = `mutation { replayWebhooks(input: { reason: " ", mode: INERT, ${everything} }) { task { id } } }`;
    expect((await query(source)).errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT" });
    const owner = world.call({ roles: ["owner"] });
    expect((await query(source, owner)).errors[0]?.extensions).toMatchObject({ code: "FORBIDDEN" });
  });

  it("can be stopped while it runs, and not once it has ended", async () => {
    const { id } = await replay(`mode: INERT, ${everything}`);
    const { errors } = await query(`mutation { stopDoorTask(input: { taskId: "${id}" }) { task { status } } }`);
    expect(errors[0]?.extensions).toMatchObject({ code: "CONFLICT", reason: "door_task_ended" });
    const unknown = await query('mutation { stopDoorTask(input: { taskId: "dtk_nothing" }) { task { status } } }');
    expect(unknown.errors[0]?.extensions).toMatchObject({ code: "NOT_FOUND", reason: "door_task_not_found" });
    const list = await query<{ doorTasks: { totalCount: number } }>(
      "{ doorTasks(first: 1) { totalCount nodes { id } } }",
    );
    expect(list.data?.doorTasks.totalCount).toBeGreaterThan(3);
  });
});
