import { isId, permissions, type TenantId } from "@greentick/kernel";
import { z } from "zod";

/**
 * A part of an export of the ledger: what a gateway asks the billing service for on behalf of somebody who downloads it, in one process directly,
 * apart over a signed route. Parts follow each other without a gap, so that neither side holds a month in memory.
 */
export const exportQuestion = z.object({
  tenantId: z.custom<TenantId>((value) => isId("tenant", value)),
  ancestorIds: z.array(z.custom<TenantId>((value) => isId("tenant", value))),
  /** What the caller may read: cost columns are for those who may see the provider's cost. */
  permissions: z.array(z.enum(permissions)),
  what: z.enum(["statement", "entries"]),
  format: z.enum(["csv", "json"]),
  /** `2026-11`. */
  month: z.string().max(20),
  /** Where an earlier part ended. */
  after: z.string().max(64).optional(),
});
export type ExportQuestion = z.infer<typeof exportQuestion>;

export const exportAnswer = z.discriminatedUnion("ok", [
  /** `next` is absent in the last part. */
  z.object({ ok: z.literal(true), text: z.string(), next: z.string().optional() }),
  z.object({ ok: z.literal(false), code: z.string(), reason: z.string(), message: z.string() }),
]);
export type ExportAnswer = z.infer<typeof exportAnswer>;
export type AskExport = (question: ExportQuestion) => Promise<ExportAnswer>;

/** Where the billing service answers when it runs apart; only calls that a gateway has signed. */
export const exportPath = "/internal/ledger-export";
