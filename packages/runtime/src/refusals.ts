import { event, useCaseRefused } from "@greentick/contracts";
import { AppError, type Call, envelope, type EventEnvelope } from "@greentick/kernel";
import { type Collection } from "mongodb";
import { type Database } from "./data/database.js";
import { nudgeOutbox, outboxIndex } from "./data/outbox.js";

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
    ensureIndexes: async () => {
      await rows.createIndexes([outboxIndex]);
    },
  };
}
