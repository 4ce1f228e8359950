import {
  type FeedAnswer,
  type FeedQuestion,
  feedPath,
  legalHoldPlaced,
  tenantClosed,
  tenantErased,
} from "@greentick/contracts";
import { type Call, keyScopes, tenantScope } from "@greentick/kernel";
import { anEvent, someTenants } from "@greentick/testing";
import { mongoDeliveries } from "./adapters/mongo/deliveries.js";
import { mongoEndpointStore } from "./adapters/mongo/endpoint-store.js";
import { mongoEventLog } from "./adapters/mongo/event-log.js";
import { mongoLegalHolds } from "./adapters/mongo/legal-holds.js";
import { mongoLine } from "./adapters/mongo/line.js";
import { aMessage, endpointFields, outgoingWorld } from "./fixtures/outgoing-world.js";
import { eraseOldDeliveries } from "./usecases/out/endpoint-duties.js";

type Heard = FeedAnswer & { ok: true };
const here = new AbortController().signal;

describe("the feed of events", () => {
  const { world, owner, about, endpoint, ask } = outgoingWorld();
  const asked = (call: Call, more: Partial<FeedQuestion> = {}): Promise<FeedAnswer> =>
    world.service.feed(
      {
        ...{ tenantId: call.tenantId, ancestorIds: [...call.ancestorIds], livemode: false },
        ...{ permissions: [...keyScopes], kinds: [], waitMs: 0, ...more },
      },
      here,
    );
  const heard = async (call: Call, more: Partial<FeedQuestion> = {}): Promise<Heard> => {
    const answer = await asked(call, more);
    if (!answer.ok) throw new Error(answer.message);
    return answer;
  };

  it("keeps nothing of a business to which nobody listens", async () => {
    await world.given(about(owner(), "tpl_0", "approved"));
    expect(await world.outside.database.db.collection("published").countDocuments()).toBe(0);
  });

  it("tells what happened since somebody listens, in order, and goes on where it left off", async () => {
    const from = await heard(owner());
    expect(from.events).toEqual([]);
    await world.given(about(owner(), "tpl_1", "draft"), about(owner(), "tpl_1", "approved"));
    const first = await heard(owner(), { afterPlace: from.place });
    expect(first.events.map(({ body }) => (JSON.parse(body) as { data: { status: string } }).data.status)).toEqual([
      "draft",
      "approved",
    ]);
    expect((await heard(owner(), { afterPlace: first.place })).events).toEqual([]);
    const again = await heard(owner(), { afterId: first.events[0]?.id ?? "" });
    expect(again.events.map(({ id }) => id)).toEqual([first.events[1]?.id]);
  });

  it("answers at once when something comes while somebody waits", async () => {
    const { place } = await heard(owner());
    const waiting = heard(owner(), { afterPlace: place, waitMs: 25_000 });
    await world.given(about(owner(), "tpl_2", "approved"));
    expect((await waiting).events).toHaveLength(1);
  });

  it("ends a wait when nobody waits any more", async () => {
    const gone = new AbortController();
    const { place } = await heard(owner());
    const question = {
      tenantId: owner().tenantId,
      ancestorIds: [],
      livemode: false,
      permissions: [],
      kinds: [],
      afterPlace: place,
      waitMs: 25_000,
    };
    const waiting = world.service.feed(question, gone.signal);
    gone.abort();
    expect(await waiting).toMatchObject({ ok: true, events: [] });
  });

  it("shows only kinds that are asked for, and only those that the listener may read", async () => {
    const { place } = await heard(owner());
    await world.given(about(owner(), "tpl_3", "approved"), aMessage(owner()));
    const kindsOf = async (more: Partial<FeedQuestion>): Promise<string[]> =>
      (await heard(owner(), { afterPlace: place, ...more })).events.map(({ kind }) => kind).sort();
    expect(await kindsOf({})).toEqual(["message.received", "template.advanced"]);
    expect(await kindsOf({ kinds: ["message.*"] })).toEqual(["message.received"]);
    expect(await kindsOf({ permissions: ["event:read", "template:read"] })).toEqual(["template.advanced"]);
    expect(await kindsOf({ permissions: ["event:read"] })).toEqual([]);
    expect(await asked(owner(), { kinds: ["no.such"] })).toMatchObject({ ok: false, refused: "unknown_kind" });
  });

  it("says nothing of another business, not even where it stands", async () => {
    const otra = owner({ tenantId: someTenants.otra });
    const { place } = await heard(otra);
    const own = await heard(owner(), { afterPlace: 0 });
    expect(own.events.length).toBeGreaterThan(0);
    expect((await heard(otra, { afterPlace: place })).events).toEqual([]);
    expect(await asked(otra, { afterId: own.events[0]?.id ?? "" })).toMatchObject({ ok: false, refused: "too_old" });
  });

  it("says clearly when what somebody saw last is not kept any more", async () => {
    expect(await asked(owner(), { afterId: "evt_00000000000000000000000000" })).toMatchObject({
      ok: false,
      refused: "too_old",
    });
    expect(await asked(owner(), { afterPlace: -20_000 })).toMatchObject({ ok: false, refused: "too_old" });
  });

  it("is asked over the gateway's own route where the service runs apart", async () => {
    const [route] = world.service.internal?.filter(({ path }) => path === feedPath) ?? [];
    const question = {
      tenantId: owner().tenantId,
      ancestorIds: [],
      livemode: false,
      permissions: [],
      kinds: [],
      waitMs: 0,
    };
    expect(await route?.answer(question)).toMatchObject({ ok: true });
    await expect(route?.answer({ ...question, tenantId: "nobody" })).rejects.toThrow();
  });

  it("gives the same places to events that come again, and none twice, from many at once", async () => {
    const { database, vault } = world.outside;
    const logs = [1, 2, 3].map(() => mongoEventLog({ database, vault, now: () => new Date() }));
    const place = { tenantId: someTenants.provider, ancestorIds: [], livemode: false };
    const events = Array.from({ length: 30 }, (_, n) => ({
      ...place,
      id: world.outside.calls.newId("event"),
      kind: "template.advanced",
      key: `k${n % 3}`,
      occurredAt: new Date(),
      bodies: { 1: `{"n":${n}}` },
      test: false,
    }));
    const scope = { system: "event-publishing" } as const;
    await Promise.all(logs.map((log, at) => log.keep(scope, events.slice(at * 5, at * 5 + 20))));
    const all = await logs[0]?.keep(scope, events);
    const places = (all ?? []).map((one) => one.place).sort((a, b) => a - b);
    expect(places).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
    for (const log of logs) log.close();
  });

  describe("and what a business leaves behind", () => {
    const erase = (at: Date): Promise<number> => {
      const { database, vault } = world.outside;
      const events = mongoEventLog({ database, vault, now: () => at });
      const parts = {
        events,
        deliveries: mongoDeliveries(database),
        holds: mongoLegalHolds(database),
        systemNow: () => at,
      };
      const rest = { endpoints: mongoEndpointStore(database), line: mongoLine(database), systemCall: () => owner() };
      return eraseOldDeliveries({ ...parts, ...rest }, 30)();
    };

    it("goes after its time, except under a legal hold", async () => {
      const otra = owner({ tenantId: someTenants.otra });
      await world.given(about(otra, "tpl_9", "approved"));
      const published = world.outside.database.db.collection("published");
      await world.given(anEvent(otra, legalHoldPlaced, { tenantId: otra.tenantId }));
      const later = (days: number): Date => new Date(Date.now() + days * 86_400_000);
      expect(await erase(later(29))).toBe(0);
      expect(await erase(later(31))).toBeGreaterThan(0);
      expect(await published.distinct("tenantId")).toEqual([otra.tenantId]);
      const { place } = await heard(owner());
      await world.given(about(owner(), "tpl_10", "approved"));
      expect((await heard(owner(), { afterPlace: place })).events).toHaveLength(1);
    });

    it("stops being told when the business is closed, and is gone when it is erased", async () => {
      const call = owner();
      const { id } = await endpoint(call, { url: "http://127.0.0.1:9/", kinds: ["*"] });
      await world.given(anEvent(call, tenantClosed, { tenantId: call.tenantId, closedAt: call.now() }));
      const read = `query ($id: ID!) { webhookEndpoint(id: $id) { ${endpointFields} } }`;
      expect(await ask(call, read, { id })).toMatchObject({ status: "DISABLED", disabledBecause: "TENANT_CLOSED" });
      await world.given(anEvent(call, tenantErased, { tenantId: call.tenantId, at: call.now() }));
      const { db } = world.outside.database;
      for (const name of ["published", "deliveries", "streams", "lanes"])
        expect({ name, left: await db.collection(name).countDocuments({ tenantId: call.tenantId }) }).toEqual({
          name,
          left: 0,
        });
      const [kept] = await db
        .collection("endpoints")
        .find({ tenantId: tenantScope(call).tenant })
        .toArray();
      expect(kept?.["state"]).toMatchObject({ url: "", secrets: [], status: "deleted" });
    });
  });
});
