import { event, rateCardRehearsalRequested, rateCardRehearsed } from "@greentick/contracts";
import { type Call, type Month, tenantScope } from "@greentick/kernel";
import { tariffsWith } from "../domain/card-book.js";
import { rehearse, type TrafficCell } from "../domain/card-rehearsal.js";
import { type RateCard } from "../domain/rate-card.js";
import { askRehearsal, type RateCardImport, rehearsed, type RehearsedCell } from "../domain/rate-card-import.js";
import { type Traffic, type TrafficGroup } from "../ports.js";
import { type CardPorts, releasedImports } from "./card-situation.js";
import { allowCards } from "./provider-only.js";
import { readMonth } from "./read-month.js";

export interface RehearsalPorts extends CardPorts {
  readonly traffic: Traffic;
}
export type RequestRehearsal = (
  call: Call,
  input: { readonly rateCardId: string; readonly month: string },
) => Promise<RateCardImport>;

/**
 * Asks for a rehearsal of a draft against a month of every client's traffic; it runs from the event, read the card again for its outcome.
 * @throws FORBIDDEN/staff_only, NOT_FOUND/rate_card_not_found, CONFLICT/rate_card_settled, BAD_USER_INPUT naming `month`.
 */
export const requestRehearsal =
  ({ imports }: Pick<CardPorts, "imports">): RequestRehearsal =>
  async (call, input) => {
    allowCards(call, "billing:write");
    const month = readMonth(input.month);
    const card = await imports.get(tenantScope(call), input.rateCardId);
    const next = askRehearsal(card, month, { by: call.actor.id, at: call.now() });
    return imports.save(call, next, [event(rateCardRehearsalRequested, { rateCardId: card.id, month })]);
  };

/** Traffic in more groups than this is not rehearsed: market by market there are some thousands. */
const mostGroups = 50_000;

/** Runs the rehearsal that was asked for last. Reads the ledger, writes the card once. Safe to repeat. */
export const rehearseRateCard =
  (ports: RehearsalPorts) =>
  async (call: Call, rateCardId: string): Promise<void> => {
    const card = await ports.imports.get(tenantScope(call), rateCardId);
    const { rehearsal } = card;
    if (rehearsal?.status !== "requested" || card.status === "released" || card.status === "withdrawn") return;
    const cells = await cellsOf(ports, card, rehearsal.month);
    const next = rehearsed(card, cells, call.now());
    await ports.imports.save(call, next, [event(rateCardRehearsed, { rateCardId, month: rehearsal.month })]);
    call.log.info({ rateCardId, month: rehearsal.month, cells: cells?.length ?? -1 }, "rate card rehearsed");
  };

/** Undefined when the traffic falls into too many groups. */
async function cellsOf(
  ports: RehearsalPorts,
  card: RateCardImport,
  month: Month,
): Promise<readonly RehearsedCell[] | undefined> {
  const released = await releasedImports(ports);
  const tariffs = tariffsWith(ports.published, released, { card, supersedes: [] });
  const groups = await ports.traffic.ofMonth({ under: card.tenantId }, month, {
    livemode: card.livemode,
    digits: tariffs.markets.longest,
    limit: mostGroups,
    ...(card.currency !== "" && { currency: card.currency }),
  });
  const cards = new Map([...ports.published.cards, ...released].map((one) => [one.id, one]));
  const traffic = groups?.map((group) => cellOf(group, cards));
  return traffic && rehearse(traffic, tariffs, card.effectiveFrom);
}

/** A delivery that was rated by a tier is rehearsed at the first position of that tier. */
function cellOf(
  { cardId, line, ...group }: TrafficGroup,
  cards: ReadonlyMap<string, RateCard | RateCardImport>,
): TrafficCell {
  const card = cards.get(cardId);
  if (card?.kind !== "tiers") return group;
  const rows = "rates" in card ? card.rates : card.rows;
  const row = rows.find((one) => one.line === line);
  return row === undefined ? group : { ...group, position: Math.max(1, row.tierFrom) };
}
