import { createHash } from "node:crypto";
import { eventCatalogue } from "@greentick/contracts";
import { type Call, type EventEnvelope } from "@greentick/kernel";
import { someTenants } from "@greentick/testing";
import { bodyOf, bodyOfAccounts, casaWaba, deliveries } from "./fixtures/door.js";
import { doorWorld, otraWaba } from "./fixtures/door-world.js";

interface Found {
  readonly webhookUpdates: {
    readonly nodes: readonly { readonly id: string; readonly fragment: string; readonly body: string | null }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}
const sha256 = (body: Buffer): string => createHash("sha256").update(body).digest("hex");

describe("finding what was received, by any id", () => {
  const door = doorWorld("find");
  const { world, query } = door;
  const seen: EventEnvelope[] = [];
  const first = bodyOf(casaWaba, deliveries(["wamid.one", "wamid.two"]));
  const second = bodyOfAccounts({
    [casaWaba]: [{ value: deliveries(["wamid.one"]) }],
    [otraWaba]: [{ value: deliveries(["wamid.three"], "530918273645102") }],
  });
  const template = bodyOf(
    casaWaba,
    { event: "APPROVED", message_template_id: 1873640192837465 },
    "message_template_status_update",
  );
  beforeAll(async () => {
    const events = eventCatalogue.filter((one) => one.stream === "status");
    const handle = (some: readonly EventEnvelope[]): Promise<void> => Promise.resolve(void seen.push(...some));
    await world.bus.consume({ name: "test.find", on: [], batch: { events, handle, batchSize: 500 } });
    for (const body of [first, second, template]) await door.post(body);
    await world.settle();
  });
  const find = async (id: string, as?: Call, more = ""): Promise<Found["webhookUpdates"]> => {
    const { data, errors } = await query<Found>(
      `{ webhookUpdates(id: "${id}" ${more}) { nodes { id fragment body } pageInfo { hasNextPage endCursor } } }`,
      as,
    );
    if (data === undefined) throw new Error(errors[0]?.message);
    return data.webhookUpdates;
  };
  const idsOf = async (id: string, as?: Call): Promise<readonly string[]> =>
    (await find(id, as)).nodes.map((one) => one.id);
  const at = (body: Buffer, index: number): string => `${sha256(body)}:${index}`;

  it("finds by a message's id, newest first", async () => {
    expect(await idsOf("wamid.one")).toEqual([at(second, 0), at(first, 0)]);
    expect(await idsOf("wamid.two")).toEqual([at(first, 1)]);
  });

  it("finds by the ids of accounts, numbers and templates", async () => {
    expect(await idsOf(casaWaba)).toEqual([at(template, 0), at(second, 0), at(first, 0), at(first, 1)]);
    expect(await idsOf("530918273645102")).toEqual([at(second, 1)]);
    expect(await idsOf("1873640192837465")).toEqual([at(template, 0)]);
  });

  it("finds by hash, by update, by event, and by the key that stands in facts and entries", async () => {
    expect(await idsOf(sha256(first).toUpperCase())).toEqual([at(first, 0), at(first, 1)]);
    expect(await idsOf(at(first, 1))).toEqual([at(first, 1)]);
    const event = seen.find(({ aggregate }) => aggregate.id === at(second, 1));
    expect(await idsOf(event?.id ?? "")).toEqual([at(second, 1)]);
    expect(await idsOf((event?.data as { messageKey: string } | undefined)?.messageKey ?? "")).toEqual([at(second, 1)]);
    expect(await idsOf(event?.requestId ?? "")).toEqual([at(second, 0), at(second, 1)]);
  });

  it("shows each tenant its own part alone, and nothing of what is not its", async () => {
    const casa = world.call({ roles: ["developer"], staff: false });
    const otra = world.call({ tenantId: someTenants.otra, roles: ["owner"], staff: false });
    expect(await idsOf(sha256(second), casa)).toEqual([at(second, 0)]);
    expect(await idsOf(sha256(second), otra)).toEqual([at(second, 1)]);
    for (const id of ["wamid.one", casaWaba, sha256(first), at(first, 0)]) expect(await idsOf(id, otra)).toEqual([]);
    expect((await find("wamid.three", otra)).nodes).toMatchObject([
      { body: null, fragment: expect.stringContaining("three") as unknown },
    ]);
  });

  it("comes in pages that lose and repeat nothing, also within one body", async () => {
    const ids: string[] = [];
    let after = "";
    for (let more = true; more;) {
      const page = await find(casaWaba, undefined, `first: 1 ${after}`);
      ids.push(...page.nodes.map((one) => one.id));
      more = page.pageInfo.hasNextPage;
      after = `after: "${page.pageInfo.endCursor ?? ""}"`;
    }
    expect(ids).toEqual(await idsOf(casaWaba));
  });

  it.each(["$ne", '{\\"$gt\\":\\"\\"}', "573001234567", "nothing"])("finds nothing by %j", async (id) => {
    expect(await idsOf(id)).toEqual([]);
  });

  it("refuses a cursor of another list", async () => {
    const { errors } = await query('{ webhookUpdates(id: "x", after: "bm90aGluZw") { nodes { id } } }');
    expect(errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT" });
  });
});
