import { type LocalDate, type TenantId } from "@greentick/kernel";
import { around, at, delivered, factOf } from "../fixtures/deciding.js";
import { ordersOf, regular, sighting } from "../fixtures/folding.js";
import { decide } from "./decide.js";
import {
  completedAt,
  duplicatesIn,
  type Fact,
  isLate,
  isReordered,
  messageFactId,
  observe,
  restsOn,
  type Sighting,
} from "./fact.js";
import { type RatingBasis } from "./rate.js";
import { without } from "./without.js";

/** What the fact comes to, over every order of the statuses; once where it is the same in all. */
const inEveryOrder = (sightings: readonly Sighting[], of: (fact: Fact) => unknown): readonly unknown[] => {
  const outcomes = ordersOf(sightings).flatMap(([first, ...others]) => (first ? [of(factOf(first, ...others))] : []));
  return [...new Map(outcomes.map((one) => [JSON.stringify(one), one])).values()];
};
const body = (sha256: string, index = 0): Pick<Sighting, "webhook"> => ({ webhook: { sha256, index } });
const minute = (place: number): Date => new Date(Date.UTC(2026, 9, 2, 10, place));
const atMinute = (place: number): string => minute(place).toISOString();

describe("of several statuses", () => {
  it("the earliest proof counts, of one instant the one whose word comes first, then the one whose webhook does", () => {
    const proofOf = ({ proof }: Fact): unknown => [proof?.at, proof?.status, proof?.webhook];
    const [late, early] = [sighting("delivered", atMinute(9), body("a")), sighting("READ", atMinute(1), body("z"))];
    expect(inEveryOrder([late, early], proofOf)).toEqual([[minute(1), "read", { sha256: "z", index: 0 }]]);
    const words = ["read", "delivered", "played"].map((status, place) => sighting(status, at, body(`b${place}`)));
    expect(inEveryOrder(words, proofOf)).toEqual([[new Date(at), "delivered", { sha256: "b1", index: 0 }]]);
    const bodies = [body("b", 2), body("b", 1), body("c")].map((one) => sighting("delivered", at, one));
    expect(inEveryOrder(bodies, proofOf)).toEqual([[new Date(at), "delivered", { sha256: "b", index: 1 }]]);
  });
  it("the pricing of a delivery counts before that of an announcement, then the earliest, then by webhook", () => {
    const categoryOf = ({ pricing }: Fact): unknown => pricing?.pricing.category;
    const priced = (status: string, place: number, category: string, sha256: string): Sighting =>
      sighting(status, atMinute(place), { ...body(sha256), pricing: regular(category) });
    expect(inEveryOrder([priced("sent", 0, "service", "a"), priced("read", 9, "utility", "b")], categoryOf)).toEqual([
      "utility",
    ]);
    expect(
      inEveryOrder([priced("delivered", 1, "service", "b"), priced("read", 9, "utility", "a")], categoryOf),
    ).toEqual(["service"]);
    expect(
      inEveryOrder([priced("delivered", 1, "service", "b"), priced("delivered", 1, "utility", "a")], categoryOf),
    ).toEqual(["utility"]);
  });
  it("a recipient's number counts before a country, and either before nothing", () => {
    const to = (recipient: Sighting["recipient"], sha256: string): Sighting =>
      sighting("sent", at, { ...body(sha256), recipient });
    const recipientOf = ({ recipient }: Fact): unknown => recipient;
    expect(inEveryOrder([to({}, "a"), to({ country: "BR" }, "b"), to({ dialPrefix: "573" }, "c")], recipientOf)).toEqual([{ dialPrefix: "573" }]); // prettier-ignore
    expect(inEveryOrder([to({}, "a"), to({ country: "BR" }, "b")], recipientOf)).toEqual([{ country: "BR" }]);
    expect(inEveryOrder([to({ dialPrefix: "57" }, "a"), to({ dialPrefix: "55" }, "b")], recipientOf)).toEqual([
      { dialPrefix: "55" },
    ]);
    const both = { dialPrefix: "55", country: "BR" };
    expect(inEveryOrder([to(both, "a"), to({ dialPrefix: "55" }, "b")], recipientOf)).toEqual([both]);
  });
  it("the smaller conversation and reservation count, where statuses name two; one that names none takes nothing away", () => {
    const named = (name: string): Sighting =>
      sighting("sent", at, { ...body(name), conversationKey: `c${name}`, reservationId: `r${name}` });
    const names = ({ conversationKey, reservationId }: Fact): unknown => [conversationKey, reservationId];
    expect(inEveryOrder([named("2"), named("1"), sighting("read", at)], names)).toEqual([["c1", "r1"]]);
  });
  it("the first instant, the first and the last receipt are kept, and that some status said failed", () => {
    const kept = (place: number, status: string): Sighting =>
      sighting(status, atMinute(place), { ...body(`b${place}`), keptAt: minute(place + 1) });
    const all = [kept(3, "sent"), kept(1, "FAILED"), kept(2, "sent")];
    const ends = (fact: Fact): unknown => [fact.firstAt, fact.kept, fact.failed];
    expect(inEveryOrder(all, ends)).toEqual([[minute(1), { first: minute(2), last: minute(4) }, true]]);
    expect(factOf(kept(1, "sent"), kept(2, "delivered")).failed).toBe(false);
  });
  it("the receipts of a fact that began without a date stay unknown, and one without a date changes nothing", () => {
    const dated = sighting("sent", at, { keptAt: minute(1) });
    const undated = sighting("delivered", at);
    expect("kept" in factOf(undated, dated)).toBe(false);
    expect(factOf(dated, undated).kept).toEqual({ first: minute(1), last: minute(1) });
  });
});

describe("a status that was seen before", () => {
  const one = sighting("delivered", at, { ...body("a"), pricing: regular("utility") });
  const repeats = (more: Partial<Sighting>): number => duplicatesIn(factOf(one, { ...one, ...body("b"), ...more }));
  it("is one of the same message that says the same, whatever case its word is in", () => {
    expect([repeats({}), repeats({ status: "DELIVERED" })]).toEqual([1, 1]);
  });
  it.each<[string, Partial<Sighting>]>([
    ["message", { messageKey: "m2" }],
    ["word", { status: "read" }],
    ["time", { at: minute(1) }],
    ["model", { pricing: { ...regular("utility"), model: "CBP" } }],
    ["type", { pricing: { model: "PMP", category: "utility" } }],
    ["category", { pricing: regular("service") }],
    ["subtype", { pricing: { ...regular("utility"), subtype: "paid_exempt" } }],
    ["stated amount", { pricing: { ...regular("utility"), cost: { amount: "1", currency: "USD" } } }],
  ])("is none with another %s", (_, more) => {
    expect(repeats(more)).toBe(0);
  });
  it("is none that states another amount or currency, nor one that gives no price", () => {
    const stated = (amount: string, currency: string): Partial<Sighting> => ({
      pricing: { ...regular("utility"), cost: { amount, currency } },
    });
    const first = { ...one, ...stated("1", "USD") };
    const alike = (more: Partial<Sighting>): number => duplicatesIn(factOf(first, { ...first, ...body("b"), ...more }));
    expect([alike({}), alike(stated("2", "USD")), alike(stated("1", "EUR"))]).toEqual([1, 0, 0]);
    expect(duplicatesIn(factOf(without(one, "pricing"), { ...one, ...body("b") }))).toBe(0);
  });
  it("changes nothing at all when it is of the same place of the same webhook", () => {
    const fact = factOf(one, { ...one, ...body("a", 1) });
    expect([observe(fact, one), observe(fact, { ...one, ...body("a", 1) })].every((again) => again === fact)).toBe(
      true,
    );
    expect(fact.seen.map(({ webhooks }) => webhooks)).toEqual([["a:0", "a:1"]]);
  });
  it("leaves the other statuses of the message as they are", () => {
    const fact = factOf(one, sighting("read", at, body("c")), { ...one, ...body("b") });
    expect(fact.seen.map(({ webhooks }) => webhooks)).toEqual([["a:0", "b:0"], ["c:0"]]);
  });
});

describe("the order in which statuses arrived", () => {
  const arrived = (...statuses: readonly string[]): boolean => {
    const [first, ...others] = statuses.map((status) => sighting(status, at));
    return first !== undefined && isReordered(factOf(first, ...others));
  };
  it("is noted when one came after a later one of the same message", () => {
    expect([arrived("sent", "delivered", "read"), arrived("sent", "failed", "delivered"), arrived("read", "played"), arrived("sent")]).toEqual([false, false, false, false]); // prettier-ignore
    expect([arrived("delivered", "sent"), arrived("read", "delivered"), arrived("sent", "played", "failed"), arrived("read", "unheard_of")]).toEqual([true, true, true, true]); // prettier-ignore
  });
  it("is each message's own", () => {
    const of = (messageKey: string, status: string): Sighting => sighting(status, at, { messageKey });
    expect(isReordered(factOf(of("m1", "read"), of("m2", "sent"), of("m2", "read")))).toBe(false);
    expect(isReordered(factOf(of("m1", "read"), of("m2", "delivered"), of("m2", "sent")))).toBe(true);
  });
});

describe("when it could be rated", () => {
  const heard = (proofAt: number, priceAt: number): Fact =>
    factOf(
      sighting("delivered", at, { receivedAt: minute(proofAt) }),
      sighting("sent", at, { receivedAt: minute(priceAt), pricing: regular("utility") }),
    );
  it("is when both proof and price had come", () => {
    expect([completedAt(heard(1, 2)), completedAt(heard(3, 2))]).toEqual([minute(2), minute(3)]);
    expect([completedAt(factOf(sighting("delivered", at))), completedAt(factOf(sighting("sent", at, { pricing: regular("utility") })))]).toEqual([undefined, undefined]); // prettier-ignore
  });
  it("is late only after a whole day, to the millisecond", () => {
    const after = (ms: number): boolean =>
      isLate(factOf(delivered("utility", { receivedAt: new Date(Date.parse(at) + 86_400_000 + ms) })));
    expect([after(0), after(1), isLate(factOf(sighting("delivered", at)))]).toEqual([false, true, false]);
  });
});

describe("what an entry rests on", () => {
  const recipient = { dialPrefix: "551195", country: "BR" };
  const fact = decide(factOf(delivered("utility", { recipient })), around());
  const rests = (change: Partial<RatingBasis>, when = at): unknown =>
    fact.entries.map((entry) => entry.service && restsOn(entry, { ...entry.service.basis, ...change }, new Date(when)));
  it("is its basis and its day, be it at another time, or read in another order of the fields", () => {
    const turned = { country: "BR", dialPrefix: "551195" };
    expect([rests({}), rests({}, "2026-10-02T23:59:59Z"), rests({ recipient: turned })]).toEqual([[true], [true], [true]]); // prettier-ignore
  });
  it.each<[string, Partial<RatingBasis>]>([
    ["day of the account", { localDate: "2026-10-01" as LocalDate }],
    ["currency", { currency: "COP" }],
    ["position", { position: 1 }],
    ["word", { pricing: regular("utility_lite") }],
    ["number", { recipient: { ...recipient, dialPrefix: "551196" } }],
    ["country", { recipient: { ...recipient, country: "PT" } }],
  ])("is another with another %s", (_, change) => {
    expect(rests(change)).toEqual([false]);
  });
  it("is another on another day in UTC, and none for an entry about no message", () => {
    expect(rests({}, "2026-10-01T23:59:59Z")).toEqual([false]);
    const fees = fact.entries.map((entry) => entry.service && restsOn(without(entry, "service"), entry.service.basis, new Date(at))); // prettier-ignore
    expect(fees).toEqual([false]);
  });
});

it("names a fact after its message, and after the participant in a group", () => {
  const one = sighting("sent", at, { tenantId: "ten_9" as TenantId, messageKey: "k" });
  expect([messageFactId(one), messageFactId({ ...one, participantKey: "p" })]).toEqual(["ten_9/message/k/-", "ten_9/message/k/p"]); // prettier-ignore
});
