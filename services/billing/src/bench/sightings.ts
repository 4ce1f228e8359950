import { createHash } from "node:crypto";
import { type TenantId } from "@greentick/kernel";
import { type Sighting } from "../domain/fact.js";

export interface BenchSender {
  readonly tenantId: TenantId;
  readonly wabaId: string;
}

const prefixes = ["55", "91", "57", "44", "49", "52", "1", "234"];
const categories = ["marketing", "utility", "authentication"];

/** So many deliveries of new messages, each with its pricing: one charge each. The same number gives the same message. */
export const deliveries = (
  senders: readonly BenchSender[],
  at: Date,
  from: number,
  count: number,
): readonly Sighting[] => Array.from({ length: count }, (_, place) => delivery(senders, at, from + place));

function delivery(senders: readonly BenchSender[], at: Date, number: number): Sighting {
  const sender = senders[number % senders.length] as BenchSender;
  const key = createHash("sha256").update(`message ${number}`).digest("base64url");
  return {
    tenantId: sender.tenantId,
    ancestorIds: [],
    livemode: false,
    messageKey: key,
    wabaId: sender.wabaId,
    phoneNumberId: "106540352242922",
    status: "delivered",
    at,
    receivedAt: at,
    recipient: { dialPrefix: prefixes[number % prefixes.length] as string },
    group: false,
    pricing: { model: "PMP", category: categories[number % categories.length] as string, type: "regular" },
    webhook: { sha256: createHash("sha256").update(key).digest("hex"), index: 0 },
  };
}
