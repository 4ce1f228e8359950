import { metaClient, parseWebhook, type StatusUpdate } from "@greentick/meta";
import { testDatabase } from "@greentick/testing";
import { type MetaSim, type TrafficInput } from "../index.js";
import { type Receiver, app, startReceiver, startTestSim, verifyToken } from "../test-support.js";

const from = new Date("2026-11-01T00:00:00Z");
const to = new Date("2026-12-01T00:00:00Z");
const afterAllOfIt = new Date("2026-12-06T00:00:00Z");
const dayMs = 86_400_000;

interface Seen {
  readonly update: StatusUpdate;
  /** The sim's clock after the step in which it was posted. */
  readonly stepEnd: number;
  readonly wabaId: string;
}

interface Recount {
  readonly proofs: Set<string>;
  readonly priced: Map<string, StatusUpdate>;
  readonly failed: Set<string>;
  readonly reordered: Set<string>;
  duplicates: number;
  late: number;
}

/** Counts what was received, knowing nothing of the plan. */
function recount(seen: readonly Seen[]): Recount {
  const all: Recount = {
    proofs: new Set(),
    priced: new Map(),
    failed: new Set(),
    reordered: new Set(),
    duplicates: 0,
    late: 0,
  };
  const known = new Set<string>();
  const best = new Map<string, number>();
  for (const { update, stepEnd } of seen) {
    const { messageId, status } = update;
    const key = `${messageId}|${status.known}`;
    if (known.has(key)) all.duplicates++;
    else {
      known.add(key);
      const rank = ["SENT", "DELIVERED", "READ"].indexOf(status.known);
      if (rank >= 0 && rank < (best.get(messageId) ?? 0)) all.reordered.add(messageId);
      best.set(messageId, Math.max(rank, best.get(messageId) ?? 0));
      if (status.known === "FAILED") all.failed.add(messageId);
      if (update.pricing !== undefined) all.priced.set(messageId, update);
      // Received at the end of its day at the latest: an upper bound of the lateness, and still under a day for a punctual one.
      if (rank >= 1 && !all.proofs.has(messageId) && stepEnd - update.at.getTime() > dayMs) all.late++;
      if (rank >= 1) all.proofs.add(messageId);
    }
  }
  return all;
}

describe("generated traffic", () => {
  const { mongo, dbName } = testDatabase("metasim-traffic");
  let sim: MetaSim;
  let receiver: Receiver;

  const client = (): ReturnType<typeof metaClient> =>
    metaClient({
      baseUrl: sim.url,
      version: "v26.0",
      appId: app.appId,
      appSecret: app.appSecret,
      timeoutMs: 5_000,
      retry: { attempts: 2, startingDelayMs: 1, maxDelayMs: 5 },
    });
  const world = async (name: string): Promise<void> => {
    await mongo.db(dbName(name)).dropDatabase();
    receiver = await startReceiver();
    sim = await startTestSim(mongo.db(dbName(name)));
    await client().setAppWebhook({ callbackUrl: receiver.url, verifyToken, fields: ["messages"] });
    const signup = { businessVerified: true, ready: true } as const;
    const phone = { cc: "57", number: "6015550147", verifiedName: "Casa Lumen" };
    await sim.control.embeddedSignup({
      ...signup,
      businessName: "Casa Lumen",
      wabaName: "Casa Lumen",
      currency: "USD",
      timezone: "America/Bogota",
      country: "CO",
      phone,
    });
    const other = { cc: "91", number: "2255550188", verifiedName: "Monsoon" };
    await sim.control.embeddedSignup({
      ...signup,
      businessName: "Monsoon",
      wabaName: "Monsoon",
      currency: "COP",
      timezone: "Asia/Kolkata",
      country: "IN",
      phone: other,
    });
  };
  afterEach(async () => {
    await sim.close();
    await receiver.close();
  });

  const input = (more: Partial<TrafficInput> = {}): TrafficInput => ({ seed: 42, messages: 1_200, from, to, ...more });
  const updatesIn = (texts: readonly string[], stepEnd: number): Seen[] =>
    texts.flatMap((text) => {
      const parsed = parseWebhook(Buffer.from(text, "latin1"));
      if (!("updates" in parsed)) throw new Error(parsed.unreadable);
      return parsed.updates.map(({ status, wabaId = "" }) => {
        if (status === undefined) throw new Error("not a status");
        return { update: status, stepEnd, wabaId };
      });
    });
  /** Runs the traffic day by day, as the demonstration does, and answers what was received on which day. */
  const runByDays = async (id: string): Promise<{ seen: Seen[]; texts: string[] }> => {
    const seen: Seen[] = [];
    for (let day = from.getTime() + dayMs; day <= afterAllOfIt.getTime(); day += dayMs) {
      const before = receiver.bodies.length;
      await sim.control.runTrafficUntil(id, new Date(day));
      seen.push(
        ...updatesIn(
          receiver.bodies.slice(before).map(({ text }) => text),
          day,
        ),
      );
    }
    return { seen, texts: receiver.bodies.map(({ text }) => text) };
  };

  it("reports exactly what it posted: messages, duplicates, late ones and wrong order", async () => {
    await world("report");
    const { id, report } = await sim.control.startTraffic(input());
    const { seen, texts } = await runByDays(id);
    const { proofs, priced, failed, reordered, duplicates, late } = recount(seen);
    const messages = new Set(seen.map(({ update }) => update.messageId));
    const charged = [...proofs].filter((message) => priced.get(message)?.pricing?.type?.known === "REGULAR").length;
    expect(report).toMatchObject({
      webhooks: texts.length,
      updates: seen.length,
      messages: messages.size,
      delivered: proofs.size,
      charged,
      free: proofs.size - charged,
      failed: failed.size,
      undelivered: messages.size - proofs.size - failed.size,
      duplicates,
      late,
      reordered: reordered.size,
      withheld: 0,
      doubledRows: 0,
    });
    expect(texts).toHaveLength(1_200);
    expect([...proofs].filter((message) => !priced.has(message))).toEqual([]);
    expect(report?.inRepeatedBodies).toBe(seen.length - updatesIn([...new Set(texts)], 0).length);
    for (const figure of [duplicates, late, reordered.size, failed.size]) expect(figure).toBeGreaterThan(5);
  });

  it("is the same in every byte for the same seed, and another for another seed", async () => {
    await world("first");
    const first = await sim.control.startTraffic(input());
    await sim.control.runTrafficUntil(first.id, afterAllOfIt);
    const texts = receiver.bodies.map(({ text }) => text);
    await sim.close();
    await receiver.close();
    await world("second");
    const second = await sim.control.startTraffic(input());
    await sim.control.runTrafficUntil(second.id, afterAllOfIt);
    expect(second.report?.bodiesSha256).toBe(first.report?.bodiesSha256);
    expect(receiver.bodies.map(({ text }) => text).sort()).toEqual(texts.sort());
    const other = await startTestSim(mongo.db(dbName("third")));
    await other.close();
    expect((await sim.control.traffic(second.id)).done).toBe(true);
  });

  it("counts every delivery, withheld ones too, in analytics and invoice, in the account's own months", async () => {
    await world("counted");
    const { id, report } = await sim.control.startTraffic(input({ lose: 4, double: 3 }));
    await sim.control.runTrafficUntil(id, new Date("2026-12-01T12:00:00Z"));
    const meta = client();
    const month = { businessId: app.businessId, startDate: "2026-11-01", endDate: "2026-11-30" };
    expect(await meta.listInvoices(app.systemToken, month)).toEqual([]);
    await sim.control.runTrafficUntil(id, afterAllOfIt);
    expect(report).toMatchObject({ withheld: 4, doubledRows: 3, webhooks: 1_200 });

    const months = ["2026-10", "2026-11", "2026-12"];
    const totals = await Promise.all(months.map(async (of) => sim.control.counted({ month: of })));
    expect(totals.reduce((sum, { volume }) => sum + volume, 0)).toBe((report?.delivered ?? 0) + 4);
    const invoices = await meta.listInvoices(app.systemToken, month);
    expect(invoices.map(({ billingPeriod, currency }) => [billingPeriod, currency]).sort()).toEqual([
      ["2026-11", "COP"],
      ["2026-11", "USD"],
    ]);
    const lines = (
      await Promise.all(invoices.map(async ({ downloadUri }) => meta.downloadInvoiceLines(downloadUri)))
    ).flat();
    const asText = (line: (typeof lines)[number]): string => JSON.stringify({ ...line, lineId: "" });
    expect(lines.length - new Set(lines.map(asText)).size).toBe(3);
    expect(new Set(lines.map(({ lineId }) => lineId)).size).toBe(lines.length);
    const undeclared = await fetch(`${invoices[0]?.downloadUri ?? ""}&surprise=1`);
    expect([undeclared.status, ((await undeclared.json()) as { error: { code: number } }).error.code]).toEqual([
      400, 100,
    ]);
    const once = [...new Map(lines.map((line) => [asText(line), line])).values()];
    expect(once.reduce((sum, { volume }) => sum + volume, 0)).toBe(totals[1]?.volume);
    for (const { rate, volume, amount } of lines) {
      expect(BigInt(amount.replace(".", ""))).toBe(BigInt(rate.replace(".", "")) * BigInt(volume));
    }

    const points = (
      await Promise.all(
        Object.keys(report?.perWaba ?? {}).map(async (wabaId) =>
          meta.pricingAnalytics(app.systemToken, {
            wabaId,
            start: new Date("2026-10-01T00:00:00Z"),
            end: afterAllOfIt,
            granularity: "DAILY",
            dimensions: ["COUNTRY", "PRICING_CATEGORY", "PRICING_TYPE", "TIER"],
          }),
        ),
      )
    ).flat();
    expect(points.reduce((sum, { volume }) => sum + volume, 0)).toBe((report?.delivered ?? 0) + 4);
    expect(points.every(({ tier, type }) => (tier === undefined) === (type?.known !== "REGULAR"))).toBe(true);
    expect(points.some(({ category }) => category?.known === "AUTHENTICATION_INTERNATIONAL")).toBe(true);
  });

  it("gives every number a thousand free service deliveries a month", async () => {
    await world("free");
    const countries = { CO: 1 };
    const wabaId = await mongo
      .db(dbName("free"))
      .collection<{ _id: string }>("nodes")
      .findOne({ kind: "waba", currency: "USD" });
    const wabaIds = [wabaId?._id ?? ""];
    const { id } = await sim.control.startTraffic(input({ messages: 9_000, wabaIds, profile: { countries } }));
    await sim.control.setClock({ now: new Date("2026-10-31T00:00:00Z") });
    expect(await sim.control.counted()).toMatchObject({ volume: 0 });
    await sim.control.runTrafficUntil(id, afterAllOfIt);
    const service = (await sim.control.counted({ month: "2026-11" })).rows.filter(
      ({ category }) => category === "SERVICE",
    );
    for (const phone of new Set(service.map(({ phoneId }) => phoneId))) {
      const ofPhone = service.filter(({ phoneId }) => phoneId === phone);
      const volume = (type: string): number =>
        ofPhone.filter((row) => row.type === type).reduce((sum, row) => sum + row.volume, 0);
      expect(volume("FREE_CUSTOMER_SERVICE")).toBe(1_000);
      expect(volume("REGULAR")).toBeGreaterThan(0);
    }
    expect(
      new Set(
        service
          .filter(({ type, currency }) => type === "REGULAR" && currency === "USD")
          .map(({ rateMicros }) => rateMicros),
      ),
    ).toEqual(new Set([800]));
  });

  it("goes on after the receiver and the simulator were away, and loses nothing", async () => {
    await world("restart");
    const { id, report } = await sim.control.startTraffic(input({ messages: 300 }));
    receiver.status = 503;
    const running = sim.control.runTrafficUntil(id, afterAllOfIt).catch(() => undefined);
    while (((await sim.control.webhooks()).outcomes["503"] ?? 0) === 0 && receiver.bodies.length === 0)
      await Promise.resolve();
    await sim.close();
    await running;
    receiver.status = 200;
    sim = await startTestSim(mongo.db(dbName("restart")), { port: sim.port });
    expect((await sim.control.runTrafficUntil(id, afterAllOfIt)).done).toBe(true);
    expect(new Set(receiver.bodies.map(({ text }) => text)).size).toBe(300 - (report?.inRepeatedBodies ?? 0));
  });

  it("finishes a plan that a crash interrupted, in the same bytes", async () => {
    await world("interrupted");
    const { id, report } = await sim.control.startTraffic(input({ messages: 300 }));
    await sim.close();
    const db = mongo.db(dbName("interrupted"));
    await db
      .collection<{ _id: string }>("traffics")
      .updateOne({ _id: id }, { $set: { state: "planning" }, $unset: { report: "" } });
    await db.collection("deliveries").deleteMany({ traffic: id, seq: { $gt: 150 } });
    await db.collection("counted").deleteMany({ category: "MARKETING" });
    sim = await startTestSim(db, { port: sim.port });
    expect((await sim.control.traffic(id)).report).toEqual(report);
    expect(await sim.control.runTrafficUntil(id, afterAllOfIt)).toMatchObject({ done: true, posted: 300 });
    expect((await sim.control.counted()).volume).toBe(report?.delivered);
  });

  it("says in words why it cannot begin", async () => {
    await world("refusals");
    await expect(sim.control.startTraffic(input({ wabaIds: ["1"] }))).rejects.toThrow(/The account 1 cannot send/);
    await expect(sim.control.startTraffic(input({ from: new Date("2026-01-01") }))).rejects.toThrow(
      /clock already stands/,
    );
    await expect(sim.control.traffic("nothing")).rejects.toThrow(/no traffic nothing/);
    await expect(sim.control.startTraffic(input({ double: 100_000 }))).rejects.toThrow(/charged lines/);
  });
});
