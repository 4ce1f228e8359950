import { BSON } from "mongodb";
import {
  type EntryId,
  type LocalDate,
  type Money,
  money,
  type Month,
  type TenantId,
  type UtcDay,
} from "@greentick/kernel";
import fc from "fast-check";
import { type Bucket } from "../../domain/bucket.js";
import { type Fact, type Proof, type Seen, type SeenPricing } from "../../domain/fact.js";
import { type LedgerEntry, messagePostings, type ServiceFacts } from "../../domain/ledger-entry.js";
import { type Pricing, type RatingBasis } from "../../domain/rate.js";
import { without } from "../../domain/without.js";
import { cardCategories } from "../../domain/words.js";
import { type EntryRow, fromEntryRow, toEntryRow } from "./entry-rows.js";
import { type FactRow, fromFactRow, toFactRow } from "./fact-rows.js";

/** One arbitrary for each field, so that a field that is added to the domain cannot be forgotten here. */
type Each<T> = { readonly [K in keyof Required<T>]: fc.Arbitrary<T[K]> };
type Optional<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T];

/** Optional fields are now there and now absent, and never undefined. */
const recordOf = <T extends object>(each: Each<T>, optional: readonly Optional<T>[]): fc.Arbitrary<T> =>
  fc.record<Required<T>, keyof T>(each, {
    noNullPrototype: true,
    requiredKeys: (Object.keys(each) as (keyof T)[]).filter((key) => !(optional as readonly (keyof T)[]).includes(key)),
  }) as fc.Arbitrary<unknown> as fc.Arbitrary<T>;

const plain = <T>(each: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(each, { noNullPrototype: true });

const text = fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("", "@", "a:b", '"', "null"));
const instant = fc.date({ noInvalidDate: true });
const day = fc.constantFrom("2026-10-31", "2026-11-01", "2026-11-28");
const month = fc.constantFrom("2026-10", "2026-11") as unknown as fc.Arbitrary<Month>;
const currency = fc.constantFrom("USD", "BRL");
const micros = fc.bigInt({ min: 1n - 2n ** 63n, max: 2n ** 63n - 1n });
const amount: fc.Arbitrary<Money> = fc.tuple(currency, fc.oneof(micros, fc.constant(0n))).map(([c, m]) => money(c, m));
const reason = plain({ rule: text, says: text });
const webhook = plain({ sha256: fc.constantFrom("aa", "bb:c", ""), index: fc.nat() });
const category = fc.constantFrom("marketing", "utility", "Marketing");
const recipient = fc.record({ dialPrefix: text, country: text }, { requiredKeys: [], noNullPrototype: true });

const pricing: fc.Arbitrary<Pricing> = recordOf<Pricing>(
  {
    ...{ model: text, category, type: fc.constantFrom("regular", "free"), subtype: text },
    cost: plain({ amount: text, currency }),
  },
  ["type", "subtype", "cost"],
);
const rate: fc.Arbitrary<NonNullable<ServiceFacts["rate"]>> = plain({
  cardId: text,
  cardName: text,
  line: fc.nat(),
  rateMicros: micros,
});
const basis: fc.Arbitrary<RatingBasis> = recordOf<RatingBasis>(
  {
    ...{ currency, localDate: day as fc.Arbitrary<LocalDate>, recipient, group: fc.boolean(), pricing },
    ...{ position: fc.nat(), positionSince: instant },
    exchange: plain({
      ...{ rateId: text, markupBasisPoints: fc.nat(), from: currency, to: currency, rate: text, source: text },
      ...{ at: instant, effectiveFrom: day as fc.Arbitrary<LocalDate> },
    }),
  },
  ["position", "positionSince", "exchange"],
);
const service: fc.Arbitrary<ServiceFacts> = recordOf<ServiceFacts>(
  {
    ...{ wabaId: fc.constantFrom("1", "2"), phoneNumberId: text, reservationId: text, deliveredAt: instant },
    ...{ localDate: day as fc.Arbitrary<LocalDate>, utcDay: day as unknown as fc.Arbitrary<UtcDay>, market: text },
    ...{ category: fc.constantFrom(...cardCategories), pricingCategory: category, pricingType: text, basis, rate },
    ...{ tier: rate, costReasons: fc.array(reason), planId: text, planNumber: fc.nat(), receivedAt: instant },
    ...{ late: fc.boolean(), webhook, pricingWebhook: webhook },
  },
  ["phoneNumberId", "reservationId", "pricingType", "rate", "tier", "costReasons", "pricingWebhook"],
);
const owner = { tenantId: "ten_1" as TenantId, ancestorIds: ["ten_0" as TenantId], livemode: true };
const entryFields = {
  ...{ tenantId: fc.constant(owner.tenantId), billToTenantId: fc.constantFrom(owner.tenantId, "ten_0" as TenantId) },
  ...{ ancestorIds: fc.constant(owner.ancestorIds), livemode: fc.constant(true) },
  ...{ id: text as unknown as fc.Arbitrary<EntryId>, corrects: text as unknown as fc.Arbitrary<EntryId> },
  kind: fc.constantFrom("usage", "platform_fee", "adjustment", "carry", "correction"),
  ...{ key: fc.constant("ten_1/message/m/-"), seq: fc.nat(), units: fc.integer({ min: -1, max: 1 }) },
  ...{
    free: fc.boolean(),
    bucket: text as unknown as fc.Arbitrary<Bucket>,
    day: day as unknown as fc.Arbitrary<UtcDay>,
  },
  ...{ month, cost: amount, charge: amount, postings: fc.array(plain({ account: text, amount })) },
  ...{ reasons: fc.array(reason), service, fromMonth: month, proposalId: text, bookedAt: instant },
} satisfies Each<LedgerEntry>;
/** Some with the legs that follow from the two amounts, as those of messages have, and some with others. */
const entry: fc.Arbitrary<LedgerEntry> = fc
  .tuple(recordOf<LedgerEntry>(entryFields, ["corrects", "service", "fromMonth", "proposalId"]), fc.boolean())
  .map(([one, follow]) => (follow ? { ...one, postings: messagePostings(one.cost, one.charge) } : one));

const name = fc.constantFrom("aa:0", "bb:c:1", "cc:2");
const seen: fc.Arbitrary<Seen> = plain({
  content: fc.oneof(text, fc.constantFrom("m@sent@1@", "n@read@2@")),
  webhooks: fc.array(name, { minLength: 1 }),
});
const proof: fc.Arbitrary<Proof> = plain({ at: instant, status: text, webhook });
const seenPricing: fc.Arbitrary<SeenPricing> = plain({ pricing, atDelivery: fc.boolean(), at: instant, webhook });
const messages = fc.oneof(fc.constant(["m"]), fc.constant([]), fc.constant(["k", "m"]), fc.constant(["n"]));
const fact: fc.Arbitrary<Fact> = recordOf<Fact>(
  {
    id: fc.constant("ten_1/message/m/-"),
    ...{
      tenantId: fc.constant(owner.tenantId),
      ancestorIds: fc.constant(owner.ancestorIds),
      livemode: fc.constant(true),
    },
    ...{ version: fc.nat(), kind: fc.constantFrom("message", "conversation"), wabaId: fc.constantFrom("1", "2") },
    ...{ phoneNumberId: text, group: fc.boolean(), messages, conversationKey: text, joined: text, recipient },
    ...{
      seen: fc.array(seen),
      failed: fc.boolean(),
      firstAt: instant,
      kept: plain({ first: instant, last: instant }),
    },
    ...{ proof, provedReceivedAt: instant, pricing: seenPricing, pricedReceivedAt: instant, reservationId: text },
    ...{ entries: fc.array(entry, { maxLength: 3 }), booking: fc.constant(false) },
    unrated: fc.constantFrom("awaiting_plan", "unknown_category"),
  },
  ["phoneNumberId", "conversationKey", "joined", "kept", "proof", "provedReceivedAt", "pricing", "pricedReceivedAt", "reservationId", "unrated"], // prettier-ignore
).filter(
  // A content that begins with @ is one of a message whose key is empty.
  (one) => one.seen.every(({ content }) => !content.startsWith("@")),
);

/** As the store gives back what it was given. */
const stored = <T extends object>(row: T): T =>
  BSON.deserialize(BSON.serialize(row, { ignoreUndefined: true }), { useBigInt64: true }) as T;

describe("rows of facts and of the ledger", () => {
  it("give back every entry as it was booked", () => {
    fc.assert(
      fc.property(entry, (one) => {
        expect(fromEntryRow(stored(toEntryRow(one)))).toStrictEqual(one);
      }),
    );
  });

  it("give back every fact with the entries in it, and say that they are to be booked while their note is open", () => {
    fc.assert(
      fc.property(fact, fc.boolean(), (one, open) => {
        const row = stored(toFactRow({ ...one, version: 0 }, { version: one.version, note: "note" }));
        expect(fromFactRow(row, new Set(open ? ["note"] : []))).toStrictEqual({ ...one, booking: open });
      }),
    );
  });

  it("are read as well where a version before wrote each part into fields of its own", () => {
    fc.assert(
      fc.property(entry, fact, (one, whole) => {
        const { id } = whole;
        // That version knew nobody else to bill.
        const own = whole.entries.map((inFact) => ({ ...inFact, billToTenantId: inFact.tenantId }));
        const rest = { ...without(whole, "id", "booking"), entries: own };
        const { id: _id, ...fields } = one;
        const metaMonth = "2026-12";
        const wide = stored({ ...fields, _id, schemaVersion: 1, metaMonth }) as unknown as EntryRow;
        expect(fromEntryRow(wide)).toStrictEqual(one);
        const entries = rest.entries.map((inFact) =>
          without(inFact, "tenantId", "ancestorIds", "livemode", "billToTenantId", "key"),
        );
        const counts = { month: "2026-11", outcome: "charged", duplicates: 0, late: false, reordered: false };
        const row = { ...rest, ...counts, entries, _id: id, schemaVersion: 1, note: "note" };
        const read = fromFactRow(stored(row) as unknown as FactRow, new Set(["note"]));
        expect(read).toStrictEqual({ ...rest, id, booking: true });
      }),
    );
  });
});
