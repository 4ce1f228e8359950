import { type WabaFacts } from "../ports.js";

/** The portfolio whose deliveries count together; an account of which none is known is one of its own. */
export const portfolioOf = ({ businessId, wabaId }: Pick<WabaFacts, "businessId" | "wabaId">): string =>
  businessId ?? wabaId;
