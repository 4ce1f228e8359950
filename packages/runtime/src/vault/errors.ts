import { AppError } from "@greentick/kernel";

const shreddedReason = "shredded";

/** What a caller of the vault can meet. Everything else (a flipped byte, another place, a wrong key) is an Error: nobody can act on it but an operator. */
export const vaultErrors = {
  shredded: (owner: string): AppError =>
    new AppError(
      "NOT_FOUND",
      shreddedReason,
      `The secrets of ${owner} were erased for ever together with its key. Nothing can bring them back.`,
      { owner },
    ),
  keyServiceDown: (cause: unknown): AppError =>
    new AppError(
      "PROVIDER_UNAVAILABLE",
      "key_service_unavailable",
      "The service that keeps the key-encryption keys does not answer, so nothing sealed can be read or written. Repeat it in a minute.",
      {},
      { cause },
    ),
};

/** True when the value's owner was erased: whoever shows old data shows it as erased, whoever works with it stops. */
export const isShredded = (error: unknown): boolean => error instanceof AppError && error.reason === shreddedReason;
