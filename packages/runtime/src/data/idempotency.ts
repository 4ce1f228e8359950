import { createHash } from "node:crypto";
import { AppError, badInput, type Call } from "@greentick/kernel";

/** What a created document keeps of the request that made it. */
export interface Idempotency {
  /** Actor and mutation; the tenant is the document's own. */
  readonly scope: string;
  readonly key: string;
  /** SHA-256 of the input, so that the same key with another input is noticed. */
  readonly inputHash: string;
}

export const idempotencyIndex = "idempotency_key";

/** As long as Stripe's. */
const longestKey = 255;

/** JSON with sorted keys, so that the same input hashes the same. */
const canonical = (value: unknown): string =>
  JSON.stringify(value ?? null, (_, inner: unknown) => {
    if (typeof inner === "bigint") return inner.toString();
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });

/** Undefined for a request that does not ask for it. @throws BAD_USER_INPUT for a key of more than 255 characters. */
export function idempotencyOf(
  call: Call,
  once: { readonly mutation: string; readonly input: unknown } | undefined,
): Idempotency | undefined {
  if (once === undefined || call.idempotencyKey === undefined) return undefined;
  if (call.idempotencyKey.length > longestKey)
    throw badInput("idempotencyKey", `has more than ${longestKey} characters`);
  return {
    scope: `${call.actor.kind}:${call.actor.id}:${once.mutation}`,
    key: call.idempotencyKey,
    inputHash: createHash("sha256").update(canonical(once.input)).digest("hex"),
  };
}

/** Whether a request is one of those that were done before, of which a document keeps the last. @throws CONFLICT/idempotency_mismatch. */
export function isRepeat(asked: Idempotency, done: readonly Idempotency[]): boolean {
  const first = done.find(({ scope, key }) => scope === asked.scope && key === asked.key);
  if (first === undefined) return false;
  checkSameInput(first, asked);
  return true;
}

/** @throws CONFLICT/idempotency_mismatch when the first request under this key had another input. */
export function checkSameInput(first: Idempotency | undefined, repeat: Idempotency): void {
  if (first?.inputHash !== repeat.inputHash)
    throw new AppError(
      "CONFLICT",
      "idempotency_mismatch",
      `The idempotency key ${repeat.key} was used before with another input. Use a new key for a new request.`,
    );
}
