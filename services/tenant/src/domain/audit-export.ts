import { type Actor, after, AppError, badInput, type Id, type TenantId } from "@greentick/kernel";

/** Who asked for an export, with what: the link is worth no more than that is when it is used. */
export interface Asker extends Actor {
  readonly sessionId?: string;
  readonly grantId?: string;
}

/** A wish to take the trail out, and the one download that it allows. */
export interface AuditExport {
  readonly id: Id<"auditExport">;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly asker: Asker;
  readonly firstSequence: number;
  /** System time after which the link is no longer good. */
  readonly expiresAt: Date;
  /** System time of the download. */
  readonly usedAt?: Date;
}

const linkMinutes = 10;

/** @throws BAD_USER_INPUT for a place before the first. */
export function openExport(
  wanted: Pick<AuditExport, "id" | "tenantId" | "ancestorIds" | "livemode" | "asker"> & {
    readonly firstSequence?: number;
  },
  now: Date,
): AuditExport {
  const { firstSequence = 1 } = wanted;
  if (!Number.isSafeInteger(firstSequence) || firstSequence < 1) throw badInput("fromSequence", "must be 1 or greater");
  return { ...wanted, version: 0, firstSequence, expiresAt: after(now, linkMinutes * 60_000) };
}

/** @throws NOT_FOUND/audit_export_over when it was used or its time is over. */
export function useExport(one: AuditExport, now: Date): AuditExport {
  if (one.usedAt !== undefined || one.expiresAt <= now) throw exportErrors.over();
  return { ...one, usedAt: now };
}

export const exportErrors = {
  over: (): AppError =>
    new AppError(
      "NOT_FOUND",
      "audit_export_over",
      "This link does not lead to an export (any more): it works once, for ten minutes, and only while whoever asked for it may read the trail. Call exportAuditTrail again.",
    ),
  beyond: (sequence: number): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "audit_sequence_unknown",
      `The trail has no record ${sequence} to follow. Begin at 1, or after the last record of an earlier export.`,
      { fromSequence: sequence + 1 },
    ),
};
