import { join } from "node:path";
import { readPublishedPrices } from "../adapters/csv/rate-card-files.js";
import { luxonZones } from "../adapters/time/luxon-zones.js";
import { marketIndex } from "../domain/markets.js";
import { rateIndex } from "../domain/rate-card.js";
import { type FirstParts, firstRater } from "./first-rater.js";
import { groundOf, storyAt } from "./generate.js";
import { readFolder } from "./naive/csv.js";
import { plantedFaults } from "./planted.js";
import { crosscheck, type Disagreement, firstDisagreement } from "./run.js";

const folder = join(__dirname, "..", "..", "rate-cards");
const { cards, markets } = readPublishedPrices(folder);
const parts: FirstParts = {
  tariffs: { rates: rateIndex(cards), markets: marketIndex(markets) },
  localDate: luxonZones.localDate,
};
const published = readFolder(folder);
const drawn = { facts: 20_000, seed: 20_261_122 };

describe("a second rater, written down from Meta's rules alone", () => {
  it("prices every drawn fact to the same micro, and finds the same reasons where there is no price", () => {
    const differing: Disagreement[] = [];
    const figures = crosscheck(firstRater(parts), published, { ...drawn, tell: (one) => differing.push(one) });
    expect(differing).toEqual([]);
    expect(figures.disagreements).toBe(0);
    expect(figures.rated + figures.free + figures.notRatable).toBe(drawn.facts);
    expect(Math.min(figures.rated, figures.free, figures.notRatable)).toBeGreaterThan(drawn.facts / 10);
  });

  it("meets every regime, category and market that can occur", () => {
    const { coverage } = crosscheck(firstRater(parts), published, { ...drawn, tell: () => undefined });
    expect(coverage.cells).toBeGreaterThan(500);
    expect(coverage.least * 10_000).toBeGreaterThanOrEqual(drawn.facts);
  });

  it.each(plantedFaults)("notices that $name", ({ plant }) => {
    expect(firstDisagreement(plant(parts), published, drawn)).toBeDefined();
  });

  it("draws the same facts again for the same seed, and others for another one", () => {
    const ground = groundOf(published);
    const some = (seed: number): readonly unknown[] =>
      Array.from({ length: 50 }, (_, place) => storyAt(ground, seed, place));
    expect(some(7)).toEqual(some(7));
    expect(some(7)).not.toEqual(some(8));
  });
});
