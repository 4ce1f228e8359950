import { createHash, createHmac } from "node:crypto";
import { eventCatalogue } from "@greentick/contracts";
import { type EventEnvelope } from "@greentick/kernel";
import { someTenants } from "@greentick/testing";
import { doorWorld } from "./fixtures/door-world.js";

const secret = "whsec_of_tests";
const rolledOut = "whsec_of_tests_being_rolled";
const seconds = (): number => Math.floor(Date.now() / 1_000);
const mac = (by: string, at: number, body: Buffer): string =>
  createHmac("sha256", by).update(`${at}.`).update(body).digest("hex");
const signature = (body: Buffer, { by = secret, at = seconds() } = {}): string => `t=${at},v1=${mac(by, at, body)}`;

interface Said {
  readonly id: string;
  readonly type?: string;
  readonly object?: object;
  readonly more?: object;
}
const anEvent = ({ id, type = "invoice.paid", object, more }: Said): Buffer =>
  Buffer.from(
    JSON.stringify({
      ...{ id, object: "event", api_version: "2026-10-28.basil", created: 1_791_000_000, type, ...more },
      data: { object: { id: "in_1", object: "invoice", customer: "cus_1", ...object } },
    }),
  );

describe("what comes through Stripe's door", () => {
  const door = doorWorld("doorstripe");
  const { world } = door;
  const seen: EventEnvelope[] = [];
  beforeAll(async () => {
    const events = eventCatalogue.filter((one) => one.stream === "stripe");
    const handle = (some: readonly EventEnvelope[]): Promise<void> => Promise.resolve(void seen.push(...some));
    await world.bus.consume({ name: "test.stripe", on: [], batch: { events, handle, batchSize: 500 } });
  });
  beforeEach(async () => {
    await world.settle();
    seen.length = 0;
  });
  const raw = () => world.outside.database.db.collection<{ _id: string; repeats: number }>("raw");
  const post = async (body: Buffer, header: string | undefined = signature(body)): Promise<number> => {
    const headers = { ...(header !== "" && { "stripe-signature": header }), "content-type": "application/json" };
    const sent = { method: "POST", body: new Uint8Array(body), headers };
    return (await fetch(`${door.host().url}/webhooks/stripe`, sent)).status;
  };
  const told = (): unknown[] => seen.map(({ data }) => (data as { eventId: string }).eventId);

  describe("is signed with its time", () => {
    const body = anEvent({ id: "evt_signed" });
    const now = seconds();
    it.each([
      ["no signature", ""],
      ["a signature that is none", "nonsense"],
      ["another endpoint's secret", signature(body, { by: "whsec_of_another_endpoint" })],
      ["a signature over other bytes", signature(Buffer.from("{}"))],
      ["a signature older than five minutes", signature(body, { at: now - 301 - 60 })],
      ["a time in the future", signature(body, { at: now + 3_600 })],
      ["no time", `v1=${mac(secret, now, body)}`],
      ["a time that is none", `t=soon,v1=${mac(secret, now, body)}`],
      ["the old scheme only", `t=${now},v0=${mac(secret, now, body)}`],
      ["an empty value", `t=${now},v1=`],
      ["half a value", `t=${now},v1=${mac(secret, now, body).slice(0, 32)}`],
      ["a value by the secret's text without its prefix", signature(body, { by: secret.slice("whsec_".length) })],
      ["a time that was changed", `t=${now - 1},v1=${mac(secret, now, body)}`],
    ])("and refused with %s, and nothing is kept", async (_, header) => {
      const before = await raw().countDocuments();
      expect(await post(body, header)).toBe(401);
      expect(await raw().countDocuments()).toBe(before);
    });

    it.each([
      ["two values, of which the second is right", (at: number) => `t=${at},v1=${"0".repeat(64)},v1=`, secret],
      ["two values, of which the first is right", (at: number) => `t=${at},v1=`, secret],
      ["a value of the old scheme beside it", (at: number) => `t=${at},v0=${"0".repeat(64)},v1=`, secret],
      ["the secret that is being rolled", (at: number) => `t=${at},v1=`, rolledOut],
    ])("and taken with %s", async (what, begin, by) => {
      const bytes = anEvent({ id: `evt_${createHash("sha256").update(what).digest("hex")}` });
      const at = seconds();
      const more = what.includes("first") ? `,v1=${"0".repeat(64)}` : "";
      expect(await post(bytes, `${begin(at)}${mac(by, at, bytes)}${more}`)).toBe(200);
    });
  });

  it("is known by the event's id: again with another signature, and in other words", async () => {
    expect(await post(anEvent({ id: "evt_twice" }))).toBe(200);
    for (const pending_webhooks of [1, 2, 3])
      expect(await post(anEvent({ id: "evt_twice", more: { pending_webhooks } }))).toBe(200);
    await world.settle();
    expect(told()).toEqual(["evt_twice"]);
    expect((await raw().findOne({ _id: "stripe:evt_twice" }))?.repeats).toBe(3);
  });

  it("is known for ever: also when its bytes were erased long ago", async () => {
    await raw().updateOne({ _id: "stripe:evt_twice" }, { $unset: { body: 1 }, $set: { erasedAt: new Date() } });
    expect(await post(anEvent({ id: "evt_twice" }))).toBe(200);
    await world.settle();
    expect(told()).toEqual([]);
  });

  it.each(["ABC", "ACB", "BAC", "BCA", "CAB", "CBA"])("travels in the order %s in which it came", async (order) => {
    const kinds = { A: "customer.subscription.created", B: "invoice.finalized", C: "invoice.paid" } as const;
    const ids = Array.from(order).map((one) => `evt_${order}_${one}`);
    for (const [at, id] of ids.entries())
      expect(await post(anEvent({ id, type: kinds[order[at] as keyof typeof kinds] }))).toBe(200);
    await world.settle();
    expect(told()).toEqual(ids);
    expect(new Set(seen.map(({ partitionKey }) => partitionKey))).toEqual(new Set(["cus_1"]));
  });

  it.each([
    ["of a type that nobody knows", { type: "moon.landed", object: { object: "moon" } }],
    ["of another version of the API", { more: { api_version: "2019-01-01" } }],
    ["of another account", { more: { account: "acct_of_somebody_else" } }],
    ["about an object without an id", { object: { id: undefined } }],
    ["of nearly 3 MB", { more: { padding: "x".repeat(2_900_000) } }],
  ])("travels although it is %s", async (what, more) => {
    const id = `evt_${createHash("sha256").update(what).digest("hex")}`;
    expect(await post(anEvent({ id, ...more }))).toBe(200);
    await world.settle();
    expect(seen).toMatchObject([{ type: "stripe.received", tenantId: someTenants.provider, data: { eventId: id } }]);
  });

  it("is refused above 3 MB", async () => {
    expect(await post(Buffer.alloc(3_000_001, 32))).toBe(413);
  });

  it.each([
    ["is no JSON", Buffer.from("{no json")],
    [
      "is no event",
      Buffer.from('{"id":"evt_thin","object":"v2.core.event","type":"v1.billing.meter.error_report_triggered"}'),
    ],
    ["is a list", Buffer.from("[]")],
  ])("is kept and held where it %s", async (_, body) => {
    expect(await post(body)).toBe(200);
    await world.settle();
    const { data } = await door.query<{ webhookDoor: { quarantined: { nodes: readonly { id: string }[] } } }>(
      '{ webhookDoor { quarantined(reason: "unreadable", first: 100) { nodes { id } } } }',
    );
    const key = /evt_\w+/.exec(body.toString())?.[0] ?? createHash("sha256").update(body).digest("hex");
    expect(data?.webhookDoor.quarantined.nodes.map(({ id }) => id)).toContain(`stripe:${key}:0`);
    expect(seen).toEqual([]);
  });
});
