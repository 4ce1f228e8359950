import { event, useCaseRefused } from "@greentick/contracts";
import { AppError, type Call, envelope, type EventEnvelope } from "@greentick/kernel";
import { type Collection } from "mongodb";
import { type Database } from "./data/database.js";
import { nudgeOutbox, outboxIndex } from "./data/outbox.js";
import { callerQuotaRules, trailQuota } from "./trail-quota.js";

interface RefusalRow {
  _id: string;
  tenantId: string;
  ancestorIds: readonly string[];
  schemaVersion: 1;
  at: Date;
  outbox: EventEnvelope[];
  /** The document is there for its events only: the relay removes it once they are on the bus. */
  carrierOnly: true;
}

type Refusal = Pick<AppError, "code" | "reason" | "details">;

export type UseCase<A extends readonly unknown[], R> = (call: Call, ...args: A) => Promise<R>;

/** A query that named an object by its id. */
export interface MissedId {
  readonly field: string;
  readonly ids: Readonly<Record<string, string>>;
  readonly refusal?: AppError;
}

/** A field that the caller may not use. */
export interface DeniedField {
  /** Of Query or Mutation its name, else with its type in front; a type alone where a reference to it was refused. */
  readonly field: string;
  readonly refusal: AppError;
}

/** Refusals of a service's use cases, as audit events. */
export interface RefusalAudit {
  /**
   * The same use case, whose refusals leave an event behind before they reach the caller. A refusal changes nothing, so when the event
   * cannot be kept the caller still gets the refusal, and the log an error.
   */
  readonly refusing: <A extends readonly unknown[], R>(action: string, useCase: UseCase<A, R>) => UseCase<A, R>;
  /**
   * Leaves the event of a refusal behind for a query by an id that names nothing in the caller's sight, whether it was refused or answered
   * null; nothing for a refusal that `refusing` has kept. It never fails.
   */
  readonly missed: (call: Call, miss: MissedId) => Promise<void>;
  /**
   * The same for a field that the caller may not use, whether its declared permission or its code refused it: once for each call and field, since a
   * list asks a field of all its items, and for each caller as far as `callerQuotaRules` go; the log says once an hour what is left out. Visitors are
   * asked for nothing but what `refusing` hears of. It never fails.
   */
  readonly denied: (call: Call, denial: DeniedField) => Promise<void>;
  readonly ensureIndexes: () => Promise<void>;
}

/** The collection of refusals; every service lists it among those its outbox relay reads. */
export const refusalCollection = "refusals";

export function auditRefusals(database: Database, service: string): RefusalAudit {
  const rows: Collection<RefusalRow> = database.db.collection(refusalCollection);
  /** Those that stand in the trail already. */
  const kept = new WeakSet<AppError>();
  const keep = async (call: Call, action: string, refusal: Refusal): Promise<void> => {
    const data = {
      action: `${service}.${action}`,
      code: refusal.code,
      refusal: refusal.reason,
      details: JSON.stringify(refusal.details),
    };
    const one = envelope(
      call,
      { type: "use_case", id: data.action, version: 1 },
      event(useCaseRefused, data, { partitionKey: call.tenantId }),
    );
    const row = {
      _id: one.id,
      tenantId: call.tenantId,
      ancestorIds: call.ancestorIds,
      schemaVersion: 1 as const,
      at: one.recordedAt,
      outbox: [one],
      carrierOnly: true as const,
    };
    await rows.insertOne(row);
    nudgeOutbox(database);
  };
  const keepIfPossible = (call: Call, action: string, refusal: Refusal): Promise<void> =>
    keep(call, action, refusal).catch((lost: unknown) => {
      call.log.error({ err: lost, action, reason: refusal.reason }, "refusal missing from the audit trail");
    });
  const hasRoom = roomFor(service);
  return {
    refusing:
      (action, useCase) =>
      async (call, ...args) => {
        try {
          return await useCase(call, ...args);
        } catch (error) {
          if (error instanceof AppError) {
            kept.add(error);
            await keepIfPossible(call, action, error);
          }
          throw error;
        }
      },
    missed: async (call, { field, ids, refusal }) => {
      if (refusal !== undefined && kept.has(refusal)) return;
      await keepIfPossible(call, field, refusal ?? { code: "NOT_FOUND", reason: "not_found", details: ids });
    },
    denied: async (call, denial) => {
      if (call.actor.kind === "visitor" || kept.has(denial.refusal)) return;
      if (hasRoom(call, denial)) await keepIfPossible(call, denial.field, denial.refusal);
    },
    ensureIndexes: async () => {
      await rows.createIndexes([outboxIndex]);
    },
  };
}

/** Whether a denial is to be kept: the first of its call, and within the quota of its caller. */
function roomFor(service: string): (call: Call, denial: DeniedField) => boolean {
  const take = trailQuota(callerQuotaRules);
  const told = new WeakMap<Call, Set<string>>();
  const isFirst = (call: Call, { field, refusal }: DeniedField): boolean => {
    const known = told.get(call) ?? new Set<string>();
    told.set(call, known);
    return known.size < known.add(`${field} ${refusal.reason}`).size;
  };
  return (call, denial) => {
    if (!isFirst(call, denial)) return false;
    const { tenantId, actor } = call;
    const action = `${service}.${denial.field}`;
    const { reason } = denial.refusal;
    const source = `${actor.kind} ${actor.id}`;
    const trailing = take({ tenantId, action, reason, source, isRateLimited: false }, call.systemNow());
    if (trailing === "left out first")
      call.log.warn(
        { action, reason, forTenantId: tenantId, actor },
        "refusals like this are left out of the audit trail until the hour ends",
      );
    return trailing === "kept";
  };
}
