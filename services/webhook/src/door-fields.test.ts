import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { eventCatalogue } from "@greentick/contracts";
import { type EventEnvelope } from "@greentick/kernel";
import { fieldsOf, type Mutation, mutationsOf } from "@greentick/testing";
import { casaWaba, deliveries } from "./fixtures/door.js";
import { doorWorld } from "./fixtures/door-world.js";

const samples = join(__dirname, "../../../test/webhook-samples");
const sha256 = (body: Buffer): string => createHash("sha256").update(body).digest("hex");

interface Body {
  readonly entry: readonly { readonly changes: readonly { readonly field: string; readonly value: object }[] }[];
}
const changeOf = (file: string): { readonly field: string; readonly value: object } => {
  const { entry } = JSON.parse(readFileSync(join(samples, `${file}.json`), "utf8")) as Body;
  const change = entry[0]?.changes[0];
  if (change === undefined) throw new Error(`${file} holds no change`);
  return change;
};
const statusOf = (file: string): unknown => (changeOf(file).value as { statuses: readonly unknown[] }).statuses[0];
const good = (n: number): unknown => (deliveries([`wamid.good.${n}`]) as { statuses: readonly unknown[] }).statuses[0];
const goodChange = (n: number): object => ({ field: "messages", value: deliveries([`wamid.good.${n}`]) });
const bytesOf = (changes: readonly unknown[]): Buffer =>
  Buffer.from(JSON.stringify({ object: "whatsapp_business_account", entry: [{ id: casaWaba, changes }] }));

const statuses = [
  "status-sent-v23",
  "status-delivered-marketing-lite-max-price",
  "status-failed-131049",
  "status-group-service",
];
const values = [
  ...["messages-text", "messages-bsuid-no-phone", "smb-message-echo", "history", "user-preferences"],
  ...["template-status-rejected", "template-quality", "template-category-impending", "template-components"],
  ...["phone-name", "phone-quality", "security", "business-capability", "payment-configuration"],
  ...["account-restriction", "account-alert-oba", "account-volume-tier", "account-partner-added"],
];

describe("an update of which one field is absent, null or of another type", () => {
  const door = doorWorld("fields");
  const { world, post } = door;
  const seen: EventEnvelope[] = [];
  beforeAll(async () => {
    const events = eventCatalogue.filter((one) => ["status", "message", "report"].includes(one.stream));
    const handle = (some: readonly EventEnvelope[]): Promise<void> => Promise.resolve(void seen.push(...some));
    await world.bus.consume({ name: "test.fields", on: [], batch: { events, handle, batchSize: 500 } });
  });
  const sent = async (body: Buffer): Promise<void> => {
    expect((await post(body)).status).toBe(200);
    await world.settle();
  };
  /** Places of the body's updates that travelled, or wait because the account they name now is nobody's. */
  const placesOf = async (body: Buffer): Promise<readonly number[]> => {
    const bodyKey = sha256(body);
    const travelled = seen.flatMap(({ source }) => (source?.sha256 === bodyKey ? [source.index] : []));
    const waiting = await world.outside.database.db
      .collection<{ index: number }>("quarantine")
      .find({ bodyKey, reason: "unknown_account" })
      .toArray();
    return [...new Set([...travelled, ...waiting.map(({ index }) => index)])].toSorted((one, other) => one - other);
  };
  const messageKeys = (body: Buffer): readonly string[] =>
    seen
      .filter(({ type, source }) => type === "status.received" && source?.sha256 === sha256(body))
      .map(({ data }) => (data as { messageKey: string }).messageKey);
  const blind = (id: string): string => world.outside.sealer.blindKey("message", id);
  const undisturbed = async (): Promise<void> => {
    const { data } = await door.query("{ webhookDoor { deadLetters { nodes { eventType error } } } }");
    expect(data).toEqual({ webhookDoor: { deadLetters: { nodes: [] } } });
    expect(await world.outside.metrics.text()).toContain("greentick_webhook_updates_broken_total 0");
  };

  it.each(statuses)("travels all the same, and so do the statuses around it: %s", async (file) => {
    const mutations = mutationsOf(statusOf(file)).filter(({ value }) => value !== undefined);
    expect(fieldsOf(statusOf(file))).toBeGreaterThan(8);
    const list = mutations.flatMap(({ value }, n) => [value, good(n)]);
    const body = bytesOf([
      { field: "messages", value: { metadata: { phone_number_id: "219384756102938" }, statuses: list } },
    ]);
    await sent(body);
    expect(await placesOf(body)).toEqual(list.map((_, at) => at));
    const known = new Set(messageKeys(body));
    expect(mutations.filter((_, n) => !known.has(blind(`wamid.good.${n}`)))).toEqual([]);
    await undisturbed();
  });

  it.each(values)("holds up nothing behind it in the body: %s", async (file) => {
    const { field, value } = changeOf(file);
    const mutations: readonly Mutation[] = mutationsOf({ field, value });
    const body = bytesOf(mutations.flatMap((one, n) => [one.value, goodChange(n)]));
    await sent(body);
    const known = new Set(messageKeys(body));
    expect(mutations.filter((_, n) => !known.has(blind(`wamid.good.${n}`)))).toEqual([]);
    const places = await placesOf(body);
    expect(places).toEqual(places.map((_, at) => at));
    await undisturbed();
  });

  it("is kept and answered also where the envelope itself is not as it should be", async () => {
    const envelope = {
      object: "whatsapp_business_account",
      entry: [{ id: casaWaba, time: 1_739_321_024, changes: [{ field: "messages", value: deliveries(["wamid.e"]) }] }],
    };
    const bodies = mutationsOf(envelope).map(({ value }) => Buffer.from(JSON.stringify(value)));
    for (const body of bodies) expect((await post(body)).status).toBe(200);
    const behind = bytesOf([goodChange(0)]);
    await sent(behind);
    expect(await placesOf(behind)).toEqual([0]);
    const { db } = world.outside.database;
    expect(await db.collection("raw").countDocuments({ waiting: true })).toBe(0);
    const unread = await db.collection("quarantine").distinct("reason");
    expect(unread.toSorted()).toEqual(["no_account", "unknown_account"]);
    expect(await world.outside.metrics.text()).toContain("greentick_webhook_updates_broken_total 0");
  });
});
