import { createHmac } from "node:crypto";
import { type World } from "./world.js";

/** Stripe signs `<seconds>.<body>` (Stripe: webhooks/signatures). */
const sign = (secret: string, text: string, seconds: number): string =>
  `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${text}`).digest("hex")}`;

const eventOf = (id: string, seconds: number): string =>
  JSON.stringify({
    ...{ id, object: "event", api_version: "2026-10-28.endive", created: seconds, livemode: false },
    ...{ pending_webhooks: 1, request: { id: null, idempotency_key: null }, type: "invoice.updated" },
    data: { object: { id: `in_${id}`, object: "invoice" } },
  });

/** An event of Stripe's that comes three times, and some that it did not send or that are too old. */
export async function stripeEvents(
  world: World,
  { seed, run }: { readonly seed: number; readonly run: number },
): Promise<{ readonly kept: readonly string[]; readonly forged: readonly string[] }> {
  const { ready } = await world.lives.alive();
  const seconds = Math.floor((Date.now() + world.lives.ahead()) / 1_000);
  const [kept, stale, guessed] = ["kept", "stale", "guessed"].map((word) => `evt_${word}_${seed}_${run}`);
  if (kept === undefined || stale === undefined || guessed === undefined) return { kept: [], forged: [] };
  const send = async (id: string, secret: string, at: number): Promise<number> => {
    const body = eventOf(id, seconds);
    const headers = { "stripe-signature": sign(secret, body, at), "content-type": "application/json" };
    const answer = await fetch(`${ready.url}/webhooks/stripe`, { method: "POST", body, headers });
    await answer.arrayBuffer();
    return answer.status;
  };
  const secret = ready.stripeWebhookSecret;
  const first = await Promise.all([1, 2, 3].map(() => send(kept, secret, seconds)));
  const refused = [await send(stale, secret, seconds - 301), await send(guessed, "whsec_guess", seconds)];
  if (first.some((status) => status !== 200)) throw new Error(`Stripe's event was answered ${first.join(", ")}.`);
  if (refused.includes(200)) throw new Error(`An event that Stripe did not send just now was acknowledged.`);
  return { kept: [`stripe:${kept}`], forged: [`stripe:${stale}`, `stripe:${guessed}`] };
}
