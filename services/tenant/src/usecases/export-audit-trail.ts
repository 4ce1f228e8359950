import {
  type AskStanding,
  auditExportRequested,
  auditTrailDownloaded,
  event,
  type StandingQuestion,
} from "@greentick/contracts";
import { allow, AppError, type Call, type Clock, type Permission, systemScope, tenantScope } from "@greentick/kernel";
import { statusOf } from "../domain/api-key.js";
import { type Asker, type AuditExport, exportErrors, openExport, useExport } from "../domain/audit-export.js";
import { type ChainReader, type ExportStore, type LinkSecret } from "../ports/audit.js";
import { type ApiKeyStore } from "../ports/keys.js";

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
    const owner = { id: call.newId("auditExport"), tenantId, ancestorIds, livemode, asker: askerOf(call) };
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

const askerOf = ({ actor: { kind, id }, sessionId, grantId }: Call): Asker => ({
  kind,
  id,
  ...(sessionId !== undefined && { sessionId }),
  ...(grantId !== undefined && { grantId }),
});

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

/** Whether whoever asked for the export may still read the trail. */
export type MayStillRead = (one: AuditExport) => Promise<boolean>;

interface AskerPorts {
  readonly standing: AskStanding;
  readonly apiKeys: Pick<ApiKeyStore, "get">;
  /** System time. */
  readonly now: Clock;
}

const word: Permission = "audit:read";

/** As a call with the same credential would be judged now. */
export const mayStillRead =
  ({ standing, apiKeys, now }: AskerPorts): MayStillRead =>
  async ({ tenantId, asker: { kind, id, sessionId, grantId } }) => {
    if (kind === "api_key") {
      const key = await apiKeys.get(systemScope("audit-download"), id);
      return statusOf(key, now()) === "active" && key.scopes.includes(word);
    }
    const question: StandingQuestion =
      grantId === undefined
        ? { kind: "person", tenantId, personId: id, ...(sessionId !== undefined && { sessionId }) }
        : { kind: "grant", tenantId, grantId };
    const worth = await standing(question);
    return worth.good && worth.permissions.includes(word);
  };

export type TakeExport = (call: Call, one: AuditExport) => Promise<AuditExport>;

/**
 * Marks the download before its first byte leaves; of two that come at once one gets it, and nobody when its asker lost the right meanwhile. @throws NOT_FOUND/audit_export_over.
 */
export const takeExport =
  ({ exports, mayStillRead: may }: Pick<Ports, "exports"> & { readonly mayStillRead: MayStillRead }): TakeExport =>
  async (call, one) => {
    if (!(await may(one))) throw exportErrors.over();
    const used = useExport(one, call.systemNow());
    try {
      return await exports.save(call, used, [event(auditTrailDownloaded, { exportId: one.id })]);
    } catch (error) {
      if (error instanceof AppError && error.reason === "version_conflict") throw exportErrors.over();
      throw error;
    }
  };
