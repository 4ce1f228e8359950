import { auditExportRequested, auditTrailDownloaded, event } from "@greentick/contracts";
import { allow, AppError, type Call, systemScope, tenantScope } from "@greentick/kernel";
import { type AuditExport, exportErrors, openExport, useExport } from "../domain/audit-export.js";
import { type ChainReader, type ExportStore, type LinkSecret } from "../ports/audit.js";

export interface ExportLink {
  readonly wanted: AuditExport;
  /** `<id>.<secret>`: works once. */
  readonly word: string;
}
export type ExportAuditTrail = (call: Call, input: { readonly fromSequence?: number }) => Promise<ExportLink>;

interface Ports {
  readonly exports: ExportStore;
  readonly chains: Pick<ChainReader, "hashAt">;
  readonly secretOf: LinkSecret;
}

/** A link to the caller's own trail, for whoever has it, once and for ten minutes. With `call.idempotencyKey` a repeat gives the same link. */
export const exportAuditTrail =
  ({ exports, chains, secretOf }: Ports): ExportAuditTrail =>
  async (call, { fromSequence }) => {
    allow(call, "audit:read");
    const { tenantId, ancestorIds, livemode } = call;
    const owner = { id: call.newId("auditExport"), tenantId, ancestorIds, livemode };
    const wanted = openExport(
      { ...owner, ...(fromSequence !== undefined && { firstSequence: fromSequence }) },
      call.systemNow(),
    );
    await checkBeginning(chains, call, wanted.firstSequence);
    const { id: exportId, firstSequence, expiresAt: until } = wanted;
    const asked = event(auditExportRequested, { exportId, firstSequence, until });
    const kept = await exports.insert(call, wanted, [asked], { mutation: "exportAuditTrail", input: { fromSequence } });
    call.log.info({ exportId: kept.id }, "audit export asked for");
    return { wanted: kept, word: `${kept.id}.${secretOf(kept.id)}` };
  };

async function checkBeginning(chains: Pick<ChainReader, "hashAt">, call: Call, first: number): Promise<void> {
  if (first === 1) return;
  if ((await chains.hashAt(tenantScope(call), call.tenantId, first - 1)) === undefined)
    throw exportErrors.beyond(first - 1);
}

/** The export that the word opens; undefined for a word that opens none. */
export type FindExport = (word: string) => Promise<AuditExport | undefined>;

export const findExport =
  ({
    exports,
    isSecretOf,
  }: {
    readonly exports: ExportStore;
    readonly isSecretOf: (id: string, secret: string) => boolean;
  }): FindExport =>
  async (word) => {
    const end = word.indexOf(".");
    const id = word.slice(0, Math.max(end, 0));
    if (!isSecretOf(id, word.slice(end + 1))) return undefined;
    return exports.find(systemScope("audit-download"), id);
  };

export type TakeExport = (call: Call, one: AuditExport) => Promise<AuditExport>;

/** Marks the download before its first byte leaves; of two that come at once one gets it. @throws NOT_FOUND/audit_export_over. */
export const takeExport =
  ({ exports }: Pick<Ports, "exports">): TakeExport =>
  async (call, one) => {
    const used = useExport(one, call.systemNow());
    try {
      return await exports.save(call, used, [event(auditTrailDownloaded, { exportId: one.id })]);
    } catch (error) {
      if (error instanceof AppError && error.reason === "version_conflict") throw exportErrors.over();
      throw error;
    }
  };
