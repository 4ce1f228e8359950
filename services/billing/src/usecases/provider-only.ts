import { allow, type Call } from "@greentick/kernel";
import { cardErrors } from "../domain/card-errors.js";

/** Rate cards hold for every client, so only the provider's own people write them. @throws FORBIDDEN/staff_only. */
export function allowCards(call: Call): void {
  allow(call, "billing:write");
  if (!call.staff || call.ancestorIds.length > 0) throw cardErrors.providerOnly();
}
