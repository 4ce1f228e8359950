import { createHash } from "node:crypto";
import { jsonTestSuite } from "@greentick/testing";
import { bodyOf, casaWaba, deliveries } from "./fixtures/door.js";
import { doorWorld } from "./fixtures/door-world.js";

const sha256 = (body: Buffer): string => createHash("sha256").update(body).digest("hex");
const files = jsonTestSuite();
const namesOf = (letter: string): readonly string[] =>
  files.filter(({ name }) => name.startsWith(`${letter}_`)).map(({ name }) => name);

interface Held {
  readonly webhookDoor: {
    readonly waiting: number;
    readonly quarantined: {
      readonly nodes: readonly { readonly id: string; readonly reason: string }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
    };
  };
}
interface Replayed {
  readonly replayWebhooks: { readonly task: { readonly id: string } };
}

describe("every file of JSONTestSuite as a signed body", () => {
  const { world, post, query } = doorWorld("json");
  const statuses = new Map<string, number>();
  const reasons = new Map<string, string>();
  const behind = bodyOf(casaWaba, deliveries(["wamid.behind.them.all"]));

  async function readHeld(): Promise<void> {
    for (let after = "", more = true; more;) {
      const { data } = await query<Held>(
        `{ webhookDoor { waiting quarantined(first: 100 ${after}) { nodes { id reason } pageInfo { hasNextPage endCursor } } } }`,
      );
      if (data === undefined) throw new Error("the door's report did not come");
      const { nodes, pageInfo } = data.webhookDoor.quarantined;
      for (const { id, reason } of nodes) reasons.set(id, reason);
      more = pageInfo.hasNextPage;
      after = `after: "${pageInfo.endCursor}"`;
    }
  }
  /** Why the file's first update waits. */
  const reasonOf = (name: string): string | undefined => {
    const file = files.find((one) => one.name === name);
    return file && reasons.get(`${sha256(file.bytes)}:0`);
  };

  beforeAll(async () => {
    const left = [...files];
    const sender = async (): Promise<void> => {
      for (let file = left.shift(); file !== undefined; file = left.shift()) {
        const answer = await post(file.bytes);
        await answer.arrayBuffer();
        statuses.set(file.name, answer.status);
      }
    };
    await Promise.all(Array.from({ length: 8 }, sender));
    await post(behind);
    await world.settle();
    await readHeld();
  });

  it("is there: 95 that must be read, 188 that must not, and 35 either way", () => {
    expect(["y", "n", "i"].map((letter) => namesOf(letter).length)).toEqual([95, 188, 35]);
  });

  it("is acknowledged once it is kept", async () => {
    expect(files.filter(({ name }) => statuses.get(name) !== 200)).toEqual([]);
    const kept = await world.outside.database.db.collection<{ _id: string }>("raw").countDocuments();
    expect(kept).toBe(new Set([...files.map(({ bytes }) => sha256(bytes)), sha256(behind)]).size);
  });

  it("is read where it must be: it names no account, so it waits for that reason and no other", () => {
    expect(namesOf("y").filter((name) => reasonOf(name) !== "no_account")).toEqual([]);
  });

  it("is held as unreadable where it must not be read", () => {
    expect(namesOf("n").filter((name) => reasonOf(name) !== "unreadable")).toEqual([]);
  });

  it("is held for one of the two reasons where a reader is free, and never as a failure of ours", async () => {
    expect([...new Set(namesOf("i").map(reasonOf))].toSorted()).toEqual(["no_account", "unreadable"]);
    expect(await world.outside.metrics.text()).toContain("greentick_webhook_updates_broken_total 0");
  });

  it("holds up nothing that came behind it", async () => {
    const row = await world.outside.database.db
      .collection<{ _id: string; waiting?: boolean }>("raw")
      .findOne({ _id: sha256(behind) });
    expect(row).toMatchObject({ updates: 1 });
    expect(await world.outside.database.db.collection("raw").countDocuments({ waiting: true })).toBe(0);
  });

  it("is read again by a replay, which ends, and hands nothing on that this release cannot read either", async () => {
    const { data } = await query<Replayed>(
      'mutation { replayWebhooks(input: { mode: MISSING, from: "2020-01-01T00:00:00Z", reason: "a new reader" }) { task { id } } }',
    );
    await world.settle();
    const ended = await query(
      `{ doorTask(id: "${data?.replayWebhooks.task.id ?? ""}") { status total done handedOn } }`,
    );
    const total = reasons.size + 1;
    expect(ended.data).toEqual({ doorTask: { status: "DONE", total, done: total, handedOn: 0 } });
  });
});
