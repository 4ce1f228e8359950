import { type FaultPointName, onFaultPoint, systemScope } from "@greentick/kernel";
import { someTenants, testDatabase } from "@greentick/testing";
import fc from "fast-check";
import { type Fact, type Sighting } from "../domain/fact.js";
import { type LedgerReplay } from "../domain/ledger-replay.js";
import { rateIndex } from "../domain/rate-card.js";
import { ratingBench, type RatingBench } from "../fixtures/rating-ports.js";
import { replayBench, type ReplayBench } from "../fixtures/replay-bench.js";
import { type BookPorts } from "./book-corrections.js";
import { compareReplays } from "./compare-replay.js";
import { foldReplayed, replayWasStopped, replayWasTold } from "./fold-replay.js";
import { rateSightings } from "./rate-sightings.js";
import { requestReplay } from "./request-replay.js";

const now = new Date("2026-11-15T12:00:00.000Z");
const from = new Date("2026-11-01T00:00:00.000Z");
const until = new Date("2026-11-15T00:00:00.000Z");
const keptAt = new Date("2026-11-10T12:00:00.000Z");
const scope = systemScope("price-facts");
const { casa, otra } = someTenants;
const wabas = { casa: "318274650192837", otra: "427163905281746" };

describe("a replay of kept webhooks beside the ledger", () => {
  const store = testDatabase("replaying");
  let bench: RatingBench;
  let desk: ReplayBench;
  beforeAll(async () => {
    bench = await ratingBench(store, {
      now,
      clients: [
        { tenantId: casa, wabaIds: [wabas.casa], namedMarkets: ["Brazil"] },
        { tenantId: otra, wabaIds: [wabas.otra] },
      ],
    });
    desk = await replayBench(bench);
  });
  beforeEach(() => desk.clear());
  afterEach(() => {
    onFaultPoint(undefined);
  });
  afterAll(() => bench.close());

  let webhooks = 0;
  const status = (messageKey: string, more: Partial<Sighting> = {}): Sighting => ({
    tenantId: casa,
    ancestorIds: [someTenants.provider],
    livemode: false,
    messageKey,
    wabaId: wabas.casa,
    status: "delivered",
    at: new Date("2026-11-10T10:00:00.000Z"),
    receivedAt: keptAt,
    keptAt,
    recipient: { dialPrefix: "551195" },
    group: false,
    pricing: { model: "PMP", type: "regular", category: "marketing" },
    webhook: { sha256: String((webhooks += 1)).padStart(64, "0"), index: 0 },
    ...more,
  });
  const deliveries = (count: number): Sighting[] => Array.from({ length: count }, (_, at) => status(`m${at}`));
  const range = { from, until };

  /** Rates as a card would with twice the rates. */
  const wrongly = (): BookPorts => {
    const { rates, markets } = bench.ports.tariffs();
    const cards = rates.cards.map((card) => ({
      ...card,
      rows: card.rows.map((row) => ({ ...row, rateMicros: row.rateMicros * 2n })),
    }));
    const doubled = { rates: rateIndex(cards), markets };
    return { ...desk.ports, tariffs: () => doubled };
  };
  const factOf = async (messageKey: string, tenantId = casa): Promise<Fact | undefined> => {
    const id = `${tenantId}/message/${messageKey}/-`;
    return (await bench.ports.facts.load(scope, [id])).get(id);
  };
  interface Booked {
    readonly charge: bigint;
    readonly entries: number;
    readonly windows: readonly string[];
  }
  /** What the ledger comes to, and the total of every window that is marked: the same money once by entry and once by window. */
  const ledger = async (): Promise<Booked> => {
    const { items, totalCount } = await bench.ports.entries.list(scope, { first: 100 }, {});
    const windows = await bench.ports.windows.dirty(scope, { now: new Date(), hurried: true, limit: 100 });
    const totals = await Promise.all(windows.map((one) => bench.ports.balances.windowTotal(scope, one)));
    const charge = items.reduce((sum, one) => sum + one.charge.amountMicros, 0n);
    expect(totals.reduce((sum, one) => sum + one, 0n)).toBe(charge);
    return { charge, entries: totalCount, windows: windows.map(({ id }) => id).sort() };
  };

  it("finds nothing where the code is the same, whatever came in whatever order", async () => {
    const word = fc.constantFrom("sent", "delivered", "read", "failed", "delivered");
    const pricing = fc.option(
      fc.record({
        model: fc.constantFrom("PMP", "PMP", "CBP"),
        type: fc.constantFrom("regular", "free_customer_service", "unheard_of"),
        category: fc.constantFrom("marketing", "utility", "authentication", "service", "unheard_of"),
      }),
      { nil: undefined },
    );
    const one = fc.record({
      message: fc.integer({ min: 0, max: 4 }),
      conversation: fc.option(fc.constantFrom("c1", "c2"), { nil: undefined }),
      word,
      pricing,
      minute: fc.integer({ min: 0, max: 20_000 }),
      month: fc.constantFrom("2025-06-30", "2026-11-01"),
      prefix: fc.constantFrom("551195", "573001", "911234", undefined),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(one, { minLength: 1, maxLength: 25 }).chain((some) => {
          const all = some.map((each) =>
            status(`m${each.message}`, {
              status: each.word,
              at: new Date(Date.parse(each.month) + each.minute * 60_000),
              recipient: each.prefix === undefined ? {} : { dialPrefix: each.prefix },
              keptAt: new Date(keptAt.getTime() + each.minute),
              ...(each.conversation !== undefined && { conversationKey: each.conversation }),
              ...(each.pricing === undefined ? { pricing: undefined as never } : { pricing: each.pricing }),
            }),
          );
          return fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }));
        }),
        async ([live, again]) => {
          await desk.clear();
          await rateSightings(bench.ports)(live);
          const replay = await desk.replay(casa, { statuses: [...again, ...again.slice(0, 3)], ...range });
          expect(replay).toMatchObject({
            status: "done",
            counts: { differing: 0, partlyOutside: 0, unproven: 0 },
          });
          for (const sum of replay.sums) expect(sum.shadowChargeMicros).toBe(sum.ledgerChargeMicros);
        },
      ),
      { numRuns: 25 },
    );
  });

  describe("of what was rated under a wrong card", () => {
    let statuses: readonly Sighting[] = [];
    const planted = async (count = 3): Promise<LedgerReplay> => {
      statuses = deliveries(count);
      await rateSightings(wrongly())(statuses);
      return desk.replay(casa, { statuses, ...range });
    };

    it("proposes each correction with both sides, its cause and what it changes, and books nothing by itself", async () => {
      const replay = await planted();
      expect(replay).toMatchObject({ status: "compared", counts: { same: 0, differing: 3 } });
      expect(replay.sums).toMatchObject([{ ledgerChargeMicros: 375_000n, shadowChargeMicros: 187_500n }]);
      const [proposal] = await desk.proposalsOf(replay);
      expect(proposal).toMatchObject({
        kind: "changed",
        cause: "rate_changed",
        differs: ["cost", "charge", "rate"],
        standing: { charge: { amountMicros: 125_000n } },
        proposed: { charge: { amountMicros: 62_500n } },
        status: "proposed",
      });
      expect(await desk.ports.proposals.totals(scope, replay.id)).toEqual([
        expect.objectContaining({ status: "proposed", cause: "rate_changed", count: 3, chargeMicros: -187_500n }),
      ]);
      expect(await ledger()).toMatchObject({ charge: 375_000n, entries: 3 });
    });

    it("books what is accepted as reversal and replacement that name each other and the proposal, and then finds nothing more", async () => {
      const replay = await planted();
      await desk.decide("accept", replay);
      await desk.book();
      expect(await ledger()).toMatchObject({ charge: 187_500n, entries: 9 });
      const fact = await factOf("m0");
      const [proposal] = (await desk.proposalsOf(replay)).filter(({ factId }) => factId === fact?.id);
      const [first, reversal, replacement] = fact?.entries ?? [];
      expect(reversal).toMatchObject({ corrects: first?.id, units: -1, proposalId: proposal?.id });
      expect(replacement).toMatchObject({ corrects: first?.id, units: 1, proposalId: proposal?.id });
      expect(proposal).toMatchObject({ status: "booked", entryIds: [reversal?.id, replacement?.id] });
      expect(await desk.ports.replays.get(scope, replay.id)).toMatchObject({ status: "done" });
      expect(await bench.database.db.collection("replay_facts").countDocuments()).toBe(0);
      const again = await desk.replay(casa, { statuses, ...range });
      expect(again).toMatchObject({ status: "done", counts: { same: 3, differing: 0 } });
    });

    it("books each once for two who accept at the same moment, and for one who accepts twice", async () => {
      const replay = await planted();
      const admins = ["per_one", "per_two"].map((person) => desk.admin(casa, person));
      await Promise.all(admins.map((call) => desk.decide("accept", replay, { call })));
      await Promise.allSettled([desk.book(), desk.book()]);
      await desk.book();
      await desk.decide("accept", replay);
      await desk.book();
      expect(await ledger()).toMatchObject({ charge: 187_500n, entries: 9 });
      const decisions = await desk.ports.decisions.findAll(scope, {});
      expect(decisions.map(({ status: word }) => word)).toEqual(["done", "done", "done"]);
      expect(decisions.reduce((sum, { counts }) => sum + counts.booked, 0)).toBeLessThanOrEqual(3);
    });

    it("lets one win where one accepts and one refuses, and leaves refused ones as they are", async () => {
      const replay = await planted();
      const [one] = await desk.proposalsOf(replay);
      await desk.decide("refuse", replay, { proposalIds: [one?.id ?? ""] });
      await desk.decide("accept", replay);
      await desk.book();
      expect(await ledger()).toMatchObject({ charge: 250_000n, entries: 7 });
      expect((await desk.proposalsOf(replay)).map(({ status: word }) => word).sort()).toEqual([
        "booked",
        "booked",
        "refused",
      ]);
      const counts = (await desk.ports.decisions.findAll(scope, { verdict: "accept" })).map((each) => each.counts);
      expect(counts).toEqual([{ booked: 2, refused: 0, outdated: 0, decidedBefore: 1 }]);
    });

    it("gives the same decision to a repeat under the same key, also when all is done", async () => {
      const replay = await planted();
      const call = { ...desk.admin(casa, "per_two"), idempotencyKey: "once" };
      const first = await desk.decide("accept", replay, { call });
      await desk.book();
      const again = await desk.decide("accept", replay, { call });
      expect(again.id).toBe(first.id);
      await expect(
        desk.decide("refuse", replay, { call: { ...call, idempotencyKey: "other" } }),
      ).resolves.toBeDefined();
      await desk.book();
      expect(await ledger()).toMatchObject({ charge: 187_500n });
    });

    it("leaves a proposal outdated when the ledger has heard more of the delivery since, or the price is another one by now", async () => {
      const replay = await planted(2);
      await rateSightings(bench.ports)([status("m0", { status: "read" })]);
      await desk.decide("accept", replay);
      await desk.book(wrongly());
      const words = (await desk.proposalsOf(replay)).map(({ status: word, reason }) => [word, reason]);
      expect(words).toEqual([
        ["outdated", expect.stringContaining("Ask for another replay")],
        ["outdated", expect.stringContaining("Ask for another replay")],
      ]);
      expect(await ledger()).toMatchObject({ charge: 250_000n, entries: 2 });
    });

    it("needs somebody else to accept than who asked, and lets who asked refuse", async () => {
      const replay = await planted(1);
      const call = desk.admin(casa, "per_asks");
      await expect(desk.decide("accept", replay, { call })).rejects.toMatchObject({
        reason: "correction_needs_second_person",
      });
      await desk.decide("refuse", replay, { call });
      await desk.book();
      expect(await ledger()).toMatchObject({ charge: 125_000n, entries: 1 });
    });

    it("refuses proposals of another replay, replays of another client, and a decision before the comparison", async () => {
      const replay = await planted(1);
      const other = await desk.replay(casa, { statuses: deliveries(1), ...range });
      const [theirs] = await desk.proposalsOf(other);
      await expect(desk.decide("accept", replay, { proposalIds: [theirs?.id ?? "none"] })).rejects.toMatchObject({
        reason: "correction_proposal_not_found",
      });
      await expect(desk.decide("accept", replay, { call: desk.admin(otra, "per_two") })).rejects.toMatchObject({
        reason: "ledger_replay_not_found",
      });
      const asked = await requestReplay(desk.ports)(desk.admin(casa, "per_asks"), { tenantId: casa, ...range });
      await expect(desk.decide("accept", asked)).rejects.toMatchObject({ reason: "replay_not_compared" });
    });

    const steps: readonly [string, (ports: BookPorts, die: () => void) => BookPorts][] = [
      ["a proposal is claimed", (ports, die) => ({ ...ports, proposals: dying(ports.proposals, "save", die) })],
      ["a fact is saved", (ports, die) => ({ ...ports, facts: dying(ports.facts, "save", die) })],
      ["entries are inserted", (ports, die) => ({ ...ports, entries: dying(ports.entries, "insert", die) })],
      ["windows are marked", (ports, die) => ({ ...ports, windows: dying(ports.windows, "markDirty", die) })],
      ["a page is kept", (ports, die) => ({ ...ports, decisions: dying(ports.decisions, "save", die) })],
      ["the shadow goes", (ports, die) => ({ ...ports, shadow: dying(ports.shadow, "remove", die) })],
      ["the replay is done", (ports, die) => ({ ...ports, replays: dying(ports.replays, "save", die) })],
    ];
    /** Does its work, and then the process dies. */
    function dying<T extends object>(port: T, name: keyof T, die: () => void): T {
      const work = port[name] as (...all: unknown[]) => Promise<unknown>;
      return {
        ...port,
        [name]: async (...all: unknown[]) => {
          const done = await work(...all);
          die();
          return done;
        },
      };
    }

    it.each(steps)("comes to the same ledger when the process dies again and again right after %s", async (_, wrap) => {
      const replay = await planted();
      await desk.decide("accept", replay);
      let deaths = 0;
      const ports = wrap(desk.ports, () => {
        if (deaths++ % 2 === 0) throw new Error("killed");
      });
      for (let life = 0; life < 20; life++) await desk.book(ports).catch(() => undefined);
      expect(deaths).toBeGreaterThan(0);
      expect(await ledger()).toMatchObject({ charge: 187_500n, entries: 9 });
      const words = (await desk.proposalsOf(replay)).map(({ status: word }) => word);
      expect(words).toEqual(["booked", "booked", "booked"]);
      expect(await desk.ports.replays.get(scope, replay.id)).toMatchObject({ status: "done" });
      const [decision] = await desk.ports.decisions.findAll(scope, {});
      expect(decision).toMatchObject({ status: "done", counts: { booked: 3 } });
    });

    it.each<FaultPointName>(["billing.facts-kept", "billing.entries-kept", "billing.windows-marked"])(
      "comes to the same ledger when the process dies at %s",
      async (point) => {
        const replay = await planted();
        await desk.decide("accept", replay);
        let deaths = 0;
        onFaultPoint((name) => {
          if (name === point && deaths++ % 2 === 0) throw new Error("killed");
        });
        for (let life = 0; life < 10; life++) await desk.book().catch(() => undefined);
        expect(deaths).toBeGreaterThan(2);
        expect(await ledger()).toMatchObject({ charge: 187_500n, entries: 9 });
      },
    );

    it("compares a page that is done again after a death as if it had been done once", async () => {
      statuses = deliveries(3);
      await rateSightings(wrongly())(statuses);
      let deaths = 0;
      const replays = desk.ports.replays;
      const dies: BookPorts = {
        ...desk.ports,
        proposals: {
          ...desk.ports.proposals,
          keep: async (...all) => {
            await desk.ports.proposals.keep(...all);
            if (deaths++ === 0) throw new Error("killed");
          },
        },
      };
      await expect(desk.replay(casa, { statuses, ...range }, dies)).rejects.toThrow("killed");
      while ((await compareReplays(dies)()) > 0);
      const [replay] = await replays.findAll(scope, {});
      expect(replay).toMatchObject({ status: "compared", counts: { differing: 3 } });
      expect(replay && (await desk.proposalsOf(replay))).toHaveLength(3);
    });
  });

  describe("where the ledger heard otherwise", () => {
    it("proposes a delivery that never reached the ledger, and books it as a first entry", async () => {
      const replay = await desk.replay(casa, { statuses: deliveries(1), ...range });
      expect(await desk.proposalsOf(replay)).toMatchObject([
        { kind: "only_in_shadow", cause: "never_heard", differs: ["existence"], factVersion: 0 },
      ]);
      await desk.decide("accept", replay);
      await desk.book();
      expect(await ledger()).toMatchObject({ charge: 62_500n, entries: 1 });
      expect((await factOf("m0"))?.entries).toMatchObject([{ kind: "usage", day: "2026-11-10" }]);
    });

    it("proposes the price of a status that was lost, and folds it into the fact", async () => {
      const lost = status("m0", { at: new Date("2026-11-09T10:00:00.000Z") });
      const heard = status("m0", { status: "read" });
      await rateSightings(bench.ports)([heard]);
      const replay = await desk.replay(casa, { statuses: [lost, heard], ...range });
      expect(await desk.proposalsOf(replay)).toMatchObject([
        { kind: "changed", cause: "unheard_status", differs: ["price_date", "utc_day"] },
      ]);
      await desk.decide("accept", replay);
      await desk.book();
      expect(await factOf("m0")).toMatchObject({ proof: { at: lost.at }, entries: [{}, {}, { day: "2026-11-09" }] });
      expect(await ledger()).toMatchObject({ charge: 62_500n, entries: 3 });
    });

    it("proposes to take back what no kept webhook speaks for, and a status that comes after all is rated anew", async () => {
      await rateSightings(bench.ports)(deliveries(1));
      const replay = await desk.replay(casa, { statuses: [], ...range });
      expect(await desk.proposalsOf(replay)).toMatchObject([{ kind: "only_in_ledger", cause: "no_webhook" }]);
      await desk.decide("accept", replay);
      await desk.book();
      expect(await ledger()).toMatchObject({ charge: 0n, entries: 2 });
      await rateSightings(bench.ports)(deliveries(1));
      expect(await ledger()).toMatchObject({ charge: 62_500n, entries: 3 });
    });

    it.each([{ erased: 1 }, { blanked: 1 }, { held: 1 }])(
      "proves nothing against a charge where something of the range cannot be read any more: %p",
      async (told) => {
        await rateSightings(bench.ports)(deliveries(2));
        const replay = await desk.replay(casa, { statuses: [], ...range, told });
        expect(replay).toMatchObject({ status: "done", counts: { same: 0, differing: 0, unproven: 2 } });
        expect(replay.notCompared).toHaveLength(2);
      },
    );

    it("compares no delivery that was partly reported outside the range, and names it", async () => {
      const inside = status("m0");
      const outside = status("m0", { status: "read", keptAt: new Date("2026-11-20T00:00:00.000Z") });
      await rateSightings(wrongly())([inside, outside]);
      const replay = await desk.replay(casa, { statuses: [inside], ...range });
      expect(replay).toMatchObject({
        status: "done",
        counts: { differing: 0, partlyOutside: 1 },
        notCompared: [{ because: "partly_outside" }],
      });
    });

    it("folds the messages of a conversation into one fact, as the ledger does", async () => {
      const cbp = { model: "CBP", category: "utility" };
      const at = new Date("2025-06-10T10:00:00.000Z");
      const statuses = ["m1", "m2"].map((key) => status(key, { conversationKey: "c1", pricing: cbp, at }));
      await rateSightings(bench.ports)(statuses);
      const replay = await desk.replay(casa, { statuses: statuses.toReversed(), ...range });
      expect(replay).toMatchObject({ status: "done", counts: { same: 1, differing: 0 } });
    });

    it("fails when an operator of the door stops the reading, and hears nothing any more of what is late", async () => {
      const { id } = await requestReplay(desk.ports)(desk.admin(casa, "per_asks"), { tenantId: casa, ...range });
      await replayWasStopped(desk.ports)(id);
      await foldReplayed(desk.ports)(id, deliveries(1));
      await replayWasTold(desk.ports)(id, { bodies: 1, statuses: 1, blanked: 0, held: 0, erased: 0 });
      const replay = await desk.ports.replays.get(scope, id);
      expect(replay).toMatchObject({ status: "failed", failure: expect.stringContaining("stopped it") as string });
    });

    it("fails, and compares nothing, when less arrived than the door had said", async () => {
      const replay = await desk.replay(casa, { statuses: deliveries(2), ...range, told: { statuses: 3 } });
      expect(replay).toMatchObject({ status: "failed", failure: expect.stringContaining("Of 3 statuses") as string });
      expect(await bench.database.db.collection("replay_facts").countDocuments()).toBe(0);
    });
  });

  it("touches no other client: neither its statuses nor its charges", async () => {
    const theirs = status("x", { tenantId: otra, wabaId: wabas.otra });
    await rateSightings(wrongly())([theirs]);
    const replay = await desk.replay(casa, { statuses: [theirs], ...range, told: { statuses: 0 } });
    expect(replay).toMatchObject({ status: "done", counts: { same: 0, differing: 0 } });
    expect((await factOf("x", otra))?.entries).toHaveLength(1);
  });

  it.each([
    [{ from: until, until: from }, "to"],
    [{ from, until: new Date("2126-01-01T00:00:00.000Z") }, "to"],
    [{ from, until, wabaId: wabas.otra }, "wabaId"],
  ])("is refused for %p", async (asked, field) => {
    await expect(
      requestReplay(desk.ports)(desk.admin(casa, "per_asks"), { tenantId: casa, ...asked }),
    ).rejects.toMatchObject({ code: "BAD_USER_INPUT", details: { field } });
  });

  it("is refused for a client of somebody else as for one that is none", async () => {
    for (const tenantId of [otra, "ten_01NOBODY000000000000000000"])
      await expect(
        requestReplay(desk.ports)(desk.admin(casa, "per_asks"), { tenantId, ...range }),
      ).rejects.toMatchObject({ reason: "billing_account_not_found" });
  });
});
