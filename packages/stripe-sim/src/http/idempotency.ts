import { createHash } from "node:crypto";
import { canonical, type FormMap } from "../lib/form.js";
import { type KeptAnswer } from "../store/kinds.js";
import { type Store } from "../store/store.js";
import { refusals } from "./errors.js";

/** How long an answer is replayed, on the simulator's clock (Stripe: api/idempotent_requests, at least 24 hours). */
const keptSeconds = 86_400;
const maxKeyLength = 255;

export interface Keyed {
  readonly key: string;
  /** Hash of method, path and parameters: the same key with another hash is refused. */
  readonly request: string;
}

export function keyedRequest(key: string, route: string, form: FormMap): Keyed {
  if (key.length > maxKeyLength) throw refusals.malformed(`Idempotency-Key can be at most ${maxKeyLength} characters.`);
  const request = createHash("sha256")
    .update(`${route}\n${canonical(form)}`)
    .digest("hex");
  return { key, request };
}

/** The first answer to this key while it is kept. @throws idempotency_error when it was another request */
export async function keptAnswer(store: Store, { key, request }: Keyed, now: number): Promise<KeptAnswer | undefined> {
  const kept = await store.get("idempotency", key);
  if (!kept || kept.expiresAt <= now) return undefined;
  if (kept.request !== request) throw refusals.keyReused(key);
  return kept;
}

export const answerToKeep = (
  { key, request }: Keyed,
  now: number,
  answer: Pick<KeptAnswer, "status" | "body" | "requestId">,
): KeptAnswer => ({ id: key, request, expiresAt: now + keptSeconds, ...answer });
