import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type LocalDate, type TenantId } from "@greentick/kernel";
import { parse } from "csv-parse/sync";
import { publishedTariffs } from "../fixtures/folding.js";
import { type PricePlan } from "./price-plan.js";
import { rate, type RatingBasis, type Tariffs } from "./rate.js";
import { rateIndex } from "./rate-card.js";

/** Micros, or the reason why there is no price; written down from the published files, never from what the rater says. */
interface GoldenRow {
  readonly why: string;
  readonly day: string;
  readonly currency: string;
  readonly number: string;
  readonly market: string;
  readonly model: string;
  readonly category: string;
  readonly type: string;
  readonly position: string;
  readonly expected: string;
}
const rows: GoldenRow[] = parse(readFileSync(join(__dirname, "..", "fixtures", "golden-rows.csv")), { columns: true });

const basisOf = ({ day, currency, number, model, category, type, position }: GoldenRow): RatingBasis => ({
  currency,
  localDate: day as LocalDate,
  recipient: { dialPrefix: number },
  group: false,
  pricing: { model, category, ...(type !== "" && { type }) },
  ...(position !== "" && { position: Number(position) }),
});
const planIn = (currency: string): PricePlan => ({
  id: "pln_1",
  tenantId: "ten_1" as TenantId,
  ancestorIds: [],
  livemode: false,
  version: 1,
  number: 1,
  effectiveFrom: "2024-01-01" as LocalDate,
  currency,
  terms: { kind: "pass_through" },
  platformFeeMicros: 0n,
});

describe("what Meta charges, row by row", () => {
  it.each(rows)(
    "$why: $currency $model $category $type to $market on $day, message $position, costs $expected",
    (row) => {
      const outcome = rate(basisOf(row), publishedTariffs, planIn(row.currency));
      const said =
        outcome.kind === "charge"
          ? [outcome.market, outcome.cost.amountMicros.toString()]
          : [row.market, outcome.reason];
      expect(said).toEqual([row.market, row.expected]);
    },
  );

  it("leaves the client's price at the list rate in every tier", () => {
    for (const row of rows.filter(({ why }) => why === "edge of a tier")) {
      const inTier = rate(basisOf(row), publishedTariffs, planIn("USD"));
      const listed = rate(basisOf({ ...row, position: "" }), publishedTariffs, planIn("USD"));
      if (inTier.kind !== "charge" || listed.kind !== "charge") throw new Error("every tier has a price");
      expect(inTier.list).toEqual(listed.cost);
      expect(inTier.charge).toEqual(listed.charge);
      expect(inTier.cost.amountMicros).toBeLessThanOrEqual(listed.cost.amountMicros);
    }
  });

  it.each([
    ["JPY", 9_125_000n],
    ["CLP", 57_314_000n],
    ["KWD", 21_505n],
    ["USD", 1n],
  ])("keeps every micro of a card in %s, whatever the smallest coin is", (currency, rateMicros) => {
    const card = {
      id: "crd_1",
      sha256: "",
      name: `${currency} card`,
      kind: "list" as const,
      currency,
      regime: "PMP_CHARGED_WINDOW" as const,
      effectiveFrom: "2026-10-01" as LocalDate,
      rows: [{ market: "Brazil", category: "utility" as const, tierFrom: 0, rateMicros, line: 2 }],
    };
    const tariffs: Tariffs = { rates: rateIndex([card]), markets: publishedTariffs.markets };
    const basis = {
      currency,
      localDate: "2026-10-01" as LocalDate,
      recipient: { dialPrefix: "551195" },
      group: false,
      pricing: { model: "PMP", type: "regular", category: "utility" },
    };
    expect(rate(basis, tariffs, planIn(currency))).toMatchObject({
      cost: { currency, amountMicros: rateMicros },
      charge: { currency, amountMicros: rateMicros },
    });
  });
});
