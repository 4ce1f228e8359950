import { join } from "node:path";
import { parseArgs } from "node:util";
import { readPublishedPrices } from "../adapters/csv/rate-card-files.js";
import { luxonZones } from "../adapters/time/luxon-zones.js";
import { marketIndex } from "../domain/markets.js";
import { rateIndex } from "../domain/rate-card.js";
import { type FirstParts, firstRater } from "./first-rater.js";
import { readFolder } from "./naive/csv.js";
import { plantedFaults } from "./planted.js";
import { crosscheck, firstDisagreement } from "./run.js";

const help = `npm run crosscheck -- [--facts 1000000] [--seed 1] [--json] [--planted]

Prices drawn facts twice: by the rater, and by a second one that was written down from Meta's rules without looking at the first and reads the
published files itself. Ends with 1 when the two differ over any fact, or when a combination of regime, category and market that can occur had
fewer than one fact in ten thousand (100 of a million).

  --facts    how many (default 1000000)
  --seed     the same seed draws the same facts (default 1)
  --planted  puts one fault after the other into the rater instead, and ends with 1 when one of them is not found
  --json     exactly one JSON object on stdout
`;

function whole(text: string, name: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number))
    throw new RangeError(`--${name}: "${text}" is no whole number.`);
  return number;
}

const folder = join(__dirname, "..", "..", "rate-cards");
const out = (line: string): void => void process.stdout.write(`${line}\n`);
const tell = (line: string): void => void process.stderr.write(`${line}\n`);
const text = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? inner.toString() : inner));

function partsOf(): FirstParts {
  const { cards, markets } = readPublishedPrices(folder);
  return { tariffs: { rates: rateIndex(cards), markets: marketIndex(markets) }, localDate: luxonZones.localDate };
}

interface Wanted {
  readonly facts: number;
  readonly seed: number;
  readonly json: boolean;
}

function check({ facts, seed, json }: Wanted): boolean {
  const figures = crosscheck(firstRater(partsOf()), readFolder(folder), {
    facts,
    seed,
    tell: ({ place, story, first, second }) => {
      tell(`Fact ${place}: the rater says ${text(first)}, the second ${text(second)}, of ${text(story)}`);
    },
  });
  const { coverage, disagreements } = figures;
  const isCovered = coverage.least >= Math.floor(facts / 10_000);
  if (!isCovered) tell(`Too few facts in "${coverage.leastIn}": ${coverage.least} of ${facts}.`);
  if (json) out(text(figures));
  else
    out(
      `${facts} facts: ${figures.rated} charged, ${figures.free} free, ${figures.notRatable} without a price; ${disagreements} disagreements. Each of ${coverage.cells} combinations had at least ${coverage.least} facts.`,
    );
  return disagreements === 0 && isCovered;
}

function plant({ facts, seed, json }: Wanted): boolean {
  const parts = partsOf();
  const published = readFolder(folder);
  const found = plantedFaults.map(({ name, plant: into }) => ({
    name,
    foundAt: firstDisagreement(into(parts), published, { facts, seed }) ?? null,
  }));
  if (json)
    out(text({ planted: found.length, found: found.filter(({ foundAt }) => foundAt !== null).length, faults: found })); // prettier-ignore
  else
    for (const { name, foundAt } of found)
      out(`${name}: ${foundAt === null ? "NOT FOUND" : `found by fact ${foundAt}`}`);
  return found.every(({ foundAt }) => foundAt !== null);
}

function main(): boolean {
  const options = {
    facts: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
    planted: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  } as const;
  const { values } = parseArgs({ options });
  if (values.help) {
    out(help);
    return true;
  }
  const wanted = { facts: whole(values.facts, "facts"), seed: whole(values.seed, "seed"), json: values.json };
  return values.planted ? plant(wanted) : check(wanted);
}

try {
  process.exitCode = main() ? 0 : 1;
} catch (error) {
  tell(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
