import { AppError } from "@greentick/kernel";

/** Everything that can go wrong here on one screen: code says what to do, reason is the stable word for machines. */
export const billingErrors = {
  accountNotFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "billing_account_not_found", `There is no billing account of ${id}. Open one first.`, {
      tenantId: id,
    }),
  accountExists: (): AppError =>
    new AppError(
      "CONFLICT",
      "billing_account_exists",
      "This client has a billing account already. Its currency and markets stay; read it with billingAccount.",
    ),
  unknownMarket: (market: string): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "unknown_market",
      `"${market}" is no market of Meta's. Use the names of the rate cards, e.g. "Brazil" or "Rest of Africa".`,
      { field: "markets", market },
    ),
  tooManyMarkets: (max: number): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "too_many_markets",
      `At most ${max} markets can have an invoice line of their own; leave the others to "other".`,
      { field: "markets", max },
    ),
  planNotFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "price_plan_not_found", `There is no price plan ${id} here.`, { planId: id }),
  planTaken: (): AppError =>
    new AppError(
      "CONFLICT",
      "price_plan_raced",
      "Another price plan was released at the same moment. Read the plans again and repeat.",
    ),
  planTooEarly: (effectiveFrom: string, month: string): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "price_plan_too_early",
      `A plan cannot begin on ${effectiveFrom}: the month ${month} is closed. Let it begin in an open month.`,
      { field: "effectiveFrom", month },
    ),
  entryNotFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "ledger_entry_not_found", `There is no ledger entry ${id} here.`, { entryId: id }),
  invoiceNotFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "invoice_not_found", `There is no invoice ${id} here.`, { invoiceId: id }),
  monthNotFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "month_not_found", `There is no billing month ${id}.`, { monthId: id }),
  runNotFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "reconciliation_not_found", `There is no reconciliation run ${id} here.`, { runId: id }),
  rateCardNotFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "rate_card_not_found", `There is no rate card ${id}.`, { rateCardId: id }),
  notAMonth: (text: string): AppError =>
    new AppError("BAD_USER_INPUT", "invalid_input", `"${text}" is not a month such as 2026-11.`, { field: "month" }),
  notADay: (field: string, text: string): AppError =>
    new AppError("BAD_USER_INPUT", "invalid_input", `${field}: "${text}" is not a day such as 2026-11-30.`, { field }),
  duplicate: (): AppError => new AppError("CONFLICT", "duplicate", "This exists already. Read it again and repeat."),
};
