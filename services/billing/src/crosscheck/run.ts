import { groundOf, regimeOf, regimes, storyAt } from "./generate.js";
import { cell, type Published } from "./naive/csv.js";
import { naiveRater } from "./naive/rater.js";
import { type Rater, type Story, type Verdict } from "./story.js";

export interface Figures {
  readonly facts: number;
  /** Priced above zero. */
  readonly rated: number;
  /** Cost Meta's payer nothing, the undelivered included. */
  readonly free: number;
  readonly notRatable: number;
  readonly disagreements: number;
  /** Facts in the scarcest of all combinations of regime, category and market, and how many combinations there are. */
  readonly coverage: { readonly cells: number; readonly least: number; readonly leastIn: string };
}
export interface Disagreement {
  readonly place: number;
  readonly story: Story;
  readonly first: Verdict;
  readonly second: Verdict;
}
export interface Wanted {
  readonly facts: number;
  readonly seed: number;
  /** Called with the first few. */
  readonly tell: (disagreement: Disagreement) => void;
}

const categories = ["marketing", "utility", "authentication", "authentication_international", "service"];

/** Every combination of regime, category and market that can occur. */
function cellsOf({ markets }: Published): Map<string, number> {
  const cells = new Map<string, number>();
  for (const { name, from, to } of regimes)
    for (const row of markets)
      if (cell(row, "effective_from") <= to && (cell(row, "effective_to") === "" || from <= cell(row, "effective_to")))
        for (const category of categories) cells.set(`${name}, ${category}, ${cell(row, "market")}`, 0);
  return cells;
}

function count(cells: Map<string, number>, { day, category, market }: Verdict): void {
  if (day === undefined || category === undefined || market === undefined) return;
  const name = `${regimeOf(day)}, ${category}, ${market}`;
  cells.set(name, (cells.get(name) ?? 0) + 1);
}

/** Both say the same. What has no price has only a reason: how far each got before it found none is its own affair. */
function agree(first: Verdict, second: Verdict): boolean {
  if (first.outcome !== second.outcome || first.reason !== second.reason) return false;
  if (first.outcome === "not_ratable" || first.outcome === "undelivered") return true;
  return (
    first.day === second.day &&
    first.market === second.market &&
    first.category === second.category &&
    first.cost === second.cost &&
    first.charge === second.charge
  );
}

/** Has two raters price the same drawn facts, and counts what they made of them. Memory does not grow with the number of facts. */
export function crosscheck(first: Rater, published: Published, wanted: Wanted): Figures {
  const ground = groundOf(published);
  const second = naiveRater(published);
  const cells = cellsOf(published);
  const outcomes = { charged: 0, free: 0, undelivered: 0, not_ratable: 0 };
  let disagreements = 0;
  for (let place = 0; place < wanted.facts; place++) {
    const story = storyAt(ground, wanted.seed, place);
    const mine = first(story);
    const other = second(story);
    outcomes[other.outcome] += 1;
    count(cells, other);
    if (agree(mine, other)) continue;
    disagreements += 1;
    if (disagreements <= 5) wanted.tell({ place, story, first: mine, second: other });
  }
  const [leastIn = "", least = 0] = [...cells].sort(([, a], [, b]) => a - b)[0] ?? [];
  return {
    facts: wanted.facts,
    rated: outcomes.charged,
    free: outcomes.free + outcomes.undelivered,
    notRatable: outcomes.not_ratable,
    disagreements,
    coverage: { cells: cells.size, least, leastIn },
  };
}

/** The place of the first fact over which the two differ; undefined when they agree on all. */
export function firstDisagreement(
  first: Rater,
  published: Published,
  wanted: Omit<Wanted, "tell">,
): number | undefined {
  const ground = groundOf(published);
  const second = naiveRater(published);
  for (let place = 0; place < wanted.facts; place++) {
    const story = storyAt(ground, wanted.seed, place);
    if (!agree(first(story), second(story))) return place;
  }
  return undefined;
}
