import { event, rateCardReleased, rateCardWithdrawn } from "@greentick/contracts";
import { type Call, tenantScope } from "@greentick/kernel";
import { type Finding, findingsOf } from "../domain/card-checks.js";
import { cardErrors } from "../domain/card-errors.js";
import { type RateCardImport, released, withdrawn } from "../domain/rate-card-import.js";
import { type CardPorts, releasedImports, situationOf } from "./card-situation.js";
import { allowCards } from "./provider-only.js";

export interface ReleaseRateCardInput {
  readonly rateCardId: string;
  /** Cards in force on its days that it replaces. */
  readonly supersedes: readonly string[];
  /** Codes of the warnings that are meant. */
  readonly acceptWarnings: readonly string[];
}
export type ReleaseRateCard = (call: Call, input: ReleaseRateCardInput) => Promise<RateCardImport>;

/**
 * Releases a draft for every client, by another person than the one who imported it. Of two releases into one book at the same moment one is
 * refused, since each takes the next number of the book. What is booked stays at its price; what waited for a card is rated from the event.
 * Releasing again what one has released changes nothing.
 * @throws FORBIDDEN/staff_only, NOT_FOUND/rate_card_not_found, CONFLICT/rate_card_settled, CONFLICT/rate_card_own_release,
 * CONFLICT/rate_card_faulty, CONFLICT/rate_card_warnings, CONFLICT/rate_card_raced.
 */
export const releaseRateCard =
  (ports: CardPorts): ReleaseRateCard =>
  async (call, { rateCardId, supersedes, acceptWarnings }) => {
    allowCards(call, "billing:write");
    const card = await ports.imports.get(tenantScope(call), rateCardId);
    if (card.release?.by === call.actor.id) return card;
    const before = await releasedImports(ports);
    const findings = findingsOf(
      card,
      situationOf(ports.published, card, { released: before, supersedes, now: call.now() }),
    );
    const numbers = before.filter(({ book }) => book === card.book).map(({ releaseNumber }) => releaseNumber ?? 0);
    const release = { by: call.actor.id, at: call.now(), supersedes, accepted: warningsOf(findings) };
    const next = released(card, release, Math.max(0, ...numbers) + 1);
    checkFindings(card.id, findings, acceptWarnings);
    const { kind, currency, effectiveFrom } = card;
    const told = event(rateCardReleased, { rateCardId, kind, currency, effectiveFrom, supersedes: [...supersedes] });
    const kept = await ports.imports.save(call, next, [told]);
    call.log.info({ rateCardId, kind, currency, effectiveFrom }, "rate card released");
    return kept;
  };

const warningsOf = (findings: readonly Finding[]): readonly string[] =>
  findings.filter(({ level }) => level === "warning").map(({ code }) => code);

/** @throws CONFLICT/rate_card_faulty, CONFLICT/rate_card_warnings. */
function checkFindings(id: string, findings: readonly Finding[], accepted: readonly string[]): void {
  const errors = findings.filter(({ level }) => level === "error");
  if (errors.length > 0)
    throw cardErrors.rateCardFaulty(
      id,
      errors.map(({ says }) => says),
    );
  const open = findings.filter(({ code }) => !accepted.includes(code));
  if (open.length > 0)
    throw cardErrors.rateCardWarnings(
      id,
      open.map(({ code }) => code),
      open.map(({ says }) => says),
    );
}

export type WithdrawRateCard = (call: Call, input: { readonly rateCardId: string }) => Promise<RateCardImport>;

/**
 * Puts a draft away for good. Withdrawing it again changes nothing.
 * @throws FORBIDDEN/staff_only, NOT_FOUND/rate_card_not_found, CONFLICT/rate_card_settled once it is released.
 */
export const withdrawRateCard =
  ({ imports }: Pick<CardPorts, "imports">): WithdrawRateCard =>
  async (call, { rateCardId }) => {
    allowCards(call, "billing:write");
    const card = await imports.get(tenantScope(call), rateCardId);
    if (card.status === "withdrawn") return card;
    const next = withdrawn(card, { by: call.actor.id, at: call.now() });
    return imports.save(call, next, [event(rateCardWithdrawn, { rateCardId })]);
  };
