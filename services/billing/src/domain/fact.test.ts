import fc from "fast-check";
import { factAfter, netCharge as net, regular, sighting } from "../fixtures/folding.js";
import { duplicatesIn, type Fact, isLate, observe, type Sighting, standingEntry } from "./fact.js";

const seen = (sightings: readonly Sighting[]): Fact => factAfter(sightings);

describe("a fact", () => {
  it("is charged once a delivery is proven and priced, in either order, once however many statuses follow", () => {
    const announced = sighting("sent", "2026-10-02T10:00:00Z", { pricing: regular("marketing") });
    const delivered = sighting("delivered", "2026-10-02T10:00:05Z");
    const read = sighting("read", "2026-10-02T11:00:00Z", { pricing: regular("marketing") });
    for (const order of [
      [announced, delivered, read],
      [read, delivered, announced],
      [delivered, announced, read],
    ])
      expect(seen(order)).toMatchObject({ entries: [{ units: 1, charge: { amountMicros: 62_500n } }] });
  });

  it("takes a read without a delivered as a delivery", () => {
    expect(net(seen([sighting("read", "2026-10-02T10:00:00Z", { pricing: regular("utility") })]))).toBe(6_800n);
  });

  it("costs nothing and has no entry when it only failed", () => {
    const fact = seen([
      sighting("sent", "2026-10-02T10:00:00Z", { pricing: regular("marketing") }),
      sighting("failed", "2026-10-02T10:00:09Z"),
    ]);
    expect(fact).toMatchObject({ failed: true, entries: [] });
    expect(fact.unrated).toBeUndefined();
  });

  it("shows a delivery without pricing as waiting for it", () => {
    expect(seen([sighting("played", "2026-10-02T10:00:00Z")])).toMatchObject({
      unrated: "awaiting_pricing",
      entries: [],
    });
  });

  it("believes the pricing of the delivery over the one announced", () => {
    const announced = sighting("sent", "2026-10-02T10:00:00Z", { pricing: regular("marketing") });
    const delivered = sighting("delivered", "2026-10-02T10:00:05Z", { pricing: regular("utility") });
    expect(net(seen([announced, delivered]))).toBe(6_800n);
    expect(net(seen([delivered, announced]))).toBe(6_800n);
  });

  it("corrects itself when an earlier proof moves the delivery to another card, and names what it corrects", () => {
    const read = sighting("read", "2026-10-01T06:00:00Z", {
      pricing: regular("marketing"),
      recipient: { dialPrefix: "521555" },
    });
    const delivered = sighting("delivered", "2026-10-01T04:30:00Z", { recipient: { dialPrefix: "521555" } });
    const fact = seen([read, delivered]);
    expect(fact.entries.map(({ kind, units, charge }) => [kind, units, charge.amountMicros])).toEqual([
      ["usage", 1, 39_700n],
      ["correction", -1, -39_700n],
      ["correction", 1, 30_500n],
    ]);
    expect(fact.entries.slice(1).map(({ corrects }) => corrects)).toEqual([fact.entries[0]?.id, fact.entries[0]?.id]);
    expect(standingEntry(fact)?.service).toMatchObject({ localDate: "2026-09-30" });
    expect(net(seen([delivered, read]))).toBe(30_500n);
  });

  it("books nothing new for an earlier proof on the same day", () => {
    const read = sighting("read", "2026-10-02T11:00:00Z", { pricing: regular("marketing") });
    expect(seen([read, sighting("delivered", "2026-10-02T10:00:00Z")]).entries).toHaveLength(1);
  });

  it("counts a repeat in another webhook as a duplicate, and a redelivery of the same one as nothing", () => {
    const delivered = sighting("delivered", "2026-10-02T10:00:00Z", { pricing: regular("marketing") });
    const again = { ...delivered, webhook: { sha256: "other", index: 3 } };
    const fact = seen([delivered, again, delivered, again]);
    expect(duplicatesIn(fact)).toBe(1);
    expect(fact.entries).toHaveLength(1);
  });

  it("keeps all that is known of it when one more status comes that says nothing of that", () => {
    const named = { phoneNumberId: "p1", conversationKey: "c1", reservationId: "rsv_1" };
    const before = seen([
      sighting("delivered", "2026-10-02T10:00:00Z", { ...named, keptAt: new Date(0), pricing: regular("marketing") }),
    ]);
    // Required: whatever a fact gains belongs here.
    const all: Required<Fact> = {
      ...(before as Required<Fact>),
      version: 3,
      joined: "c1",
      booking: true,
      unrated: "awaiting_plan",
    };
    const after = observe(all, sighting("sent", "2026-10-02T09:59:00Z"));
    expect(after).toEqual({ ...all, seen: after.seen, firstAt: after.firstAt });
    expect(after.seen).toHaveLength(2);
  });

  it("is late when it could be rated only more than a day after the delivery", () => {
    const at = "2026-10-02T10:00:00Z";
    const lateBy = (hours: number): boolean =>
      isLate(
        seen([
          sighting("delivered", at, {
            pricing: regular("marketing"),
            receivedAt: new Date(Date.parse(at) + hours * 3_600_000),
          }),
        ]),
      );
    expect([lateBy(1), lateBy(24), lateBy(25)]).toEqual([false, false, true]);
  });

  it("charges a conversation once, whichever of its messages was first", () => {
    const part = (messageKey: string, at: string): Sighting =>
      sighting("delivered", at, { messageKey, conversationKey: "c1", pricing: { model: "CBP", category: "utility" } });
    const parts = [
      part("m1", "2025-01-20T13:00:00Z"),
      part("m2", "2025-01-20T14:00:00Z"),
      part("m3", "2025-01-20T15:00:00Z"),
    ];
    expect(seen(parts)).toMatchObject({ kind: "conversation", messages: ["m1", "m2", "m3"] });
    expect([net(seen(parts)), net(seen([...parts].reverse()))]).toEqual([8_000n, 8_000n]);
  });

  it("comes out the same for the same statuses in any order, with any repeats", () => {
    const statuses = fc.record({
      status: fc.constantFrom("sent", "delivered", "read", "played", "failed"),
      minute: fc.integer({ min: 0, max: 600 }),
      category: fc.option(fc.constantFrom("marketing", "utility", "service", "nonsense"), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(statuses, { minLength: 1, maxLength: 6 }), fc.infiniteStream(fc.nat()), (drawn, picks) => {
        const sightings = drawn.map(({ status, minute, category }, place) =>
          sighting(status, new Date(Date.UTC(2026, 9, 1, 0, minute)).toISOString(), {
            webhook: { sha256: `b${place}`, index: 0 },
            ...(category !== undefined && { pricing: regular(category) }),
          }),
        );
        const [...order] = picks.take(sightings.length * 2);
        const mixed = order.flatMap((pick) => sightings[pick % sightings.length] ?? []);
        const all = [...mixed, ...sightings];
        const straight = seen(sightings);
        const other = seen(all);
        expect(net(other)).toBe(net(straight));
        expect([other.unrated, other.proof, other.pricing, other.failed, duplicatesIn(other)]).toEqual([
          straight.unrated,
          straight.proof,
          straight.pricing,
          straight.failed,
          duplicatesIn(straight),
        ]);
      }),
    );
  });
});
