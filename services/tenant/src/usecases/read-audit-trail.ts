import { allow, type Call } from "@greentick/kernel";
import { type ChainedRecord } from "../domain/audit.js";
import { type AuditFilter, type AuditStore, type Page, type PageRequest } from "../ports.js";
import { inSight } from "./tenants-in-sight.js";

/** The trail of the caller's tenant; staff see all below theirs as well. */
export const readAuditTrail =
  ({ audit }: { readonly audit: AuditStore }) =>
  (call: Call, page: PageRequest, filter: AuditFilter): Promise<Page<ChainedRecord>> => {
    allow(call, "audit:read");
    return audit.list(inSight(call), page, filter);
  };
