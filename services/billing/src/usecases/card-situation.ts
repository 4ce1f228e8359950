import { type Call, hourMs, type LocalDate, systemScope, utcDayOf } from "@greentick/kernel";
import { bookOf, type PublishedPrices, tariffsWith } from "../domain/card-book.js";
import { type CardSituation, type Finding, findingsOf } from "../domain/card-checks.js";
import { type RateCardImport } from "../domain/rate-card-import.js";
import { type RateCardImportStore } from "../ports.js";

export interface CardPorts {
  readonly published: PublishedPrices;
  readonly imports: RateCardImportStore;
}

/** Cards belong to no client: what is released is in force for everybody. */
export const releasedImports = ({ imports }: CardPorts): Promise<readonly RateCardImport[]> =>
  imports.findAll(systemScope("rate-cards"), { status: "released" });

const dayIn = (now: Date, aheadHours: number): LocalDate =>
  utcDayOf(new Date(now.getTime() + aheadHours * hourMs)) as string as LocalDate;

/** What stands around a card when it is checked: the other cards, and the tariffs as they would be with it. */
export function situationOf(
  published: PublishedPrices,
  card: RateCardImport,
  given: { readonly released: readonly RateCardImport[]; readonly supersedes: readonly string[]; readonly now: Date },
): CardSituation {
  const { released, supersedes, now } = given;
  const { rates, markets } = tariffsWith(published, released, { card, supersedes });
  return {
    book: bookOf(published, released),
    supersedes,
    rates,
    markets: markets.rows,
    latestToday: dayIn(now, 14),
    earliestToday: dayIn(now, -12),
  };
}

/** What is to be known before the card is released; nothing any more once it is settled. */
export async function findingsFor(
  ports: CardPorts,
  call: Call,
  { card, supersedes }: { readonly card: RateCardImport; readonly supersedes: readonly string[] },
): Promise<readonly Finding[]> {
  if (card.status === "released" || card.status === "withdrawn") return [];
  const released = await releasedImports(ports);
  return findingsOf(card, situationOf(ports.published, card, { released, supersedes, now: call.now() }));
}
