import { AppError, decimalFromMicros, type Month } from "@greentick/kernel";
import { unratedReasons, type UnratedReason } from "./rate.js";
import { availableIn, type Budget, periodOf, type Prepaid, spentIn } from "./spending.js";

const amount = (micros: bigint): string => decimalFromMicros(micros);

/** Everything that can go wrong with estimates, budgets, reservations and the prepaid balance. */
export const spendingErrors = {
  wabaNotFound: (id: string): AppError =>
    new AppError(
      "NOT_FOUND",
      "waba_not_found",
      `There is no WhatsApp account ${id} here. Choose one of the business's own that is linked.`,
      { wabaId: id },
    ),
  budgetNotFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "budget_not_found", `There is no budget ${id} here. Choose one that spending lists.`, {
      budgetId: id,
    }),
  reservationNotFound: (id: string): AppError =>
    new AppError(
      "NOT_FOUND",
      "reservation_not_found",
      `There is no reservation ${id} here. Choose one that reservations lists.`,
      { reservationId: id },
    ),
  spendingNotFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "spending_not_found", `Nothing is counted for ${id} yet. Set a budget first.`, {
      tenantId: id,
    }),
  budgetReached: (
    { currency }: { readonly currency: string },
    budget: Budget,
    { month, needed }: { readonly month: Month; readonly needed: bigint },
  ): AppError => {
    const spent = amount(spentIn(budget, month));
    const limit = amount(budget.hardMicros ?? 0n);
    const reserved = amount(budget.reservedMicros);
    return new AppError(
      "CONFLICT",
      "budget_reached",
      `The budget "${budget.name}" has a hard limit of ${limit} ${currency} for ${periodOf(budget, month)}: ${spent} are spent and ${reserved} reserved, so ${amount(needed)} more are refused. Raise the limit, wait for the next period, or release reservations that are not needed.`,
      {
        budgetId: budget.id,
        currency,
        limit,
        spent,
        reserved,
        needed: amount(needed),
        period: periodOf(budget, month),
      },
    );
  },
  balanceTooLow: (currency: string, prepaid: Prepaid, needed: bigint): AppError =>
    new AppError(
      "CONFLICT",
      "balance_too_low",
      `The prepaid balance has ${amount(availableIn(prepaid))} ${currency} left that are neither spent nor reserved, and ${amount(needed)} are needed. Pay in, or release reservations that are not needed.`,
      {
        currency,
        available: amount(availableIn(prepaid)),
        reserved: amount(prepaid.reservedMicros),
        needed: amount(needed),
      },
    ),
  noPrepaid: (): AppError =>
    new AppError("CONFLICT", "not_prepaid", "This client does not pay in advance. Begin it with setPrepaid."),
  reserveCurrency: (currency: string, own: string): AppError =>
    new AppError(
      "CONFLICT",
      "currency_differs",
      `The message would cost ${currency}, and this client's budgets and balance are in ${own}: amounts of two currencies are never added. Send it without a reservation, or from a WhatsApp account in ${own}.`,
      { currency, spendingCurrency: own },
    ),
  topUpCurrency: (currency: string, own: string): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "currency_differs",
      `currency: the payment is in ${currency}, and the balance in ${own}. Give the amount in ${own} that was credited for it.`,
      { field: "currency", currency, spendingCurrency: own },
    ),
  budgetCurrency: (currency: string, own: string): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "currency_differs",
      `currency: limits in ${currency} cannot hold for charges in ${own}. Give them in ${own}.`,
      { field: "currency", currency, spendingCurrency: own },
    ),
  tooManyBudgets: (max: number): AppError =>
    new AppError(
      "CONFLICT",
      "too_many_budgets",
      `A client has at most ${max} budgets. Remove one that is not needed any more.`,
      { max },
    ),
  budgetFixed: (budgetId: string, fields: readonly string[]): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "budget_fixed",
      `${fields[0] ?? ""}: what a budget counts, its period and its currency stay as they were set, because money is held in it. Set another budget and remove this one.`,
      { field: fields[0] ?? "", budgetId, differs: fields },
    ),
  notEstimable: (reason: UnratedReason): AppError =>
    new AppError(
      "CONFLICT",
      "charge_not_ratable",
      `Nobody can say what this message will cost: ${unratedReasons[reason]} Send it without a reservation, or repeat when that is done.`,
      { because: reason },
    ),
  outsideWindow: (): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "outside_window",
      "window: a service message cannot be sent while the service window is closed (Meta: error 131047). Send a template.",
      { field: "window" },
    ),
  duplicate: (): AppError => new AppError("CONFLICT", "duplicate", "This exists already. Read it again and repeat."),
};
