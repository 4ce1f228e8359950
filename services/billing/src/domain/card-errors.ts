import { AppError } from "@greentick/kernel";

/** Everything that can go wrong with a rate card. */
export const cardErrors = {
  rateCardNotFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "rate_card_not_found", `There is no rate card ${id}. Choose one that rateCards lists.`, {
      rateCardId: id,
    }),
  rateCardTooLarge: (bytes: number, most: number): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "rate_card_too_large",
      `csv: the file has ${bytes} bytes, and a card at most ${most}. Import one card of one currency at a time.`,
      { field: "csv", bytes, most },
    ),
  rateCardUnreadable: (shown: readonly string[], problems: number): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "rate_card_unreadable",
      `csv: ${problems} ${problems === 1 ? "place is" : "places are"} not as a card's ${problems === 1 ? "has" : "have"} to be, the first in ${shown[0] ?? "line 1"}. Put right what is listed and import the file again; nothing was kept.`,
      { field: "csv", problems: shown, problemCount: problems },
    ),
  rateCardSettled: (id: string, status: string): AppError =>
    new AppError(
      "CONFLICT",
      "rate_card_settled",
      `The rate card ${id} is ${status} and does not change any more. Import the file again to begin anew.`,
      { rateCardId: id, status },
    ),
  rateCardOwnRelease: (id: string): AppError =>
    new AppError(
      "CONFLICT",
      "rate_card_own_release",
      `You imported the rate card ${id} yourself. Ask a colleague who may write billing to look at it and release it.`,
      { rateCardId: id },
    ),
  rateCardFaulty: (id: string, errors: readonly string[]): AppError =>
    new AppError("CONFLICT", "rate_card_faulty", `The rate card ${id} cannot be released: ${errors.join(" ")}`, {
      rateCardId: id,
      errors,
    }),
  rateCardWarnings: (id: string, open: readonly string[], says: readonly string[]): AppError =>
    new AppError(
      "CONFLICT",
      "rate_card_warnings",
      `The rate card ${id} has warnings that were not accepted: ${says.join(" ")} Name them in acceptWarnings when they are meant: ${open.join(", ")}.`,
      { rateCardId: id, warnings: open },
    ),
  rateCardRaced: (): AppError =>
    new AppError(
      "CONFLICT",
      "rate_card_raced",
      "Another card of the same kind and currency was released at the same moment. Read the card again and repeat.",
    ),
  providerOnly: (): AppError =>
    new AppError(
      "FORBIDDEN",
      "staff_only",
      "Only the provider's own staff may import, read and release drafts of rate cards.",
    ),
};
