import { hourMs } from "@greentick/kernel";
import { factAfter, factsAfter, netCharge, ordersOf, regular, sighting } from "../fixtures/folding.js";
import { duplicatesIn, type Fact, type Sighting, standingEntry } from "./fact.js";
import { type Pricing } from "./rate.js";

const marketing = { pricing: regular("marketing") };
const sent = sighting("sent", "2026-10-02T10:00:00Z", marketing);
const delivered = sighting("delivered", "2026-10-02T10:00:05Z", marketing);
const read = sighting("read", "2026-10-02T11:00:00Z");
const failed = sighting("failed", "2026-10-02T10:00:04Z");
const namesOf = (order: readonly Sighting[]): string => order.map(({ status }) => status).join(", ");

describe("the statuses of a message in any order", () => {
  it.each(ordersOf([sent, delivered, read]).map((order) => [namesOf(order), order] as const))(
    "%s: one charge",
    (_, order) => {
      const fact = factAfter(order);
      expect(fact.entries).toMatchObject([{ units: 1, charge: { amountMicros: 62_500n } }]);
      expect(fact.proof?.at).toEqual(delivered.at);
    },
  );

  it.each(ordersOf([sent, delivered, read, failed]).map((order) => [namesOf(order), order] as const))(
    "%s: delivered and failed is charged",
    (_, order) => {
      const fact = factAfter(order);
      expect([netCharge(fact), fact.failed, fact.unrated]).toEqual([62_500n, true, undefined]);
    },
  );

  it.each(ordersOf([sent, failed]).map((order) => [namesOf(order), order] as const))(
    "%s: failed alone costs nothing",
    (_, order) => {
      expect(factAfter(order)).toMatchObject({ failed: true, entries: [] });
    },
  );
});

describe("the same status many times", () => {
  const forms: readonly (readonly [string, (place: number) => Sighting, number])[] = [
    ["in the same body", () => delivered, 0],
    ["in another batch", (place) => ({ ...delivered, webhook: { sha256: `batch${place}`, index: place } }), 1],
    [
      "with its keys in another order",
      (place) => ({
        ...delivered,
        pricing: { category: "marketing", type: "regular", model: "PMP" },
        webhook: { sha256: `keys${place}`, index: 0 },
      }),
      1,
    ],
  ];
  it.each(
    [2, 10, 100, 1_000].flatMap((times) =>
      forms.map(([form, again, counted]) => [times, form, again, counted] as const),
    ),
  )("%i times %s: one charge", (times, _, again, counted) => {
    const fact = factAfter([delivered, ...Array.from({ length: times - 1 }, (__, place) => again(place))]);
    expect(fact.entries).toHaveLength(1);
    expect(netCharge(fact)).toBe(62_500n);
    expect(duplicatesIn(fact)).toBe(counted * (times - 1));
  });
});

describe("a delivery that is heard of late", () => {
  const deliveredAt = new Date("2026-10-02T10:00:00Z");
  it.each([
    ["an hour", 1, "2026-10-02"],
    ["a day", 24, "2026-10-02"],
    ["seven days", 7 * 24, "2026-10-02"],
    ["eight days", 8 * 24, "2026-10-02"],
    ["the last hour before the month is closed", 31 * 24 + 13, "2026-10-02"],
    ["the first second after it", 31 * 24 + 14, "2026-11-03"],
    ["thirty-six days", 36 * 24, "2026-11-07"],
  ])("by %s is booked in the month that is open, under its own price", (_, hours, day) => {
    const now = new Date(deliveredAt.getTime() + hours * hourMs);
    const fact = factAfter([{ ...delivered, at: deliveredAt, receivedAt: now }], { now: now.toISOString() });
    expect(fact.entries).toMatchObject([
      { day, service: { localDate: "2026-10-02" }, charge: { amountMicros: 62_500n } },
    ]);
  });
});

describe("a message of a conversation", () => {
  const cbp: Pricing = { model: "CBP", category: "utility" };
  const at = (time: string, status: string, more: Partial<Sighting> = {}): Sighting =>
    sighting(status, `2025-01-20T${time}:00Z`, more);
  const named = { conversationKey: "c1" };
  const whole = [
    at("13:00", "sent", { ...named, pricing: cbp }),
    at("13:01", "delivered", { ...named, pricing: cbp }),
    // Read statuses carry neither pricing nor conversation.
    at("14:00", "read"),
  ];
  it.each(ordersOf(whole).map((order) => [namesOf(order), order] as const))(
    "is one fact, in the order %s",
    (_, order) => {
      const fact = factAfter(order);
      expect(fact).toMatchObject({ kind: "conversation", proof: { at: whole[1]?.at } });
      expect(netCharge(fact)).toBe(8_000n);
    },
  );

  it.each(ordersOf([0, 1, 2, 3]).map((order) => [order.join(), order] as const))(
    "may say its price and its conversation on different statuses, order %s",
    (_, order) => {
      const told = [
        at("13:00", "sent", named),
        at("13:01", "delivered", { pricing: cbp }),
        at("14:00", "read"),
        at("15:00", "delivered", { messageKey: "m2", ...named, pricing: cbp }),
      ];
      const fact = factAfter(order.flatMap((place) => told[place] ?? []));
      expect([fact.kind, fact.messages, netCharge(fact)]).toEqual(["conversation", ["m1", "m2"], 8_000n]);
    },
  );

  it("waits in sight while no status names its conversation: each message of one would be charged", () => {
    const fact = factAfter([at("13:01", "delivered", { pricing: cbp })]);
    expect(fact).toMatchObject({ unrated: "awaiting_conversation", entries: [] });
  });

  it("is read long after conversations ended, and stays the one fact", () => {
    const late = sighting("read", "2025-08-01T10:00:00Z");
    for (const order of ordersOf([...whole.slice(0, 2), late])) expect(netCharge(factAfter(order))).toBe(8_000n);
  });

  it("stays a message when it is priced as one, whatever conversation its statuses name", () => {
    const pmp = { ...named, pricing: regular("marketing") };
    const announced = sighting("sent", "2025-06-30T20:00:00Z", named);
    const fact = factAfter([announced, sighting("delivered", "2025-07-01T20:00:00Z", pmp)]);
    expect([fact.kind, fact.messages, netCharge(fact)]).toEqual(["message", ["m1"], 62_500n]);
  });

  it("gives back what was booked for it alone, when it turns out to be part of a conversation", () => {
    const asMessage = sighting("delivered", "2025-07-01T10:00:00Z", marketing);
    const asPart = sighting("sent", "2025-07-01T09:00:00Z", { ...named, pricing: cbp });
    const facts = [
      ...factsAfter([asMessage, { ...asPart, status: "delivered", at: new Date("2025-07-01T09:00:00Z") }]).values(),
    ];
    const [message] = facts.filter(({ joined }) => joined !== undefined);
    expect(message && [netCharge(message), standingEntry(message)]).toEqual([0n, undefined]);
    expect(facts.reduce((sum, fact: Fact) => sum + netCharge(fact), 0n)).toBe(0n);
  });
});

describe("a message to a group", () => {
  const to = (participantKey: string, more: Partial<Sighting> = {}): Sighting =>
    sighting("delivered", "2026-10-02T10:00:00Z", {
      group: true,
      participantKey,
      pricing: { model: "PMP", type: "free_group_customer_service", category: "group_service" },
      ...more,
    });
  it("is one fact for each participant", () => {
    expect(factsAfter([to("a"), to("b"), to("a")]).size).toBe(2);
  });
  it.each(["group_marketing", "group_utility", "group_service", "marketing"])(
    "has no price as charged %s: there is no card",
    (category) => {
      expect(factAfter([to("a", { pricing: regular(category) })])).toMatchObject({ unrated: "group_without_card" });
    },
  );
});
