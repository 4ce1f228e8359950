import { createHmac } from "node:crypto";

/**
 * The `Stripe-Signature` of exactly these bytes: HMAC-SHA256 of `<t>.<body>` under the endpoint's secret (Stripe: webhooks/signature).
 * @param t Unix seconds of the system's clock, as receivers judge the age of a delivery by theirs
 */
export function signatureOf(body: Buffer, secret: string, t: number): string {
  const digest = createHmac("sha256", secret).update(`${t}.`).update(body).digest("hex");
  return `t=${t},v1=${digest}`;
}
