import { AppError } from "@greentick/kernel";

/** As many cells as a refusal names. */
const shownCells = 20;

/** Everything that can go wrong here on one screen: code says what to do, reason is the stable word for machines. */
export const billingErrors = {
  accountNotFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "billing_account_not_found", `There is no billing account of ${id}. Open one first.`, {
      tenantId: id,
    }),
  accountExists: (differs: readonly string[]): AppError =>
    new AppError(
      "CONFLICT",
      "billing_account_exists",
      `This client has a billing account already, and it differs in: ${differs.join(", ")}. It stays as it was opened; read it with billingAccount.`,
      { differs },
    ),
  accountCurrency: (currency: string, plan: { readonly number: number; readonly currency: string }): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "currency_differs",
      `currency: the account would be in ${currency}, and the client's price plan ${plan.number} is in ${plan.currency}. Open the account in ${plan.currency}, or first release a plan in ${currency} that begins on the same day.`,
      { field: "currency", currency, planCurrency: plan.currency, planNumber: plan.number },
    ),
  unknownMarket: (market: string, field = "markets"): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "unknown_market",
      `"${market}" is no market of Meta's. Use the names of the rate cards, e.g. "Brazil" or "Rest of Africa".`,
      { field, market },
    ),
  tooManyMarkets: (max: number): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "too_many_markets",
      `At most ${max} markets can have an invoice line of their own; leave the others to "other".`,
      { field: "markets", max },
    ),
  planNotFound: (id: string): AppError =>
    new AppError(
      "NOT_FOUND",
      "price_plan_not_found",
      `There is no price plan ${id} here. Choose one that pricePlans lists.`,
      {
        planId: id,
      },
    ),
  planTaken: (): AppError =>
    new AppError(
      "CONFLICT",
      "price_plan_raced",
      "Another price plan was released at the same moment. Read the plans again and repeat.",
    ),
  planCurrency: (currency: string, accountCurrency: string): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "currency_differs",
      `currency: the plan is in ${currency}, and the client is billed in ${accountCurrency}. Give its prices in ${accountCurrency}.`,
      { field: "currency", currency, accountCurrency },
    ),
  planDaysBooked: (days: { effectiveFrom: string; lastBookedDay: string; earliest: string }): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "price_plan_days_booked",
      `effectiveFrom: a plan cannot begin on ${days.effectiveFrom}, because the client has booked charges up to ${days.lastBookedDay} and they are not priced again. Let it begin on ${days.earliest} or later.`,
      { field: "effectiveFrom", lastBookedDay: days.lastBookedDay, earliest: days.earliest },
    ),
  planTooEarly: (effectiveFrom: string, month: string, earliest: string): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "price_plan_too_early",
      `effectiveFrom: a plan cannot begin on ${effectiveFrom}, because the month ${month} is closed. Let it begin on ${earliest} or later.`,
      { field: "effectiveFrom", month, earliest },
    ),
  planBelowFloor: (floorBasisPoints: number, cells: readonly string[]): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "price_plan_below_floor",
      `The plan leaves less than ${floorBasisPoints} basis points of its charges after Meta's cost in ${cells.length} cells: ${cells.slice(0, shownCells).join("; ")}. Raise its prices, or let somebody who may give a reason in acceptBelowFloor.`,
      { floorBasisPoints, cells: cells.slice(0, shownCells), cellCount: cells.length },
    ),
  exchangeRateNotFound: (id: string): AppError =>
    new AppError(
      "NOT_FOUND",
      "exchange_rate_not_found",
      `There is no exchange rate ${id} here. Choose one that exchangeRates lists.`,
      { exchangeRateId: id },
    ),
  exchangeRateTaken: (): AppError =>
    new AppError(
      "CONFLICT",
      "exchange_rate_raced",
      "Another rate of this pair, source and day was set at the same moment. Read the rates again and repeat.",
    ),
  settingsNotFound: (id: string): AppError =>
    new AppError(
      "NOT_FOUND",
      "pricing_settings_not_found",
      `There are no pricing settings of ${id}. Set a margin floor first.`,
      { tenantId: id },
    ),
  entryNotFound: (id: string): AppError =>
    new AppError(
      "NOT_FOUND",
      "ledger_entry_not_found",
      `There is no ledger entry ${id} here. Choose one that ledgerEntries lists.`,
      { entryId: id },
    ),
  invoiceNotFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "invoice_not_found", `There is no invoice ${id} here. Choose one that invoices lists.`, {
      invoiceId: id,
    }),
  monthNotFound: (id: string): AppError =>
    new AppError(
      "NOT_FOUND",
      "month_not_found",
      `There is no billing month ${id}. A client's months begin when its account is ready at Stripe.`,
      { monthId: id },
    ),
  runNotFound: (id: string): AppError =>
    new AppError(
      "NOT_FOUND",
      "reconciliation_not_found",
      `There is no reconciliation run ${id} here. Choose one that reconciliationRuns lists.`,
      { runId: id },
    ),
  replayNotFound: (id: string): AppError =>
    new AppError(
      "NOT_FOUND",
      "ledger_replay_not_found",
      `There is no replay ${id} of the ledger here. Choose one that ledgerReplays lists.`,
      { replayId: id },
    ),
  replayNotCompared: (id: string, status: string): AppError =>
    new AppError(
      "CONFLICT",
      "replay_not_compared",
      `The replay ${id} is ${status}: proposals are decided while it is compared. Read it again, or ask for another replay.`,
      { replayId: id, status },
    ),
  proposalNotFound: (id: string): AppError =>
    new AppError(
      "NOT_FOUND",
      "correction_proposal_not_found",
      `There is no proposed correction ${id} in this replay. Choose one that correctionProposals lists.`,
      { proposalId: id },
    ),
  decisionNotFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "correction_decision_not_found", `There is no decision ${id} on corrections here.`, {
      decisionId: id,
    }),
  secondPerson: (id: string): AppError =>
    new AppError(
      "CONFLICT",
      "correction_needs_second_person",
      `You asked for the replay ${id}, so somebody else has to accept what it proposes: ask another billing admin. You may refuse.`,
      { replayId: id },
    ),
  notAMonth: (text: string): AppError =>
    new AppError("BAD_USER_INPUT", "invalid_input", `"${text}" is not a month such as 2026-11.`, { field: "month" }),
  notADay: (field: string, text: string): AppError =>
    new AppError("BAD_USER_INPUT", "invalid_input", `${field}: "${text}" is not a day such as 2026-11-30.`, { field }),
  alarmNotFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "alarm_not_found", `There is no alarm ${id} here. Choose one that unratedAlarms lists.`, {
      alarmId: id,
    }),
  wabaUnknown: (wabaId: string): AppError =>
    new AppError(
      "NOT_FOUND",
      "waba_unknown",
      `The WhatsApp account ${wabaId} is not known here yet. Link it first, then hand this in again.`,
      { wabaId },
    ),
  duplicate: (): AppError => new AppError("CONFLICT", "duplicate", "This exists already. Read it again and repeat."),
};
