import {
  type DataOf,
  doorTaskEnded,
  ledgerReplayRequested,
  messageStatusReceived,
  replayTold,
  statusReplayed,
} from "@greentick/contracts";
import { type EventEnvelope, onFaultPoint } from "@greentick/kernel";
import { anEvent, someTenants, until as waitUntil } from "@greentick/testing";
import { bodyOf, bodyOfAccounts, casaWaba, deliveries } from "./fixtures/door.js";
import { doorWorld, otraWaba } from "./fixtures/door-world.js";

const otherCasaWaba = "318274650192999";

describe("reading kept bodies for a replay of the ledger", () => {
  const door = doorWorld("shadow");
  const { world } = door;
  const said: EventEnvelope[] = [];
  const rated: EventEnvelope[] = [];
  const ended: EventEnvelope[] = [];
  let before = new Date();
  let behind = new Date();
  beforeAll(async () => {
    const keep =
      (into: EventEnvelope[]) =>
      (some: readonly EventEnvelope[]): Promise<void> =>
        Promise.resolve(void into.push(...some));
    const listen = async (name: string, events: Parameters<typeof anEvent>[1][], into: EventEnvelope[]) =>
      world.bus.consume({ name: `test.${name}`, on: [], batch: { events, handle: keep(into), batchSize: 500 } });
    await listen("shadow", [statusReplayed, replayTold], said);
    await listen("rating", [messageStatusReceived], rated);
    await listen("ended", [doorTaskEnded], ended);
    await door.link(otherCasaWaba, world.call());
    before = new Date();
    for (const body of [
      bodyOf(casaWaba, deliveries(["wamid.a", "wamid.b"])),
      bodyOfAccounts({
        [casaWaba]: [{ value: deliveries(["wamid.c"]) }],
        [otraWaba]: [{ value: deliveries(["wamid.d"]) }],
      }),
      bodyOf(otherCasaWaba, deliveries(["wamid.e"])),
      bodyOf(casaWaba, { statuses: [{ id: "", status: "delivered", timestamp: "1791000000", recipient_id: "" }] }),
      bodyOf(casaWaba, { event: "PENDING_DELETION" }, "phone_number_name_update"),
    ])
      await door.post(body);
    await world.settle();
    behind = new Date(Date.now() + 1);
  });
  beforeEach(() => {
    said.length = 0;
    rated.length = 0;
    ended.length = 0;
  });
  afterEach(() => {
    onFaultPoint(undefined);
  });

  const asked = (replayId: string, more: Partial<DataOf<typeof ledgerReplayRequested>> = {}): EventEnvelope =>
    anEvent(world.call(), ledgerReplayRequested, { replayId, from: before, until: behind, ...more });
  const statuses = (): readonly EventEnvelope[] => said.filter(({ type }) => type === statusReplayed.type);
  const told = (): unknown[] => said.filter(({ type }) => type === replayTold.type).map(({ data }) => data);

  it("hands the client's statuses to the replay alone, says how many they were behind them, and what says nothing any more", async () => {
    await world.given(asked("rpl_all"));
    expect(statuses()).toHaveLength(4);
    expect(new Set(statuses().map(({ tenantId }) => tenantId))).toEqual(new Set([someTenants.casa]));
    expect(statuses()[0]).toMatchObject({ data: { replayId: "rpl_all" }, source: { index: 0 } });
    expect(said.at(-1)?.type).toBe(replayTold.type);
    expect(told()).toEqual([{ replayId: "rpl_all", bodies: 5, statuses: 4, blanked: 1, held: 0, erased: 0 }]);
    expect(rated).toEqual([]);
  });

  it("keeps to one account and to its time where it is told to", async () => {
    await world.given(asked("rpl_waba", { wabaId: otherCasaWaba }));
    expect(statuses()).toMatchObject([{ data: { wabaId: otherCasaWaba } }]);
    said.length = 0;
    await world.given(asked("rpl_past", { from: new Date(0), until: before }));
    expect(told()).toMatchObject([{ bodies: 0, statuses: 0 }]);
  });

  it("begins once however often it is asked, and hands on under the same ids when a part is done again", async () => {
    let died = 0;
    onFaultPoint((name) => {
      if (name === "replay.published" && died++ === 0) throw new Error("the process died here");
    });
    const twice = asked("rpl_twice");
    await world.given(twice, { ...asked("rpl_twice"), partitionKey: twice.partitionKey });
    await world.settle();
    expect(died).toBeGreaterThan(1);
    expect(new Set(statuses().map(({ id }) => id)).size).toBe(4);
    expect(told()).toEqual([expect.objectContaining({ statuses: 4 })]);
    expect(ended).toMatchObject([{ data: { replayId: "rpl_twice", mode: "shadow", status: "done" } }]);
  });

  it("counts bodies of which only the hash is left", async () => {
    const raw = world.outside.database.db.collection("raw");
    await door.post(bodyOf(casaWaba, deliveries(["wamid.f"])));
    await world.settle();
    const until = new Date(Date.now() + 1);
    await raw.updateOne(
      { tenants: someTenants.casa, receivedAt: { $gte: behind } },
      { $unset: { body: 1, keptAt: 1, told: 1 }, $set: { erasedAt: new Date() } },
    );
    await world.given(asked("rpl_erased", { until }));
    expect(told()).toMatchObject([{ statuses: 4, erased: 1 }]);
  });

  it("is seen by operators, whose stop is told to whoever waits for it", async () => {
    onFaultPoint((name) => {
      if (name === "replay.published") throw new Error("it never gets on");
    });
    await world.bus.publish([asked("rpl_stopped")]);
    const running = async (): Promise<string | undefined> => {
      const { data } = await door.query<{ doorTasks: { nodes: { id: string; mode: string; status: string }[] } }>(
        "{ doorTasks(first: 5) { nodes { id mode status } } }",
      );
      return data?.doorTasks.nodes.find(({ mode, status }) => mode === "SHADOW" && status === "RUNNING")?.id;
    };
    let id = await running();
    for (let round = 0; id === undefined && round < 200; round++) {
      await world.running.jobs.runNow();
      id = await running();
    }
    await door.query(`mutation { stopDoorTask(input: { taskId: "${id ?? ""}" }) { task { status } } }`);
    onFaultPoint(undefined);
    await world.settle();
    expect(ended).toMatchObject([{ data: { replayId: "rpl_stopped", status: "stopped" } }]);
    expect(told()).toEqual([]);
  });

  it("does not begin while a body of its time waits for the splitter, which has yet to say whose it is", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    onFaultPoint((point) => (point === "splitter.opened" ? held : undefined));
    await door.post(bodyOf(casaWaba, deliveries(["wamid.late"])));
    const until = new Date(Date.now() + 1);
    await world.bus.publish([asked("rpl_early", { until })]);
    const tasks = world.outside.database.db.collection("door_tasks");
    await waitUntil(async () => (await tasks.countDocuments({ "state.shadow.replayId": "rpl_early" })) === 1);
    for (let round = 0; round < 50; round++) {
      world.running.jobs.nudge("webhook.tasks");
      await tasks.findOne({});
    }
    expect(told()).toEqual([]);
    release();
    await world.settle();
    expect(told()).toMatchObject([{ replayId: "rpl_early", held: 0 }]);
  });
});
