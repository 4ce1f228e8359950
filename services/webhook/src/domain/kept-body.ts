/** Who sent a webhook. */
export type Provider = "meta" | "stripe";

/** A body whose signature was right, as the door hands it to the log: nothing of it has been parsed. */
export interface Arrival {
  /** Unique key: SHA-256 of the bytes for Meta, `stripe:<event id>` for Stripe. */
  readonly key: string;
  readonly provider: Provider;
  readonly body: Buffer;
  /** System time. */
  readonly receivedAt: Date;
  readonly requestId: string;
}

/** A body in the log. `sequence` sorts by order of receipt. */
export interface KeptBody extends Arrival {
  readonly sequence: string;
  /** How often the same bytes came again. */
  readonly repeats: number;
  /** What is stored does not open with the deployment's key, which is the right one: the bytes are lost, and `body` is empty. */
  readonly damaged?: true;
}

/** Names one update of a kept body: `<key>:<index>`. */
export const updateIdOf = (key: string, index: number): string => `${key}:${String(index)}`;

/** The parts of an update's id, or undefined for a text that is none. */
export function parseUpdateId(id: string): { readonly key: string; readonly index: number } | undefined {
  const match = /^([0-9a-f]{64}|stripe:[\w-]{1,255}):(\d{1,6})$/.exec(id);
  return match === null ? undefined : { key: match[1] ?? "", index: Number(match[2]) };
}
