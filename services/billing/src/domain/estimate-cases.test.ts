import { type LocalDate } from "@greentick/kernel";
import { plan, tenantId } from "../fixtures/deciding.js";
import { publishedTariffs } from "../fixtures/folding.js";
import { estimate, type Intended, type PricingPlace, worstCase } from "./estimate.js";

const on = (date: string, more: Partial<PricingPlace> = {}): PricingPlace => ({
  ...{ currency: "USD", localDate: date as LocalDate, plans: [plan()], tariffs: publishedTariffs, rates: [] },
  ...{ owners: [tenantId], ...more },
});
const message = (category: string, window: Intended["window"] = "open"): Intended => ({
  ...{ recipient: { dialPrefix: "551195" }, categories: [category], window },
});
const cases = (date: string, category: string, window?: Intended["window"]): readonly string[] =>
  estimate(message(category, window), on(date)).now.cases.map(
    (one) => `${one.window}, ${one.pricingType ?? "no type"}: ${one.assumes}`,
  );
const every = "every delivery is charged";

describe("the ways in which Meta may price a message", () => {
  it.each([
    ["2025-06-30", "marketing", ["open, no type: it opens a new conversation"]],
    ["2026-09-30", "utility", ["open, free_customer_service: inside the service window it is free"]],
    ["2026-09-30", "service", ["open, free_customer_service: inside the service window it is free"]],
    ["2026-09-30", "marketing", [`open, regular: ${every}`]],
    ["2026-10-01", "utility", [`open, regular: ${every}`]],
    ["2026-10-01", "service", ["open, free_customer_service: the number's free service messages of this month are not used up", "open, regular: the number's free service messages of this month are used up"]], // prettier-ignore
  ])("on %s of %s inside a window are %j", (date, category, expected) => {
    expect(cases(date, category)).toEqual(expected);
  });

  it("are none outside the window but for templates", () => {
    const refused = "closed, no type: Meta refuses what is no template outside the service window";
    expect(cases("2026-10-01", "service", "closed")).toEqual([refused]);
    expect(cases("2026-09-30", "utility", "closed")).toEqual([`closed, regular: ${every}`]);
    expect(cases("2026-09-30", "utility", "unknown")).toHaveLength(2);
  });

  it("leave the pricing type out where Meta has none: a conversation is priced without", () => {
    const [one] = estimate(message("utility"), on("2025-01-20")).now.cases;
    expect(one).not.toHaveProperty("pricingType");
    expect(one?.outcome).toMatchObject({ kind: "charge", charge: { amountMicros: 8_000n } });
  });

  it("have no range where none of them has a price", () => {
    expect(estimate(message("service", "closed"), on("2026-10-01")).now).not.toHaveProperty("lowest");
    expect(worstCase(message("service", "closed"), on("2026-10-01"))).toEqual({ kind: "not_sendable", reason: "outside_window" }); // prettier-ignore
  });
});

describe("the worst case within thirty days", () => {
  const dearer = (from: string): Partial<PricingPlace> => ({
    plans: [plan(), plan({ number: 2, effectiveFrom: from as LocalDate, terms: { kind: "percent", basisPoints: 10_000 } })], // prettier-ignore
  });
  const highest = (from: string): unknown => {
    const found = worstCase(message("marketing"), on("2026-11-05", dearer(from)));
    return found.kind === "priced" && found.highest.amountMicros;
  };
  it("counts a plan that begins on the thirtieth day, and none that begins behind it", () => {
    expect([highest("2026-12-05"), highest("2026-12-06")]).toEqual([125_000n, 62_500n]);
  });
});
