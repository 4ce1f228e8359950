import { createHash } from "node:crypto";
import Stripe from "stripe";
import { type SignedEventId } from "../../ports.js";

/** Stripe's own check (HMAC-SHA256 of `t.body`, 300 s), with several secrets while one is being rolled; a time in the future is refused too. */
export function stripeVerifier(secrets: readonly string[], systemNow: () => Date): SignedEventId {
  const toleranceS = 300;
  return (body, header) => {
    const stamp = /(?:^|,)t=(\d{1,12})(?:,|$)/.exec(header ?? "")?.[1];
    if (header === undefined || !isShaped(header)) return undefined;
    if (stamp === undefined || Number(stamp) > systemNow().getTime() / 1_000 + toleranceS) return undefined;
    const signed = secrets.some((secret) => isSigned(body, header, secret, systemNow().getTime()));
    return signed ? eventIdOf(body) : undefined;
  };
}

const { signature } = Stripe.webhooks;

const part = String.raw`(?:t=\d{1,12}|v1=[0-9a-f]{64}|(?!t=|v1=)\w{1,16}=[\w+/=.-]*)`;
const shape = new RegExp(`^${part}(?:,${part})*$`);

/** A time, HMACs, and schemes that are still to come: what else a stranger writes there is not handed to the library, which throws at some of it. */
const isShaped = (header: string): boolean => header.length <= 4_096 && shape.test(header);

function isSigned(body: Buffer, header: string, secret: string, nowMs: number): boolean {
  try {
    return signature?.verifyHeader(body, header, secret, 300, undefined, nowMs) === true;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return false;
    throw error;
  }
}

/** Bytes that are signed but carry no event id are kept under their hash. */
function eventIdOf(body: Buffer): string {
  const id = /"id"\s*:\s*"(evt_[A-Za-z0-9_]{1,250})"/.exec(body.subarray(0, 4_096).toString("utf8"))?.[1];
  return id ?? createHash("sha256").update(body).digest("hex");
}
