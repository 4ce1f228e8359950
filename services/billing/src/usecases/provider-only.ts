import { allow, type Call, type Permission } from "@greentick/kernel";
import { cardErrors } from "../domain/card-errors.js";

/** Rate cards hold for every client: only the provider's own people see drafts and write them. @throws FORBIDDEN/staff_only. */
export function allowCards(call: Call, word: Permission): void {
  allow(call, word);
  if (!call.staff || call.ancestorIds.length > 0) throw cardErrors.providerOnly();
}
