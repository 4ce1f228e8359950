/** What a caught value says, whatever it is. */
export const wordsOf = (caught: unknown): string => (caught instanceof Error ? caught.message : String(caught));

/** The `code` Node puts on its errors ("ECONNRESET"); empty when there is none. */
export const codeOf = (caught: unknown): string =>
  typeof caught === "object" && caught !== null && "code" in caught ? String(caught.code) : "";
