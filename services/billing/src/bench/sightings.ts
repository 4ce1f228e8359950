import { createHash } from "node:crypto";
import { type TenantId } from "@greentick/kernel";
import { type Sighting } from "../domain/fact.js";

export interface BenchSender {
  readonly tenantId: TenantId;
  readonly wabaId: string;
}

const prefixes = ["55", "91", "57", "44", "49", "52", "1", "234"];
const categories = ["marketing", "utility", "authentication"];
const oneOf = <T>(values: readonly T[], number: number): T[] => values.slice(number % values.length).slice(0, 1);

/** Deliveries of new messages, numbered from `from` on, each with its pricing: one charge each. The same number gives the same message. */
export const deliveries = (
  { senders, now }: { readonly senders: readonly BenchSender[]; readonly now: Date },
  from: number,
  count: number,
): readonly Sighting[] =>
  Array.from({ length: count }, (_, place) => from + place).flatMap((number) =>
    oneOf(senders, number).map((sender) => delivery(sender, now, number)),
  );

function delivery({ tenantId, wabaId }: BenchSender, at: Date, number: number): Sighting {
  const messageKey = createHash("sha256").update(`message ${number}`).digest("base64url");
  const [[dialPrefix = ""], [category = ""]] = [oneOf(prefixes, number), oneOf(categories, number)];
  return {
    tenantId,
    ancestorIds: [],
    livemode: false,
    messageKey,
    wabaId,
    phoneNumberId: "106540352242922",
    status: "delivered",
    at,
    receivedAt: at,
    recipient: { dialPrefix },
    group: false,
    pricing: { model: "PMP", category, type: "regular" },
    webhook: { sha256: createHash("sha256").update(messageKey).digest("hex"), index: 0 },
  };
}
