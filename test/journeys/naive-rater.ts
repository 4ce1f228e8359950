import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { microsFromDecimal } from "@greentick/kernel";

/*
 * Meta's side and the client's side of a month, worked out a second time: from the bytes that Meta posted and the published price files, by the
 * simplest means that are right. Nothing here is shared with billing or with the local Meta but the reading of a decimal.
 */

type Row = Readonly<Record<string, string>>;

const folder = join(__dirname, "../../services/billing/rate-cards");

/** The files hold no quotes, so a comma is a comma. */
function readRows(file: string): readonly Row[] {
  const [head = "", ...lines] = readFileSync(join(folder, file), "utf8").trim().split("\n");
  const names = head.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((cell, place) => [names[place] ?? "", cell])));
}

const listCards = readdirSync(folder).filter((file) => /^[a-z]{3}-\d{4}-\d{2}-\d{2}\.csv$/.test(file));
const rates = listCards.flatMap(readRows);
const markets = readRows("markets.csv");

const holdsOn = (row: Row, day: string): boolean =>
  (row["effective_from"] ?? "") <= day && (row["effective_to"] === "" || day <= (row["effective_to"] ?? ""));

interface Status {
  readonly id: string;
  readonly status: string;
  readonly timestamp: string;
  readonly recipient_id?: string;
  readonly recipient_user_id?: string;
  readonly pricing?: { readonly category: string; readonly type: string };
}
interface Body {
  readonly entry: readonly {
    readonly id: string;
    readonly changes: readonly { readonly value: { readonly statuses?: readonly Status[] } }[];
  }[];
}

/** A webhook as Meta posted it. */
export interface Posted {
  readonly body: string;
  readonly at: Date;
}

/** All that the webhooks say of one message. */
interface Heard {
  readonly wabaId: string;
  deliveredAt?: Date | undefined;
  pricing?: { readonly category: string; readonly type: string } | undefined;
  number?: string | undefined;
  country?: string | undefined;
  /** When it was first known both that and at which price it was delivered. */
  knownAt?: Date;
}

const earlier = (a: Date | undefined, b: Date): Date => (a === undefined || b < a ? b : a);

function hear(one: Heard, status: Status, at: Date): void {
  one.number = status.recipient_id ?? one.number;
  one.country = status.recipient_user_id?.slice(0, 2) ?? one.country;
  one.pricing = status.pricing ?? one.pricing;
  if (status.status === "delivered" || status.status === "read")
    one.deliveredAt = earlier(one.deliveredAt, new Date(Number(status.timestamp) * 1_000));
  if (one.deliveredAt !== undefined && one.pricing !== undefined) one.knownAt ??= at;
}

function marketOf({ number, country }: Heard, day: string): string {
  const listed = markets.filter((row) => holdsOn(row, day));
  if (number === undefined) return listed.find((row) => row["iso2"] === country)?.["market"] ?? "Other";
  const prefixes = listed.map((row) => [`${row["calling_code"] ?? ""}${row["prefix"] ?? ""}`, row["market"]] as const);
  const fitting = prefixes.filter(([prefix]) => number.startsWith(prefix));
  fitting.sort(([a], [b]) => b.length - a.length);
  return fitting[0]?.[1] ?? "Other";
}

export interface Account {
  readonly wabaId: string;
  readonly currency: string;
  readonly timeZone: string;
}

/** One delivered message with Meta's list price. */
export interface NaiveCharge {
  readonly market: string;
  readonly category: string;
  /** Day of delivery in the account's zone. */
  readonly day: string;
  readonly deliveredAt: Date;
  readonly knownAt: Date;
  readonly costMicros: bigint;
}

function price(one: Heard, account: Account): NaiveCharge | undefined {
  const { deliveredAt, knownAt, pricing } = one;
  if (deliveredAt === undefined) return undefined;
  if (pricing === undefined || knownAt === undefined) throw new Error("a message was delivered without a price");
  const day = deliveredAt.toLocaleDateString("sv-SE", { timeZone: account.timeZone });
  const market = marketOf(one, day);
  const category = pricing.category.replace("-", "_").replace("_lite", "");
  const found = { market, category, day, deliveredAt, knownAt };
  if (pricing.type !== "regular") return { ...found, costMicros: 0n };
  const fitting = rates.filter(
    (row) =>
      row["currency"] === account.currency &&
      row["market"] === market &&
      row["category"] === category &&
      row["tier_to"] === "" &&
      holdsOn(row, day),
  );
  if (fitting.length !== 1)
    throw new Error(`${String(fitting.length)} rates for ${account.currency} ${market} ${category} on ${day}`);
  return { ...found, costMicros: microsFromDecimal(fitting[0]?.["rate"] ?? "") };
}

/** Every delivered message of an account, in any order of webhooks, however often each came. */
export function rateNaively(posted: readonly Posted[], account: Account): readonly NaiveCharge[] {
  const all = new Map<string, Heard>();
  for (const { body, at } of posted.toSorted((a, b) => a.at.getTime() - b.at.getTime()))
    for (const { id, changes } of (JSON.parse(body) as Body).entry)
      for (const status of changes.flatMap(({ value }) => value.statuses ?? [])) {
        const one = all.get(status.id) ?? { wabaId: id };
        all.set(status.id, one);
        hear(one, status, at);
      }
  return [...all.values()]
    .filter(({ wabaId }) => wabaId === account.wabaId)
    .flatMap((one) => price(one, account) ?? []);
}
