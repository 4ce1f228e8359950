import { microsPerMinor } from "@greentick/kernel";

/**
 * What rounding to whole minor units left of a bucket and month, in micros. `exactMicros` is the ledger's sum of the month, the carry of the
 * month before included; `billedMinor` is the amount of the line that Stripe really made, so no rule for ties needs to be known. Positive:
 * the client still owes it; negative: it was billed too much. It goes into the next month.
 */
export const carryOf = (currency: string, exactMicros: bigint, billedMinor: bigint): bigint =>
  exactMicros - billedMinor * microsPerMinor(currency);

/**
 * Rounding alone leaves at most half a minor unit. A larger carry means usage that came too late for the invoice, or a negative month,
 * which Stripe bills as zero.
 */
export const isRounding = (currency: string, carryMicros: bigint): boolean => {
  const magnitude = carryMicros < 0n ? -carryMicros : carryMicros;
  return magnitude <= microsPerMinor(currency) / 2n + 1n;
};
