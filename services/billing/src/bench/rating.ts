import { writtenOut } from "@greentick/runtime";
import { countAll, fillEntries, fillFacts, type Filling } from "./fill.js";
import { type Ground, openGround } from "./ground.js";
import {
  bareInserts,
  batchesAtOnce,
  booking,
  median,
  type Pure,
  pureRating,
  statementMs,
  type Streamed,
  streamingApart,
  usageMs,
} from "./measures.js";

export interface RatingOptions {
  readonly rounds: number;
  readonly roundMs: number;
  readonly sizes: readonly number[];
}

/** What booking costs beside so many stored entries. Ratios are medians over the rounds; the reference ran in the same round. */
export interface AtSize {
  readonly entries: number;
  readonly perSecond: number;
  readonly barePerSecond: number;
  readonly ratio: number;
  readonly worstRatio: number;
  readonly cpuUs: number;
  readonly usageMs: number;
}

export interface RatingFigures {
  readonly ratedPerSecond: number;
  readonly decidedPerSecond: number;
  readonly sizes: readonly AtSize[];
  readonly statement: { readonly entries: number; readonly ms: number };
  readonly streaming: Streamed;
}

export interface RatingOutcome {
  readonly figures: RatingFigures;
  readonly rows: readonly (readonly [string, string])[];
  readonly broken: readonly string[];
}

/** A client's month of so many entries is asked for as a statement. */
const largeMonth = 1_000_000;

/** Rates and books on a ledger of its own, which is left to its store's owner. */
export async function measureRating(uri: string, options: RatingOptions): Promise<RatingOutcome> {
  const ground = await openGround(uri, "greentick_bench");
  try {
    await ground.prepare();
    const pure: Pure[] = [];
    for (let round = 0; round < options.rounds; round++) pure.push(await pureRating(ground, options.roundMs / 3));
    const sizes: AtSize[] = [];
    for (const size of options.sizes) sizes.push(await atSize(ground, size, options));
    const figures = {
      ratedPerSecond: Math.round(median(pure.map(({ rated }) => rated))),
      decidedPerSecond: Math.round(median(pure.map(({ decided }) => decided))),
      sizes,
      statement: await statementMs(ground, ground.large, ground.month),
      streaming: await streamingApart(ground, uri),
    };
    return { figures, rows: rowsOf(figures), broken: brokenBy(figures) };
  } finally {
    await ground.database.db.dropDatabase();
    await ground.database.close();
  }
}

async function atSize(ground: Ground, size: number, { rounds, roundMs }: RatingOptions): Promise<AtSize> {
  await booking(ground, roundMs / 3);
  await fillTo(ground, size);
  await writtenOut(ground.database.db);
  const found: { bare: number; perSecond: number; cpuUs: number }[] = [];
  for (let round = 0; round < rounds; round++)
    found.push({ bare: await bareInserts(ground, roundMs), ...(await booking(ground, roundMs)) });
  await countAll(ground.balances);
  const ratios = found.map(({ bare, perSecond }) => perSecond / bare);
  return {
    entries: size,
    perSecond: Math.round(median(found.map(({ perSecond }) => perSecond))),
    barePerSecond: Math.round(median(found.map(({ bare }) => bare))),
    ratio: rounded(median(ratios)),
    worstRatio: rounded(Math.min(...ratios)),
    cpuUs: rounded(median(found.map(({ cpuUs }) => cpuUs))),
    usageMs: rounded(await usageMs(ground)),
  };
}

/** At most a million for the client with the large month, the rest for one who only takes room. */
async function fillTo(ground: Ground, size: number): Promise<void> {
  const entries = ground.database.db.collection("entries");
  const missing = size - (await entries.estimatedDocumentCount());
  if (missing <= 0) return;
  const { database, ports, balances } = ground;
  const start = new Date("2026-11-01T06:00:00.000Z");
  const filling: Filling = { database, windows: ports.windows, balances, start, days: 28 };
  const large = Math.min(missing, largeMonth - (await entries.countDocuments({ tenantId: ground.large })));
  await fillEntries(filling, ground.large, large);
  await fillEntries(filling, ground.filler, missing - large);
  await fillFacts(filling, missing);
  await countAll(balances);
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

function rowsOf({ ratedPerSecond, decidedPerSecond, sizes, statement, streaming }: RatingFigures): [string, string][] {
  const at = (one: AtSize): [string, string][] => [
    [
      `beside ${one.entries}: entries/s in ${batchesAtOnce} batches at once, bare/s`,
      `${one.perSecond}, ${one.barePerSecond}: ${one.ratio} (worst ${one.worstRatio})`,
    ],
    [`beside ${one.entries}: CPU of an entry, a week of usage`, `${one.cpuUs} us, ${one.usageMs} ms`],
  ];
  return [
    ["facts rated a second, one core", String(ratedPerSecond)],
    ["facts decided a second, one core, no store", String(decidedPerSecond)],
    ...sizes.flatMap(at),
    [`statement of a month with ${statement.entries} entries`, `${statement.ms.toFixed(0)} ms`],
    [
      `${streaming.entries} entries read one by one, in a process`,
      `${Math.round(streaming.perSecond)}/s, ${Math.round(streaming.rssMb)} MB`,
    ],
  ];
}

function brokenBy({ ratedPerSecond, sizes, statement, streaming }: RatingFigures): string[] {
  const [first, last] = [sizes[0], sizes.at(-1)];
  const bounds: readonly (readonly [boolean, string])[] = [
    [ratedPerSecond >= 500_000, `${ratedPerSecond} facts a second are rated, 500000 are the bound.`],
    ...sizes.map(
      ({ entries, ratio }) =>
        [
          ratio >= 0.25,
          `Beside ${entries} entries booking runs at ${ratio} of bare inserts, the bound is 0.25.`,
        ] as const,
    ),
    [growth(first, last) <= 1.15, `An entry costs ${growth(first, last)} times as much in the largest ledger.`],
    [statement.ms <= 2_000, `The statement took ${statement.ms.toFixed(0)} ms, 2000 are the bound.`],
    [streaming.rssMb <= 300, `Reading entries took ${Math.round(streaming.rssMb)} MB, 300 are the bound.`],
  ];
  return bounds.flatMap(([holds, sentence]) => (holds ? [] : [sentence]));
}

/** Time of an entry against the reference's, in the largest ledger against the smallest. */
const growth = (first: AtSize | undefined, last: AtSize | undefined): number =>
  first === undefined || last === undefined ? 1 : rounded(first.ratio / last.ratio);
