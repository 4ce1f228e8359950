import { divideHalfUp, type UtcDay } from "@greentick/kernel";
import { type Bucket, platformFeeBucket } from "./bucket.js";
import { shareOfMonth } from "./calendar.js";
import { splitBy } from "./exact.js";
import { type CardCategory } from "./words.js";

/** Which messages count. Absent: all of them. */
export interface Selection {
  readonly categories?: readonly CardCategory[];
  readonly markets?: readonly string[];
}

/** So many charged messages of a month are included; their part of the month's charges is taken back. */
export interface Bundle extends Selection {
  readonly messages: number;
}

/** From the message `above + 1` of a month on: a share of the charge or an amount per message less. Exactly one of the two. */
export interface TierStep {
  readonly above: number;
  readonly basisPoints?: number;
  readonly lessMicros?: bigint;
}
/** The client's own volume tiers. The steps rise. */
export interface VolumeTiers extends Selection {
  readonly steps: readonly TierStep[];
}

/** What is settled over a whole month, because it depends on how many messages there were and not on which came first. */
export interface MonthTerms {
  readonly bundles: readonly Bundle[];
  readonly tiers: readonly VolumeTiers[];
  /** Least sum of the month's message charges; zero for none. */
  readonly minimumMicros: bigint;
}

/** What the ledger has of a month in one market and category. Messages that Meta charges, without the free ones. */
export interface MonthCell {
  readonly market: string;
  readonly category: CardCategory;
  readonly bucket: Bucket;
  readonly messages: number;
  readonly chargeMicros: bigint;
}

/** One amount that a month owes or gets back beside its messages. */
export interface Adjustment {
  /** Unique in the month: the clause and the bucket. */
  readonly clause: string;
  readonly bucket: Bucket;
  readonly micros: bigint;
  readonly says: string;
}

/** The days of one month for which something is owed, both included. */
export interface OwedDays {
  readonly from: UtcDay;
  readonly to: UtcDay;
}

interface Left extends MonthCell {
  /** What bundles and tiers have not taken yet. */
  readonly leftMessages: bigint;
  readonly leftMicros: bigint;
}

/** Whether a message is among those that a selection names. */
const selects = (
  { categories, markets }: Selection,
  { market, category }: Pick<MonthCell, "market" | "category">,
): boolean =>
  (categories === undefined || categories.includes(category)) && (markets === undefined || markets.includes(market));

/**
 * What a month's terms come to: bundles first, then tiers over the messages that no bundle included, then the minimum over what is left of the
 * charges. Pure, and the same for any order of the cells: it sees sums, never single messages. Included messages are worth the average charge of
 * the bundle's messages, and a tier's messages that of the tier's, rounded once for each clause and split over the cells to the micro.
 */
export function adjustmentsOf(
  terms: MonthTerms,
  cells: readonly MonthCell[],
  owed: OwedDays | undefined,
): readonly Adjustment[] {
  let left = startOf(cells);
  const found: Adjustment[] = [];
  for (const [at, bundle] of terms.bundles.entries()) {
    const taken = includedIn(bundle, left);
    left = taken.left;
    found.push(...credited(`bundle:${at}`, taken, `Included in a bundle of ${bundle.messages} messages`));
  }
  for (const [at, tiers] of terms.tiers.entries()) {
    const taken = discountedBy(tiers, left);
    left = taken.left;
    found.push(...credited(`tiers:${at}`, taken, "Volume discount of the client's own tiers"));
  }
  const charged = left.reduce((sum, { leftMicros }) => sum + leftMicros, 0n);
  return [...found, ...missingTo(terms.minimumMicros, charged, owed)];
}

/** In one order, whatever order they came in; what is nothing or was taken back on balance has no part. */
const startOf = (cells: readonly MonthCell[]): readonly Left[] =>
  [...cells]
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    .map((cell) => ({ ...cell, leftMessages: BigInt(Math.max(0, cell.messages)), leftMicros: cell.chargeMicros }));

const nameOf = ({ market, category, bucket }: MonthCell): string => `${category}|${market}|${bucket}`;

interface Taken {
  readonly left: readonly Left[];
  readonly credits: readonly { readonly bucket: Bucket; readonly micros: bigint }[];
  readonly messages: bigint;
}

const countsIn = (selection: Selection, cell: Left): boolean =>
  selects(selection, cell) && cell.leftMessages > 0n && cell.leftMicros > 0n;
const sumOf = (cells: readonly Left[], of: (cell: Left) => bigint): bigint =>
  cells.reduce((sum, cell) => sum + of(cell), 0n);

function includedIn(bundle: Bundle, cells: readonly Left[]): Taken {
  const mine = cells.filter((cell) => countsIn(bundle, cell));
  const count = sumOf(mine, ({ leftMessages }) => leftMessages);
  const included = count < BigInt(bundle.messages) ? count : BigInt(bundle.messages);
  const messages = splitBy(
    included,
    mine.map(({ leftMessages }) => leftMessages),
  );
  const worth = count === 0n ? 0n : divideHalfUp(sumOf(mine, ({ leftMicros }) => leftMicros) * included, count);
  const micros = splitBy(
    worth,
    mine.map(({ leftMicros }) => leftMicros),
  );
  return takenFrom(cells, mine, { messages, micros });
}

function discountedBy(tiers: VolumeTiers, cells: readonly Left[]): Taken {
  const mine = cells.filter((cell) => countsIn(tiers, cell));
  const count = sumOf(mine, ({ leftMessages }) => leftMessages);
  const charged = sumOf(mine, ({ leftMicros }) => leftMicros);
  const worth = tierCredit(tiers.steps, count, charged);
  const micros = splitBy(
    worth < charged ? worth : charged,
    mine.map(({ leftMicros }) => leftMicros),
  );
  return takenFrom(cells, mine, { messages: mine.map(() => 0n), micros });
}

/** Each step for the messages between it and the next one: a sum of fractions with one denominator, rounded once. */
function tierCredit(steps: readonly TierStep[], count: bigint, charged: bigint): bigint {
  if (count === 0n) return 0n;
  let numerator = 0n;
  for (const [at, { above, basisPoints = 0, lessMicros = 0n }] of steps.entries()) {
    const next = steps[at + 1]?.above;
    const end = next === undefined || BigInt(next) > count ? count : BigInt(next);
    const inStep = end > BigInt(above) ? end - BigInt(above) : 0n;
    numerator += inStep * (charged * BigInt(basisPoints) + lessMicros * count * 10_000n);
  }
  return divideHalfUp(numerator, count * 10_000n);
}

function takenFrom(
  cells: readonly Left[],
  mine: readonly Left[],
  { messages, micros }: { readonly messages: readonly bigint[]; readonly micros: readonly bigint[] },
): Taken {
  const parts = new Map(mine.map((cell, at) => [cell, { messages: messages[at] ?? 0n, micros: micros[at] ?? 0n }]));
  const credits = new Map<Bucket, bigint>();
  for (const [{ bucket }, part] of parts) credits.set(bucket, (credits.get(bucket) ?? 0n) + part.micros);
  return {
    left: cells.map((cell) => ({
      ...cell,
      leftMessages: cell.leftMessages - (parts.get(cell)?.messages ?? 0n),
      leftMicros: cell.leftMicros - (parts.get(cell)?.micros ?? 0n),
    })),
    credits: [...credits].map(([bucket, credit]) => ({ bucket, micros: credit })),
    messages: messages.reduce((sum, one) => sum + one, 0n),
  };
}

const credited = (clause: string, { credits, messages }: Taken, words: string): readonly Adjustment[] =>
  credits
    .filter(({ micros }) => micros !== 0n)
    .map(({ bucket, micros }) => ({
      clause,
      bucket,
      micros: -micros,
      says: `${words}${messages === 0n ? "" : `, ${messages} of them used in all`}: ${micros} micros of this line.`,
    }));

function missingTo(minimum: bigint, charged: bigint, owed: OwedDays | undefined): readonly Adjustment[] {
  if (minimum === 0n || owed === undefined) return [];
  const { micros: due, arithmetic } = shareOfMonth(minimum, owed.from, owed.to);
  if (charged >= due) return [];
  const share = arithmetic === undefined ? "" : ` (${arithmetic})`;
  const says = `Minimum of ${due} micros${share}, the month's messages come to ${charged}.`;
  return [{ clause: "minimum", bucket: platformFeeBucket, micros: due - charged, says }];
}
