import { event, rateCardImported } from "@greentick/contracts";
import { badInput, type Call, type LocalDate } from "@greentick/kernel";
import { isDay } from "../domain/calendar.js";
import { billingErrors } from "../domain/errors.js";
import { bookName, type CardKind, cardKinds, type RateCardImport } from "../domain/rate-card-import.js";
import { type CardFrame, type CardReader, type RateCardImportStore } from "../ports.js";
import { allowCards } from "./provider-only.js";

export interface ImportRateCardInput {
  readonly name?: string;
  readonly kind: string;
  /** Absent for a grouping. */
  readonly currency?: string;
  readonly effectiveFrom: string;
  readonly effectiveTo?: string;
  readonly csv: string;
}
export type ImportRateCard = (call: Call, input: ImportRateCardInput) => Promise<RateCardImport>;

/**
 * Keeps a file of Meta's as a draft; another person releases it. With the same idempotency key the first draft is returned.
 * @throws FORBIDDEN/staff_only, BAD_USER_INPUT naming the field, BAD_USER_INPUT/rate_card_too_large, BAD_USER_INPUT/rate_card_unreadable.
 */
export const importRateCard =
  ({ imports, readCard }: { readonly imports: RateCardImportStore; readonly readCard: CardReader }): ImportRateCard =>
  async (call, input) => {
    allowCards(call, "billing:write");
    const frame = frameOf(input);
    const content = await readCard(frame, input.csv);
    const card: RateCardImport = {
      id: call.newId("rateCard"),
      tenantId: call.tenantId,
      ancestorIds: call.ancestorIds,
      livemode: call.livemode,
      version: 0,
      ...frame,
      ...content,
      name: nameOf(input, frame),
      book: bookName(frame.kind, frame.currency),
      status: "draft",
      importedBy: call.actor.id,
      importedAt: call.now(),
    };
    const { id: rateCardId, kind, currency, effectiveFrom, sha256 } = card;
    const told = event(rateCardImported, { rateCardId, kind, currency, effectiveFrom, sha256 });
    const kept = await imports.insert(call, card, [told], { mutation: "importRateCard", input });
    call.log.info({ rateCardId: kept.id, kind, currency, effectiveFrom }, "rate card imported");
    return kept;
  };

const isKind = (text: string): text is CardKind => (cardKinds as readonly string[]).includes(text);

/** @throws BAD_USER_INPUT naming the field. */
function frameOf({ kind, currency = "", effectiveFrom, effectiveTo }: ImportRateCardInput): CardFrame {
  if (!isKind(kind)) throw badInput("kind", `must be one of ${cardKinds.join(", ")}`);
  if (kind === "markets" && currency !== "")
    throw badInput("currency", "a grouping of countries has no currency; leave it out");
  if (kind !== "markets" && !/^[A-Z]{3}$/.test(currency))
    throw badInput("currency", "must be a code of three letters such as USD");
  return {
    kind,
    currency,
    effectiveFrom: dayOf("effectiveFrom", effectiveFrom),
    ...(effectiveTo !== undefined && { effectiveTo: lastDayOf(effectiveTo, effectiveFrom) }),
  };
}

function dayOf(field: string, text: string): LocalDate {
  if (!isDay(text) || !text.startsWith("20")) throw billingErrors.notADay(field, text);
  return text as LocalDate;
}

function lastDayOf(text: string, first: string): LocalDate {
  if (text < first) throw badInput("effectiveTo", "must not be before effectiveFrom");
  return dayOf("effectiveTo", text);
}

function nameOf({ name }: ImportRateCardInput, { kind, currency, effectiveFrom }: CardFrame): string {
  if (name === undefined)
    return [currency.toLowerCase(), effectiveFrom, kind].filter((part) => part !== "" && part !== "list").join("-");
  if (name.trim() === "" || name.length > 100) throw badInput("name", "must have 1 to 100 letters");
  return name.trim();
}
