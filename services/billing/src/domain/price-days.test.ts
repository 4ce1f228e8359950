import { parseWebhook } from "@greentick/meta";
import { type LocalDate } from "@greentick/kernel";
import { type Fact, type Sighting } from "./fact.js";
import { factAfter, netCharge, regular, sighting } from "../fixtures/folding.js";

const toMexico = (at: string, more: Partial<Sighting> = {}): Sighting =>
  sighting("delivered", at, { pricing: regular("marketing"), recipient: { dialPrefix: "521555" }, ...more });
const inZone = (at: string, zone: string): Fact => factAfter([toMexico(at)], { zone });
const september = 30_500n;
const october = 39_700n;

/** Meta's cards change at 00:00 in the account's zone, whatever the clock of anybody else shows. */
describe("the day of a price", () => {
  it.each([
    ["Pacific/Pago_Pago", "2026-10-01T10:59:59Z", "2026-10-01T11:00:00Z"],
    ["America/Bogota", "2026-10-01T04:59:59Z", "2026-10-01T05:00:00Z"],
    ["America/New_York", "2026-10-01T03:59:59Z", "2026-10-01T04:00:00Z"],
    ["UTC", "2026-09-30T23:59:59Z", "2026-10-01T00:00:00Z"],
    ["Europe/Berlin", "2026-09-30T21:59:59Z", "2026-09-30T22:00:00Z"],
    ["Asia/Kolkata", "2026-09-30T18:29:59Z", "2026-09-30T18:30:00Z"],
    ["Pacific/Kiritimati", "2026-09-30T09:59:59Z", "2026-09-30T10:00:00Z"],
  ])("changes in %s between %s and %s", (zone, before, from) => {
    expect([netCharge(inZone(before, zone)), netCharge(inZone(from, zone))]).toEqual([september, october]);
  });

  it.each([
    ["the last second of a leap day", "America/Bogota", "2028-03-01T04:59:59Z", "2028-02-29", "2028-03-01"],
    ["the month's end at UTC-11", "Pacific/Pago_Pago", "2026-12-01T10:59:59Z", "2026-11-30", "2026-12-01"],
    ["the month's end at UTC+14", "Pacific/Kiritimati", "2026-11-30T09:59:59Z", "2026-11-30", "2026-11-30"],
    ["the next month at UTC+14", "Pacific/Kiritimati", "2026-11-30T10:00:00Z", "2026-12-01", "2026-11-30"],
    ["before clocks go forward in New York", "America/New_York", "2027-03-14T04:59:59Z", "2027-03-13", "2027-03-14"],
    ["after clocks went forward in New York", "America/New_York", "2027-03-15T03:59:59Z", "2027-03-14", "2027-03-15"],
    ["before clocks go back in New York", "America/New_York", "2026-11-01T03:59:59Z", "2026-10-31", "2026-11-01"],
    ["after clocks went back in New York", "America/New_York", "2026-11-02T04:59:59Z", "2026-11-01", "2026-11-02"],
    ["before clocks go forward in Berlin", "Europe/Berlin", "2027-03-27T22:59:59Z", "2027-03-27", "2027-03-27"],
    ["after clocks went forward in Berlin", "Europe/Berlin", "2027-03-28T21:59:59Z", "2027-03-28", "2027-03-28"],
    ["before clocks go back in Berlin", "Europe/Berlin", "2026-10-24T21:59:59Z", "2026-10-24", "2026-10-24"],
    ["after clocks went back in Berlin", "Europe/Berlin", "2026-10-25T22:59:59Z", "2026-10-25", "2026-10-25"],
    ["clocks that move by half an hour", "Australia/Lord_Howe", "2026-10-03T13:29:59Z", "2026-10-03", "2026-10-03"],
    ["after they moved", "Australia/Lord_Howe", "2026-10-04T12:59:59Z", "2026-10-04", "2026-10-04"],
    ["beyond 2038", "UTC", "2038-01-19T03:14:08Z", "2038-01-19", "2038-01-19"],
  ])("%s: both days are kept", (_, zone, at, localDate, utcDay) => {
    expect(inZone(at, zone).entries[0]?.service).toMatchObject({ localDate, utcDay });
  });

  it("is the day of delivery, not of sending, and not of receipt", () => {
    const sent = sighting("sent", "2026-10-01T04:00:00Z", { recipient: { dialPrefix: "521555" } });
    const delivered = toMexico("2026-10-01T05:00:00Z", { receivedAt: new Date("2026-10-09T00:00:00Z") });
    expect(netCharge(factAfter([sent, delivered]))).toBe(october);
  });

  it("moves back when an earlier delivery is heard of later, across a month's end too", () => {
    const first = toMexico("2026-10-01T06:00:00Z");
    const earlier = toMexico("2026-10-01T04:30:00Z");
    for (const order of [
      [first, earlier],
      [earlier, first],
    ])
      expect(netCharge(factAfter(order))).toBe(september);
    expect(factAfter([first, earlier]).entries.map(({ units }) => units)).toEqual([1, -1, 1]);
  });

  it.each(["1969-12-31T23:59:59Z", "1900-01-01T00:00:00Z"])(
    "waits in sight at %s, where nothing is known of prices, and is no zero",
    (at) => {
      expect(factAfter([toMexico(at, { pricing: regular("marketing") })])).toMatchObject({
        unrated: "awaiting_plan",
        entries: [],
      });
    },
  );

  it("lies in the future where Meta says so: priced by that day's card, booked when it is heard of", () => {
    const fact = factAfter([toMexico("2096-01-01T00:00:00Z")], { now: "2026-10-03T00:00:00Z" });
    expect(fact.entries).toMatchObject([
      { day: "2026-10-03", service: { utcDay: "2096-01-01" }, charge: { amountMicros: october } },
    ]);
  });
});

describe("the time of a status", () => {
  const bodyWith = (timestamp: unknown): Buffer => {
    const value = { metadata: { phone_number_id: "1" }, statuses: [{ id: "wamid.1", status: "delivered", timestamp }] };
    const entry = [{ id: "1", changes: [{ field: "messages", value }] }];
    return Buffer.from(JSON.stringify({ object: "whatsapp_business_account", entry }));
  };
  const timeOf = (timestamp: unknown): Date | string | undefined => {
    const parsed = parseWebhook(bodyWith(timestamp));
    if ("unreadable" in parsed) return "unreadable";
    return parsed.updates[0]?.status?.at ?? parsed.updates[0]?.kind;
  };
  it.each([["1790830800"], [1_790_830_800]])("is read in seconds, as text or as a number: %j", (timestamp) => {
    expect(timeOf(timestamp)).toEqual(new Date("2026-10-01T05:00:00Z"));
  });
  it.each([["1790830800000"], [1_790_830_800_000], ["-5"], [-5], ["1790830800.5"], ["yesterday"], [null], [""]])(
    "is never guessed: %j is kept as something unknown, not priced in another century",
    (timestamp) => {
      expect(timeOf(timestamp)).toBe("unknown");
    },
  );
});

describe("a delivery that the plan of its day has no price for", () => {
  const own = (prices: readonly { market: string; category: "marketing" | "utility"; micros: bigint }[]) => ({
    kind: "own_list" as const,
    prices,
  });
  const first = { id: "pln_1", number: 1, terms: own([{ market: "*", category: "marketing", micros: 70_000n }]) };
  const later = {
    id: "pln_2",
    number: 2,
    effectiveFrom: "2026-11-11" as LocalDate,
    terms: own([{ market: "*", category: "utility", micros: 9_000n }]),
  };
  const utility = sighting("delivered", "2026-11-10T15:00:00Z", { pricing: regular("utility") });
  const marketing = sighting("delivered", "2026-11-10T15:00:00Z", { pricing: regular("marketing") });

  it("waits, and takes the price of the first later plan that has one: days that are booked get no other plan", () => {
    expect(factAfter([utility], { plans: [first] }).unrated).toBe("no_price_in_plan");
    const fact = factAfter([utility], { plans: [first, later] });
    expect([fact.unrated, netCharge(fact), fact.entries[0]?.service?.planNumber]).toEqual([undefined, 9_000n, 2]);
  });
  it("leaves the price of its own day's plan to whatever has one", () => {
    expect(netCharge(factAfter([marketing], { plans: [first, { ...later, terms: own([{ market: "*", category: "marketing", micros: 1n }]) }] }))).toBe(70_000n); // prettier-ignore
  });
});
